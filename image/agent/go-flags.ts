/**
 * Command lines as Go's `flag` package reads them: `-x V`, `-x=V`, `--x` alike; a boolean takes a value only after `=`;
 * reading stops at the first argument that is no flag, or after `--`.
 * @source Go package flag: parseOne, PrintDefaults
 */
import { quote } from '../corefile/go-quote';

/** One flag, declared once: read by the parser, the usage text, tests and documents. */
export interface FlagDefinition {
  readonly kind: 'string' | 'bool' | 'duration';
  /** As it would be typed. */
  readonly default: string;
  /** One sentence. */
  readonly usage: string;
  /** Another name for the same setting: whichever comes last counts, and its value is found under this name. */
  readonly alias?: string;
}

/** Flags by name. */
export type FlagTable = Readonly<Record<string, FlagDefinition>>;

/** What a command line says. Values are texts as typed; a boolean is `true` or `false`. */
export interface FlagValues {
  readonly values: ReadonlyMap<string, string>;
  /** Names that the command line gave, as opposed to defaults. */
  readonly given: ReadonlySet<string>;
  /** Arguments after the flags. */
  readonly rest: readonly string[];
}

/** A command line that Go would refuse; the message is Go's. `help` for -h and -help, which end with 0. */
export class FlagError extends Error {
  readonly help: boolean;
  constructor(message: string, help = false) {
    super(message);
    this.help = help;
  }
}

const TRUTHS: Readonly<Record<string, boolean>> = {
  '1': true,
  t: true,
  T: true,
  true: true,
  TRUE: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  false: false,
  FALSE: false,
  False: false,
};

/**
 * @param parameters the command line without program name
 * @throws FlagError
 */
export function parseFlags(table: FlagTable, parameters: readonly string[]): FlagValues {
  const values = new Map(Object.entries(table).map(([name, flag]) => [name, flag.default]));
  const given = new Set<string>();
  let index = 0;
  while (index < parameters.length) {
    const parameter = parameters[index];
    if (!parameter.startsWith('-') || parameter === '-') break;
    index++;
    if (parameter === '--') break;
    const { name, value } = splitFlag(parameter);
    const flag = Object.hasOwn(table, name) ? table[name] : undefined;
    if (flag === undefined) throw unknownFlag(name);
    const setting = flag.alias ?? name;
    if (flag.kind === 'bool') {
      values.set(setting, readBoolean(name, value ?? 'true'));
    } else if (value !== undefined) {
      values.set(setting, value);
    } else {
      if (index === parameters.length) throw new FlagError(`flag needs an argument: -${name}`);
      values.set(setting, parameters[index++]);
    }
    given.add(setting);
  }
  return { values, given, rest: parameters.slice(index) };
}

/** The usage text: names sorted, defaults that are not empty or false in brackets. @param program as it was called */
export function usageText(program: string, table: FlagTable): string {
  let text = `Usage of ${program}:\n`;
  for (const name of Object.keys(table).sort()) {
    const flag = table[name];
    const title = flag.kind === 'bool' ? `  -${name}` : `  -${name} ${flag.kind}`;
    text += title + (title.length <= 4 ? '\t' : '\n    \t') + flag.usage + shownDefault(flag) + '\n';
  }
  return text;
}

function shownDefault(flag: FlagDefinition): string {
  if (flag.default === '' || flag.default === 'false') return '';
  return flag.kind === 'string' ? ` (default ${JSON.stringify(flag.default)})` : ` (default ${flag.default})`;
}

/** `--name=value` to its parts; value undefined when there is no `=`. */
function splitFlag(parameter: string): { name: string; value: string | undefined } {
  const body = parameter.slice(parameter.startsWith('--') ? 2 : 1);
  if (body === '' || body.startsWith('-') || body.startsWith('=')) throw new FlagError(`bad flag syntax: ${parameter}`);
  const equals = body.indexOf('=');
  return equals < 0 ? { name: body, value: undefined } : { name: body.slice(0, equals), value: body.slice(equals + 1) };
}

function unknownFlag(name: string): FlagError {
  if (name === 'h' || name === 'help') return new FlagError('', true);
  return new FlagError(`flag provided but not defined: -${name}`);
}

function readBoolean(name: string, text: string): string {
  if (!Object.hasOwn(TRUTHS, text))
    throw new FlagError(`invalid boolean value ${quote(text)} for -${name}: parse error`);
  return String(TRUTHS[text]);
}
