/** What a command is: its words, its flags, and what it does with the world outside. */
import { FlagError, type FlagTable, parseFlags } from '../agent/go-flags';

/** Everything a command does to the world outside; tests bring their own. */
export interface CommandWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** To stdout. */
  write(text: string): void;
  /** To stderr. */
  complain(text: string): void;
  /** Is stdout a terminal? And how large is it now? */
  readonly isTerminal: boolean;
  size(): { readonly columns: number; readonly rows: number };
  /** Keys that are pressed and signals that end; `''` when the window changed. @returns how to end it */
  keys(listener: (key: string) => void): () => void;
  /** A file's text, `-` is stdin. @throws NodeJS.ErrnoException */
  readFile(path: string): string;
}

/** What was typed behind the command's name. */
export interface CommandLine {
  readonly values: ReadonlyMap<string, string>;
  readonly given: ReadonlySet<string>;
  /** Words that are no flags, in order. */
  readonly words: readonly string[];
}

/** One command. */
export interface Command {
  readonly name: string;
  /** What is typed behind it: `NAME [TYPE] [@SERVER] [+tcp]`. */
  readonly synopsis: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  readonly flags: FlagTable;
  /** Lines for its own help, behind the flags: exit codes, examples. */
  readonly notes: readonly string[];
  /** @returns exit code @throws UsageError */
  run(line: CommandLine, world: CommandWorld): Promise<number> | number;
}

/** A command line that cannot be meant; ends with EXIT_USAGE. */
export class UsageError extends Error {}

/** Exit codes that all commands share. */
export const EXIT_OK = 0;
export const EXIT_USAGE = 2; // As Go's flag package has it.

/** Flags of every command that talks to a running process. */
export const CONTROL_FLAGS = {
  control: { kind: 'string', default: '', usage: 'Socket of the running process; looked for in /run, /tmp, /etc.' },
  conf: { kind: 'string', default: '', usage: 'The Corefile of the running process: its socket may be beside it.' },
} as const satisfies FlagTable;

/** Flags may stand anywhere, other than in Go. @throws FlagError in Go's words */
export function readCommandWords(table: FlagTable, parameters: readonly string[]): CommandLine {
  const values = new Map<string, string>();
  const given = new Set<string>();
  const words: string[] = [];
  let rest = parameters;
  do {
    const flags = parseFlags(table, rest);
    for (const [name, value] of flags.values) if (!values.has(name) || flags.given.has(name)) values.set(name, value);
    for (const name of flags.given) given.add(name);
    words.push(...flags.rest.slice(0, 1));
    rest = flags.rest.slice(1);
  } while (rest.length > 0);
  return { values, given, words };
}

export { FlagError };
