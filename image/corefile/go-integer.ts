/** Decimal numbers as Go's strconv reads them, with its error texts. */
import { CorefileError, text } from './errors';

const INT64_MAX = 2n ** 63n - 1n;

/** The number in `value`, or undefined when it is none; for places where a word may be a number or something else. */
export function integerOrNothing(value: string): number | undefined {
  if (!/^[+-]?[0-9]+$/.test(value)) return undefined;
  const number = BigInt(value.replace(/^\+/, ''));
  return number > INT64_MAX || number < -INT64_MAX - 1n ? undefined : Number(number);
}

/**
 * A signed whole number of 64 bits; beyond 2^53 it loses its last digits.
 * @throws CorefileError `strconv.Atoi: parsing "abc": invalid syntax` or `… value out of range`
 * @source Go strconv.Atoi
 */
export function parseInteger(value: string): number {
  const number = integerOrNothing(value);
  if (number !== undefined) return number;
  throw new CorefileError(text.atoi(value, /^[+-]?[0-9]+$/.test(value) ? 'value out of range' : 'invalid syntax'));
}

/**
 * A whole number from 0 to 2^bits-1.
 * @throws CorefileError `strconv.ParseUint: parsing "-1": invalid syntax` or `… value out of range`
 * @source Go strconv.ParseUint with base 10
 */
export function parseUint(value: string, bits: 16 | 32): number {
  if (!/^[0-9]+$/.test(value)) throw new CorefileError(text.parseUint(value, 'invalid syntax'));
  if (BigInt(value) >= 1n << BigInt(bits)) throw new CorefileError(text.parseUint(value, 'value out of range'));
  return Number(value);
}

/** {@link parseUint} of 32 bits. */
export function parseUint32(value: string): number {
  return parseUint(value, 32);
}
