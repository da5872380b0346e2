/**
 * Corefiles of which a real server's verdict is recorded. In all texts `FOLDER` stands for the directory of the
 * Corefile, which is the working directory too.
 */

/** A Corefile and the machine it meets. */
export interface Case {
  readonly corefile: string;
  /** Other files by their path in FOLDER; a path that ends in `/` is an empty directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** What a server makes of a Corefile. */
export interface Verdict {
  readonly accepted: boolean;
  /** Accepted: the lines it prints at start, warnings included, without the version. Refused: its message. */
  readonly says: string;
}

/** A case with its verdict, as the recordings hold them. */
export interface Recording extends Verdict {
  readonly title: string;
}

/** Port of keys that name none. */
export const DNS_PORT = 24553;

/** Cases as they are written down: a text alone is a Corefile on a machine without anything. */
export type Written = string | Case;

/** Unlike each other, so that a case is known by it. */
export function titleOf(written: Written): string {
  return JSON.stringify(written);
}

/** Text or case to case. */
export function caseOf(written: Written): Case {
  return typeof written === 'string' ? { corefile: written } : written;
}

/** Lines of a server block for the root zone; the first is line 2 of the Corefile. */
export function block(...lines: readonly string[]): string {
  return `. {\n${lines.join('\n')}\n}\n`;
}

/** Servers start in any order: one line per zone, with its warning before it, sorted. */
export function sortedBanner(banner: string): string {
  return (banner.match(/(?:Warning: [^\n]*\n)?[^\n]*\n/g) ?? []).sort().join('');
}

/** Blocks of these lines. */
export const lines = (...bodies: string[]): string[] => bodies.map((body) => block(body));

/** Blocks of `head` with each of these lines between its braces. */
export const each = (head: string, inside: readonly string[]): string[] =>
  inside.map((line) => block(`${head} {`, line, '}'));
