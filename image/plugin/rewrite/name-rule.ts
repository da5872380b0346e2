/** `name [exact|prefix|suffix|substring|regex] FROM TO [[answer] auto | [answer] name|value RE TO] …` */
import { CorefileError, text } from '../../corefile/errors';
import { normalizeName } from '../../corefile/zone-name';
import { checkPattern, groupCount, placeholderCount } from './expression';
import { type AnswerRule, MATCH_KINDS, type MatchKind, type NameRule } from './rules';

/** Does the replacement make do with the groups of the pattern? @throws CorefileError */
function checkPair(pattern: string, to: string): void {
  checkPattern(pattern, text.rewriteRegexp(pattern));
  if (placeholderCount(to) > groupCount(pattern)) throw new CorefileError(text.rewriteGroups(to, pattern));
}

function readPattern(part: 'name' | 'value', kind: string, words: readonly string[]): AnswerRule {
  if (words.length < 2) throw new CorefileError(text.rewriteAnswerTwo(part, kind));
  const [pattern, to] = words;
  try {
    checkPair(pattern, to);
  } catch (error) {
    throw error instanceof CorefileError
      ? new CorefileError(text.rewriteAnswerWrong(part, kind, error.message))
      : error;
  }
  return { part, pattern, to: normalizeName(to) };
}

function readAnswers(kind: string, words: readonly string[]): Pick<NameRule, 'auto' | 'answers'> {
  if (words.length < 2) throw new CorefileError(text.rewriteAnswerFew(kind));
  if (words[0] !== 'answer') throw new CorefileError(text.rewriteAnswerMany(kind));
  const answers: AnswerRule[] = [];
  let auto = false;
  for (let at = 0; at < words.length; ) {
    if (words[at] === 'answer') at++;
    if (at === words.length) throw new CorefileError(text.rewriteAnswerNothing(kind));
    const part = words[at++];
    if (part === 'auto') {
      auto = true;
      continue;
    }
    if (part !== 'name' && part !== 'value') throw new CorefileError(text.rewriteAnswerType(part, kind));
    answers.push(readPattern(part, kind, words.slice(at, at + 2)));
    at += 2;
  }
  if (auto && answers.some(({ part }) => part === 'name')) throw new CorefileError(text.rewriteAutoName);
  return { auto, answers };
}

/** The kind that a word names; undefined for another word. */
export function matchKind(word: string): MatchKind | undefined {
  return MATCH_KINDS.find((kind) => kind === word.toLowerCase());
}

/**
 * Reads what stands behind `name`. Everything but a regular expression is taken for names: in lower case with a final
 * dot, so `prefix foo` means a first label `foo`.
 * @throws CorefileError
 * @source coredns plugin/rewrite/name.go newNameRule, parseAnswerRules at v1.13.2
 */
export function readNameRule(words: readonly string[]): NameRule {
  if (words.length < 2) throw new CorefileError(text.rewriteNameFew);
  const hasKind = words.length > 2;
  const word = hasKind ? words[0].toLowerCase() : 'exact';
  const kind = matchKind(word);
  const [from, to] = hasKind ? words.slice(1, 3) : words;
  const { auto, answers } = words.length > 3 ? readAnswers(word, words.slice(3)) : { auto: false, answers: [] };
  if (kind === undefined) throw new CorefileError(text.rewriteNameKind(word));
  if (kind === 'regex') {
    checkPair(from, to);
    return { kind: 'name', match: { kind, from }, to: normalizeName(to), auto, answers };
  }
  const rule = { match: { kind, from: normalizeName(from) }, to: normalizeName(to) };
  // CoreDNS reads TO as an expression here, which refuses names such as `*.example.org`.
  if (kind === 'exact') checkPair(rule.to, rule.match.from);
  return { kind: 'name', ...rule, auto: auto || kind === 'exact', answers };
}
