/** Regular expressions of rewrite rules, and what takes the place of what they find. */
import type { RE2JS } from 're2js';
import { CorefileError } from '../../corefile/errors';
import { REGEXP_CHARACTERS_MAX } from '../../limits';
import { checkRegexp, compileRegexp } from '../regexp';

/** CoreDNS counts `{0}` … `{100}`. */
const PLACEHOLDERS_MAX = 100;

/**
 * Check an expression; one that is too long is refused with its length, whatever `refusal` says.
 * @throws CorefileError with the message `refusal`
 */
export function checkPattern(pattern: string, refusal: string): string {
  try {
    return checkRegexp(pattern);
  } catch (error) {
    if (!(error instanceof CorefileError) || pattern.length > REGEXP_CHARACTERS_MAX) throw error;
    throw new CorefileError(refusal);
  }
}

/** Groups of a checked expression. */
export function groupCount(pattern: string): number {
  return compileRegexp(pattern).groupCount();
}

/** How many different placeholders `{N}` a replacement has. */
export function placeholderCount(replacement: string): number {
  let count = 0;
  for (let group = 0; group <= PLACEHOLDERS_MAX; group++) if (replacement.includes(`{${group}}`)) count++;
  return count;
}

/** Finds and replaces. */
export class Expression {
  private readonly compiled: RE2JS;
  private readonly to: string;

  /** @param pattern checked @param to with `{0}` … for groups */
  constructor(pattern: string, to: string) {
    this.compiled = compileRegexp(pattern);
    this.to = to;
  }

  /** Is the expression found in the text? */
  isIn(source: string): boolean {
    return this.compiled.matcher(source).find();
  }

  /**
   * The replacement for a text with its groups filled in: it takes the place of all of the text, not of what was found.
   * @returns undefined when the expression is not found
   */
  replace(source: string): string | undefined {
    const matcher = this.compiled.matcher(source);
    if (!matcher.find()) return undefined;
    let replaced = this.to;
    for (let group = 0; group <= matcher.groupCount(); group++) {
      replaced = replaced.replaceAll(`{${group}}`, () => matcher.group(group) ?? '');
    }
    return replaced;
  }
}
