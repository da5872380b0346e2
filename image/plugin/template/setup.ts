/** `template CLASS TYPE [ZONES…] { match …; answer …; additional …; authority …; rcode …; fallthrough … }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { parseUint } from '../../corefile/go-integer';
import { classByName, rcodeByName, typeByName } from '../../wire/codes';
import { checkRegexp } from '../regexp';
import { fallthroughZones, zonesOrBlock } from '../zones';
import { parseTemplateText, type TemplateText } from './text';

/** One `template`. */
export interface TemplateRule {
  /** Class the question must have; 255 (ANY) on either side fits everything. */
  readonly class: number;
  /** Type the question must have; 255 (ANY) on either side fits everything. */
  readonly type: number;
  /** Names at or below these are considered, normalized. @default the block's zones */
  readonly zones: readonly string[];
  /** RE2 expressions searched in the lower-case name; the first hit counts. @default .* */
  readonly match: readonly string[];
  /** Records of the answer, each in zone-file form once its pieces are joined. */
  readonly answer: readonly TemplateText[];
  readonly additional: readonly TemplateText[];
  readonly authority: readonly TemplateText[];
  /** @default 0, NOERROR */
  readonly rcode: number;
  /** RFC 8914; -1 for none. */
  readonly extendedError: number;
  readonly extendedErrorText: string;
  /** Zones whose names go on when no expression matches, normalized. @default none: SERVFAIL */
  readonly fallthrough: readonly string[];
}

/** What `template` says. */
export interface TemplateOptions {
  /** In file order; the first that fits answers. */
  readonly rules: readonly TemplateRule[];
}

type RuleDraft = Draft<TemplateRule>;
const SECTIONS = ['answer', 'additional', 'authority'] as const;
const MANY = Number.POSITIVE_INFINITY;

function readRegexps(controller: Controller): string[] {
  return controller.arguments(1, MANY).map((pattern) => {
    try {
      return checkRegexp(pattern);
    } catch (error) {
      throw error instanceof CorefileError ? controller.error(text.templateRegexp(pattern, error.message)) : error;
    }
  });
}

function readTexts(section: string, controller: Controller): TemplateText[] {
  return controller.arguments(1, MANY).map((source) => {
    try {
      return parseTemplateText(section, source);
    } catch (error) {
      throw error instanceof CorefileError
        ? controller.error(text.templateText(controller.value, error.message))
        : error;
    }
  });
}

function readRcode(controller: Controller): number {
  const name = controller.argument();
  const rcode = rcodeByName(name);
  if (rcode === undefined) throw controller.error(text.templateRcode(name));
  return rcode;
}

/** `ederror CODE [TEXT]` */
function readExtendedError(rule: RuleDraft, controller: Controller): void {
  const [code, reason] = controller.arguments(1, 2);
  try {
    rule.extendedError = parseUint(code, 16);
  } catch (error) {
    throw error instanceof CorefileError
      ? controller.error(text.templateExtendedError(controller.value, error.message))
      : error;
  }
  rule.extendedErrorText = reason ?? '';
}

function readOption(rule: RuleDraft, controller: Controller): void {
  const name = controller.value;
  const section = SECTIONS.find((candidate) => candidate === name);
  if (section !== undefined) rule[section] = [...rule[section], ...readTexts(section, controller)];
  else if (name === 'match') rule.match = [...rule.match, ...readRegexps(controller)];
  else if (name === 'rcode') rule.rcode = readRcode(controller);
  else if (name === 'fallthrough') rule.fallthrough = fallthroughZones(controller.remainingArguments());
  else if (name === 'upstream')
    controller.remainingArguments(); // Means nothing any more, in CoreDNS too.
  else if (name === 'ederror') readExtendedError(rule, controller);
  else throw controller.argumentError();
}

function readRule(controller: Controller): TemplateRule {
  const className = controller.argument();
  const recordClass = classByName(className);
  if (recordClass === undefined) throw controller.error(text.templateClass(className));
  const typeName = controller.argument();
  const type = typeByName(typeName);
  if (type === undefined) throw controller.error(text.templateType(typeName));
  const rule: RuleDraft = {
    class: recordClass,
    type,
    zones: zonesOrBlock(controller.remainingArguments(), controller),
    match: [],
    answer: [],
    additional: [],
    authority: [],
    rcode: 0,
    extendedError: -1,
    extendedErrorText: '',
    fallthrough: [],
  };
  while (controller.nextBlock()) readOption(rule, controller);
  if (rule.match.length === 0) rule.match = ['.*'];
  return rule;
}

/**
 * Reads `template`; several are tried in file order.
 * @throws CorefileError
 * @source coredns plugin/template/setup.go at v1.13.2
 */
export function setup(controller: Controller): TemplateOptions {
  const rules: TemplateRule[] = [];
  while (controller.next()) rules.push(readRule(controller));
  return { rules };
}
