/** Regular expressions of a Corefile: RE2 syntax, checked at start, compiled again where they run. */
import { RE2JS } from 're2js';
import { CorefileError, text } from '../corefile/errors';
import { REGEXP_CHARACTERS_MAX } from '../limits';

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
    RE2JS.compile(pattern);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    // Go quotes what it complains of, also when that is nothing.
    throw new CorefileError(words.endsWith('at end of expression') ? `${words}: \`\`` : words);
  }
  return pattern;
}
