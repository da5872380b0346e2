/**
 * What rules do with a question, and what they then want of the answer.
 * @source coredns plugin/rewrite/rewrite.go, name.go at v1.13.2
 */
import type { HandlerContext } from '../../chain/context';
import type { Query } from '../../chain/query';
import { nameToText } from '../../wire/name-text';
import type { AnswerChange } from './answer';
import { Draft } from './draft';
import { changeOptions } from './edns-change';
import { Expression } from './expression';
import { type NameChange, nameChange, nameTest } from './name-test';
import type { NameRule, RewriteRule } from './rules';

/** What became of a question. */
export interface Rewritten {
  /** The request as it goes on; undefined when it is as it was. */
  readonly draft: Draft | undefined;
  /** In the order of the rules. */
  readonly changes: AnswerChange[];
  /** A rule without `continue` applied. */
  readonly stopped: boolean;
  /** What a rule has made of the name and is none; '' when all is well. */
  readonly wrongName: string;
}

/** A question while rules are tried. */
class Subject {
  readonly query: Query;
  readonly context: HandlerContext;
  readonly changes: AnswerChange[] = [];
  wrongName = '';
  private changed: Draft | undefined = undefined;

  constructor(query: Query, context: HandlerContext) {
    this.query = query;
    this.context = context;
  }

  get name(): string {
    return this.changed?.nameText ?? this.query.name;
  }

  get type(): number {
    return this.changed?.type ?? this.query.view.type;
  }

  get class(): number {
    return this.changed?.class ?? this.query.view.class;
  }

  /** The request to change. */
  get draft(): Draft {
    this.changed ??= new Draft(this.query);
    return this.changed;
  }

  /** Undefined when nothing was changed. */
  get draftIfChanged(): Draft | undefined {
    return this.changed;
  }
}

/** Tries a rule. @returns whether it applied */
type Applier = (subject: Subject) => boolean;

/** Back from a name, and from all names below it. */
function remap(from: string, to: string): NameChange {
  const below = `.${from}`;
  return (name) => {
    if (name === from) return to;
    return name.endsWith(below) ? name.slice(0, name.length - from.length) + to : undefined;
  };
}

/** What a `name` rule wants of every answer. */
function fixedChanges({ match, to, auto, answers }: NameRule): AnswerChange[] {
  const given = answers.map(({ part, pattern, to }): AnswerChange => {
    const expression = new Expression(pattern, to);
    return { kind: part, change: (name) => expression.replace(name) };
  });
  if (!auto || match.kind !== 'suffix') return given;
  const back = nameChange({ kind: 'suffix', from: to }, match.from);
  return [{ kind: 'name', change: back }, { kind: 'value', change: back }, ...given];
}

function nameApplier(rule: NameRule): Applier {
  const change = nameChange(rule.match, rule.to);
  const fixed = fixedChanges(rule);
  const remaps = rule.auto && rule.match.kind !== 'suffix';
  return (subject) => {
    const asked = subject.name;
    const renamed = change(asked);
    if (renamed === undefined) return false;
    if (!subject.draft.rename(renamed)) subject.wrongName = renamed;
    if (remaps) {
      const back = remap(nameToText(subject.draft.name, 0), asked);
      subject.changes.push({ kind: 'name', change: back }, { kind: 'value', change: back });
    }
    subject.changes.push(...fixed);
    return true;
  };
}

function applier(rule: RewriteRule): Applier {
  switch (rule.kind) {
    case 'name':
      return nameApplier(rule);
    case 'type':
    case 'class': {
      const { kind, from, to } = rule;
      return (subject) => {
        if (from === 0 || to === 0 || subject[kind] !== from) return false;
        subject.draft[kind] = to;
        return true;
      };
    }
    case 'ttl':
    case 'rcode': {
      const isFor = nameTest(rule.match);
      return (subject) => isFor(subject.name) && subject.changes.push(rule) > 0;
    }
    case 'cname': {
      const change: AnswerChange = { kind: 'cname', change: nameChange(rule.match, rule.to) };
      return (subject) => rule.match.from !== '' && rule.to !== '' && subject.changes.push(change) > 0;
    }
    case 'edns0':
      return (subject) => {
        const { applied, revert } = changeOptions(rule, subject.draft, subject.context);
        if (revert !== undefined) subject.changes.push({ kind: 'option', revert });
        return applied;
      };
  }
}

/** The rules of a block, ready to run. */
export class QuestionRules {
  private readonly rules: readonly { readonly apply: Applier; readonly continues: boolean }[];

  constructor(rules: readonly RewriteRule[]) {
    this.rules = rules.map((rule) => ({ apply: applier(rule), continues: rule.continues }));
  }

  /** Try the rules in order, each on what those before it made. @returns undefined when none applied */
  rewrite(query: Query, context: HandlerContext): Rewritten | undefined {
    const subject = new Subject(query, context);
    let stopped = false;
    for (const { apply, continues } of this.rules) {
      if (!apply(subject)) continue;
      stopped = !continues;
      if (stopped || subject.wrongName !== '') break;
    }
    const { changes, wrongName, draftIfChanged: draft } = subject;
    if (draft === undefined && changes.length === 0 && !stopped) return undefined;
    return { draft, changes, stopped, wrongName };
  }
}
