/** Does a template fit a question? */
import type { Matcher, RE2JS } from 're2js';
import type { Query } from '../../chain/query';
import { Class, classByName, classText, Type, typeByName, typeText } from '../../wire/codes';
import { compileRegexp } from '../regexp';
import { ZoneList } from '../zone-list';
import type { TemplateFacts } from './data';
import type { TemplateRule } from './setup';

/** The expression of a template without `match`. Tried without the engine: it matches every name. */
const EVERYTHING = '.*';

interface Expression {
  readonly source: string;
  /** Undefined for {@link EVERYTHING}. */
  readonly compiled: RE2JS | undefined;
  readonly groups: Readonly<Record<string, number>>;
}

function compile(source: string): Expression {
  if (source === EVERYTHING) return { source, compiled: undefined, groups: {} };
  const compiled = compileRegexp(source);
  return { source, compiled, groups: compiled.namedGroups() };
}

function groupsOf(matcher: Matcher): string[] {
  return Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index) ?? '');
}

/** Go leaves the text of a number without a name empty, here and in the labels of the metrics. */
function typeWord(type: number): string {
  return typeByName(typeText(type)) === type ? typeText(type) : '';
}

function classWord(dnsClass: number): string {
  return classByName(classText(dnsClass)) === dnsClass ? classText(dnsClass) : '';
}

export class CompiledRule {
  readonly rule: TemplateRule;
  private readonly zones: ZoneList;
  private readonly fallthrough: ZoneList;
  private readonly expressions: readonly Expression[];

  constructor(rule: TemplateRule) {
    this.rule = rule;
    this.zones = new ZoneList(rule.zones);
    this.fallthrough = new ZoneList(rule.fallthrough);
    this.expressions = rule.match.map(compile);
  }

  /** The rule's zone for the question, when class and type fit; '' when the next rule is to be asked. ANY fits all. */
  zone({ name, view }: Query): string {
    const { rule } = this;
    if (rule.class !== Class.ANY && view.class !== Class.ANY && rule.class !== view.class) return '';
    if (rule.type !== Type.ANY && view.type !== Type.ANY && rule.type !== view.type) return '';
    return this.zones.find(name);
  }

  /** Does a name that no expression matches go on? */
  passes(name: string): boolean {
    return this.fallthrough.find(name) !== '';
  }

  /** Try the expressions on the lower-case name; the first hit counts. */
  match({ name, view }: Query, zone: string, remote: string): TemplateFacts | undefined {
    for (const { source, compiled, groups } of this.expressions) {
      const matcher = compiled?.matcher(name);
      if (matcher !== undefined && !matcher.find()) continue;
      return {
        name,
        zone,
        remote,
        regex: source,
        class: classWord(view.class === Class.ANY ? this.rule.class : view.class),
        type: typeWord(view.type === Type.ANY ? this.rule.type : view.type),
        match: matcher === undefined ? [name] : groupsOf(matcher),
        groups,
      };
    }
    return undefined;
  }
}
