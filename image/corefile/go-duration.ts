/** Durations as Go reads and prints them: `1h2m3.5s`. They are nanoseconds in a bigint, as in Go an int64. */
import { CorefileError } from './errors';

const MICROSECOND = 1_000n;
const MILLISECOND = 1_000_000n;
/** A second in nanoseconds. */
export const SECOND = 1_000_000_000n;
/** A minute in nanoseconds. */
export const MINUTE = 60n * SECOND;
/** An hour in nanoseconds. */
export const HOUR = 60n * MINUTE;

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', MICROSECOND],
  ['\u00b5s', MICROSECOND], // Micro sign.
  ['\u03bcs', MICROSECOND], // Greek letter mu.
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
]);

const DURATION_MAX = 2n ** 63n - 1n;

/** The quotes of Go's time package: plainer than `%q`, each byte that is not printable ASCII as `\xHH`. */
function quoteBytes(value: string): string {
  let quoted = '';
  for (const byte of Buffer.from(value, 'utf8')) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    else quoted += character === '"' || character === '\\' ? `\\${character}` : character;
  }
  return `"${quoted}"`;
}

const failure = (value: string) => new CorefileError(`time: invalid duration ${quoteBytes(value)}`);

/** One `NUMBER UNIT` of a duration in nanoseconds. */
function part(whole: string, fraction: string, unit: string, value: string): bigint {
  if (unit === '') throw new CorefileError(`time: missing unit in duration ${quoteBytes(value)}`);
  const size = UNITS.get(unit);
  if (size === undefined) {
    throw new CorefileError(`time: unknown unit ${quoteBytes(unit)} in duration ${quoteBytes(value)}`);
  }
  const digits = fraction.slice(0, 18); // More digits than a nanosecond of an hour has.
  const scale = 10n ** BigInt(digits.length);
  return BigInt(whole || '0') * size + (BigInt(digits || '0') * size) / scale;
}

/**
 * Nanoseconds in a duration such as `1h30m`, `-1.5s`, `0`.
 * @throws CorefileError `time: invalid duration "foo"`, `time: missing unit in duration "30"`, `time: unknown unit …`
 * @source Go time.ParseDuration
 */
export function parseDuration(value: string): bigint {
  const negative = value.startsWith('-');
  let rest = /^[+-]/.test(value) ? value.slice(1) : value;
  if (rest === '0') return 0n;
  if (rest === '') throw failure(value);
  let sum = 0n;
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?([^.0-9]*)/.exec(rest);
    const [all, whole, fraction = '', unit] = match as RegExpExecArray;
    if (whole === '' && fraction === '') throw failure(value);
    sum += part(whole, fraction, unit, value);
    if (sum > DURATION_MAX + (negative ? 1n : 0n)) throw failure(value);
    rest = rest.slice(all.length);
  }
  return negative ? -sum : sum;
}

/** `amount` of `unit` with as many decimals as it needs. */
function decimal(amount: bigint, unit: bigint, name: string): string {
  const digits = String(unit).length - 1;
  const fraction =
    digits === 0
      ? ''
      : String(amount % unit)
          .padStart(digits, '0')
          .replace(/0+$/, '');
  return `${amount / unit}${fraction === '' ? '' : '.'}${fraction}${name}`;
}

/** A duration as Go prints it: `5m0s`, `1.5s`, `200ms`, `0s`. @source Go time.Duration.String */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`;
  if (nanoseconds < MICROSECOND) return decimal(nanoseconds, 1n, 'ns');
  if (nanoseconds < MILLISECOND) return decimal(nanoseconds, MICROSECOND, '\u00b5s');
  if (nanoseconds < SECOND) return decimal(nanoseconds, MILLISECOND, 'ms');
  const seconds = decimal(nanoseconds % MINUTE, SECOND, 's');
  if (nanoseconds < MINUTE) return seconds;
  const minutes = `${(nanoseconds % HOUR) / MINUTE}m${seconds}`;
  return nanoseconds < HOUR ? minutes : `${nanoseconds / HOUR}h${minutes}`;
}

/** Whole milliseconds, rounded up so that a short time does not become none. */
export function toMilliseconds(nanoseconds: bigint): number {
  return Math.ceil(Number(nanoseconds) / 1e6);
}
