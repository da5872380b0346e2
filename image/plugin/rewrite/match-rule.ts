/** `ttl`, `rcode` and `cname`: rules that say which names they are for, and what becomes of the answer. */
import { CorefileError, text } from '../../corefile/errors';
import { parseUint32 } from '../../corefile/go-integer';
import { normalizeName } from '../../corefile/zone-name';
import { rcodeByName } from '../../wire/codes';
import { checkRegexp } from '../regexp';
import { checkPattern } from './expression';
import { matchKind } from './name-rule';
import type { CnameRule, NameMatch, RcodeRule, TtlRule } from './rules';

/** Upper end of `MIN-`. */
const TTL_SECONDS_MAX = 2 ** 31 - 1;
/** Largest response code that may be written as a number. */
const RCODE_MAX = 23;

/** `[KIND] NAME` in front of the last words. */
function readMatch(what: 'ttl' | 'rcode', words: readonly string[]): NameMatch {
  if (words.length === 1) return { kind: 'exact', from: normalizeName(words[0]) };
  const kind = matchKind(words[0]);
  if (kind === undefined) throw new CorefileError(text.rewriteMatchKind(what));
  if (kind !== 'regex') return { kind, from: normalizeName(words[1]) };
  return { kind, from: checkPattern(words[1], text.rewriteMatchRegexp(what, words[1])) };
}

function uint32(word: string): number | undefined {
  try {
    return parseUint32(word);
  } catch {
    return undefined;
  }
}

/** `N`, `MIN-MAX`, `-MAX` or `MIN-`; undefined for anything else. */
function readRange(word: string): readonly [number, number] | undefined {
  const ends = word.split('-');
  if (ends.length > 2 || word === '-') return undefined;
  const min = ends.length === 2 && ends[0] === '' ? 0 : uint32(ends[0]);
  const max = ends.length === 1 ? min : ends[1] === '' ? TTL_SECONDS_MAX : uint32(ends[1]);
  return min === undefined || max === undefined || min > max ? undefined : [min, max];
}

/**
 * Reads what stands behind `ttl`.
 * @throws CorefileError
 * @source coredns plugin/rewrite/ttl.go at v1.13.2
 */
export function readTtlRule(words: readonly string[]): TtlRule {
  if (words.length < 2) throw new CorefileError(text.rewriteMatchFew('ttl', words.length));
  const word = words.length <= 3 ? words[words.length - 1] : '';
  const range = readRange(word);
  if (range === undefined) throw new CorefileError(text.rewriteTtl(word));
  const match = readMatch('ttl', words.slice(0, -1));
  return { kind: 'ttl', match, minSeconds: range[0], maxSeconds: range[1] };
}

function readRcode(word: string): number | undefined {
  const number = uint32(word);
  return number !== undefined && number <= RCODE_MAX ? number : rcodeByName(word.toUpperCase());
}

/**
 * Reads what stands behind `rcode`.
 * @throws CorefileError
 * @source coredns plugin/rewrite/rcode.go at v1.13.2
 */
export function readRcodeRule(words: readonly string[]): RcodeRule {
  if (words.length < 3) throw new CorefileError(text.rewriteMatchFew('rcode', words.length));
  const [fromWord, toWord] = words.length <= 4 ? words.slice(-2) : ['', ''];
  const from = readRcode(fromWord);
  if (from === undefined) throw new CorefileError(text.rewriteRcode('matching', fromWord));
  const to = readRcode(toWord);
  if (to === undefined) throw new CorefileError(text.rewriteRcode('replacement', toWord));
  return { kind: 'rcode', match: readMatch('rcode', words.slice(0, -2)), from, to };
}

/**
 * Reads what stands behind `cname`. Names get no final dot here: one without it is equal to no target.
 * @throws CorefileError
 * @source coredns plugin/rewrite/cname_target.go newCNAMERule at v1.13.2
 */
export function readCnameRule(words: readonly string[]): CnameRule {
  if (words.length < 2 || words.length > 3) throw new CorefileError(text.rewriteMatchFew('cname', words.length));
  const kind = words.length === 2 ? 'exact' : matchKind(words[0]);
  if (kind === undefined) throw new CorefileError(text.rewriteCnameKind(words[0].toLowerCase()));
  const [from, to] = words.slice(-2).map((word) => word.toLowerCase());
  if (kind === 'regex') checkRegexpOfCname(from);
  return { kind: 'cname', match: { kind, from }, to };
}

/** The one place where CoreDNS says what is wrong with an expression. */
function checkRegexpOfCname(pattern: string): void {
  try {
    checkRegexp(pattern);
  } catch (error) {
    throw error instanceof CorefileError ? new CorefileError(text.rewriteCnameRegexp(error.message)) : error;
  }
}
