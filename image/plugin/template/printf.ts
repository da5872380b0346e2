/** Go's fmt.Sprintf for what templates have: text, integers and truth values. @source Go fmt documentation */
import { printed, typeName, type Value } from './functions';

/** Wider than any label or text of a record. */
const WIDTH_MAX = 255;

const VERB = /%([-+# 0]*)([0-9]{0,3})(?:\.([0-9]{0,3}))?(.)/gsu;

function integer(value: bigint, verb: string, flags: string): string | undefined {
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const size = value < 0n ? -value : value;
  const prefix = (text: string) => (flags.includes('#') ? text : '');
  if (verb === 'd' || verb === 'v') return sign + size.toString();
  if (verb === 'x') return sign + prefix('0x') + size.toString(16);
  if (verb === 'X') return sign + prefix('0X') + size.toString(16).toUpperCase();
  if (verb === 'o') return sign + prefix('0') + size.toString(8);
  if (verb === 'b') return sign + prefix('0b') + size.toString(2);
  if (verb === 'c' && size <= 0x10ffffn) return String.fromCodePoint(Number(size));
  return undefined;
}

function word(value: string, verb: string, precision: number | undefined): string | undefined {
  const shown = precision === undefined ? value : [...value].slice(0, precision).join('');
  if (verb === 's' || verb === 'v') return shown;
  if (verb === 'q') return JSON.stringify(shown);
  if (verb === 'x') return Buffer.from(shown).toString('hex');
  return verb === 'X' ? Buffer.from(shown).toString('hex').toUpperCase() : undefined;
}

function one(value: Value, verb: string, flags: string, precision: number | undefined): string | undefined {
  if (typeof value === 'bigint') return integer(value, verb, flags);
  if (typeof value === 'string') return word(value, verb, precision);
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? String(value) : undefined;
  return verb === 'v' || verb === 's' ? printed(value) : undefined;
}

function padded(text: string, width: number, flags: string, isNumber: boolean): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !isNumber) return text.padStart(width, flags.includes('0') ? '0' : ' ');
  const [, sign, digits] = /^([-+ ]?)(.*)$/s.exec(text)!;
  return sign + digits.padStart(width - sign.length, '0');
}

/** Does a format ask for nothing but what {@link sprintf} has? Others are refused at load. */
export function formatIsKnown(format: string): boolean {
  return [...format.matchAll(VERB)].every(([, , , , verb]) => !'*[eEfFgGpTU'.includes(verb));
}

/** Format as Go does, its complaints about wrong verbs and counts included. */
export function sprintf(format: string, given: readonly Value[]): string {
  let next = 0;
  const out = format.replace(VERB, (_, flags: string, width: string, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= given.length) return `%!${verb}(MISSING)`;
    const value = given[next++];
    const shown = one(value, verb, flags, precision === undefined ? undefined : Number(precision));
    if (shown === undefined) return `%!${verb}(${typeName(value)}=${printed(value)})`;
    return padded(shown, Math.min(Number(width), WIDTH_MAX), flags, typeof value === 'bigint');
  });
  if (next >= given.length) return out;
  const extra = given.slice(next).map((value) => `${typeName(value)}=${printed(value)}`);
  return `${out}%!(EXTRA ${extra.join(', ')})`;
}
