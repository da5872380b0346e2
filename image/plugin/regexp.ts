/** Regular expressions of a Corefile: RE2 syntax, checked at start, compiled again where they run. */
import { RE2JS } from 're2js';
import { CorefileError, text } from '../corefile/errors';
import { REGEXP_CHARACTERS_MAX } from '../limits';

/** What is told apart: quoted text, a class, an escape, the beginning of a named group, anything else. */
const PIECES =
  /\\Q(?:[^\\]|\\(?!E))*(?:\\E)?|\[\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]|\\[\s\S]|\(\?P?<(?<name>\w+)>|[\s\S]/gu;

/** Expressions that Go takes and RE2JS does not, by their text: without the names that come again. */
function withoutRepeatedNames(pattern: string): string {
  const pieces = [...pattern.matchAll(PIECES)];
  const seen = new Set<string>();
  // From the end: of groups of one name the last one counts, as in what CoreDNS makes of SubexpNames.
  for (let index = pieces.length - 1; index >= 0; index--) {
    const name = pieces[index].groups?.name;
    if (name === undefined) continue;
    if (seen.has(name)) pieces[index][0] = '(';
    seen.add(name);
  }
  return pieces.map(([piece]) => piece).join('');
}

/**
 * Compile a checked expression. Of groups of one name only the last one has it; numbers of groups are as written.
 * @throws an error with Go's words; for a checked expression never
 */
export function compileRegexp(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const plain = withoutRepeatedNames(pattern);
    if (plain === pattern) throw error;
    return RE2JS.compile(plain);
  }
}

/**
 * Check an expression; the plan carries its text because compiled ones do not cross to a worker.
 * @returns `pattern`
 * @throws CorefileError with Go's words, e.g. ``error parsing regexp: missing closing ): `(` ``
 */
export function checkRegexp(pattern: string): string {
  if (pattern.length > REGEXP_CHARACTERS_MAX) {
    throw new CorefileError(text.regexpLong(pattern.length, REGEXP_CHARACTERS_MAX));
  }
  try {
    compileRegexp(pattern);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    // Go quotes what it complains of, also when that is nothing.
    throw new CorefileError(words.endsWith('at end of expression') ? `${words}: \`\`` : words);
  }
  return pattern;
}
