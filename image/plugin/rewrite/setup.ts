/** `rewrite [continue|stop] FIELD …` or `rewrite [continue|stop] { FIELD … }` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { classByName, typeByName } from '../../wire/codes';
import { readEdnsRule } from './edns-rule';
import { readCnameRule, readRcodeRule, readTtlRule } from './match-rule';
import { readNameRule } from './name-rule';
import type { NumberRule, RewriteRule } from './rules';

/** What `rewrite` says. */
export interface RewriteOptions {
  /** In file order. */
  readonly rules: readonly RewriteRule[];
}

type Rule<R = RewriteRule> = R extends RewriteRule ? Omit<R, 'continues'> : never;

function readNumberRule(kind: 'type' | 'class', [fromName, toName]: readonly string[]): NumberRule {
  const [from, to] = [fromName, toName].map((name) => {
    const number = kind === 'type' ? typeByName(name.toUpperCase()) : classByName(name.toUpperCase());
    if (number === undefined) throw new CorefileError(text.rewriteNumber(kind, name.toUpperCase()));
    return number;
  });
  return { kind, from, to };
}

function readField(field: string, words: readonly string[], first: string): Rule {
  switch (field) {
    case 'answer':
      throw new CorefileError(text.rewriteAnswerFirst);
    case 'name':
      return readNameRule(words);
    case 'class':
    case 'type':
      if (words.length !== 2) throw new CorefileError(text.rewriteTwo(field));
      return readNumberRule(field, words);
    case 'edns0':
      return readEdnsRule(words);
    case 'ttl':
      return readTtlRule(words);
    case 'cname':
      return readCnameRule(words);
    case 'rcode':
      return readRcodeRule(words);
    default:
      throw new CorefileError(text.rewriteField(first));
  }
}

function readRule(words: readonly string[]): RewriteRule {
  if (words.length === 0) throw new CorefileError(text.rewriteNothing);
  const first = words[0].toLowerCase();
  if (first !== 'continue' && first !== 'stop') {
    return { ...readField(first, words.slice(1), words[0]), continues: false } as RewriteRule;
  }
  if (words.length < 2) throw new CorefileError(text.rewriteMode(first));
  const rule = readField(words[1].toLowerCase(), words.slice(2), words[0]);
  return { ...rule, continues: first === 'continue' } as RewriteRule;
}

/**
 * Reads `rewrite`; several are tried in file order. All words of a block make one rule, and a block counts only behind
 * fewer than two words, as in CoreDNS.
 * @throws CorefileError
 * @source coredns plugin/rewrite/setup.go, rewrite.go newRule at v1.13.2
 */
export function setup(controller: Controller): RewriteOptions {
  const rules: RewriteRule[] = [];
  while (controller.next()) {
    const words = controller.remainingArguments();
    if (words.length < 2) while (controller.nextBlock()) words.push(controller.value);
    rules.push(readRule(words));
  }
  return { rules };
}
