/** The functions of Go's text/template that record texts use, with its errors. @source Go text/template/funcs.go */
import type { FunctionName } from './expression';
import { sprintf } from './printf';

/** What an expression may be worth. Integers are bigints: parseInt reads 64 bits. */
export type Value =
  | string
  /** What a map does not have: printed `<no value>`, not true. */
  | null
  | bigint
  | boolean
  | readonly Value[]
  | { readonly [name: string]: Value }
  /** A method, such as .Meta; undefined for arguments it does not take. */
  | ((...given: Value[]) => Value | undefined);

type Result =
  | { readonly value: Value; readonly error?: undefined }
  /** `ofName`: Go names the function alone as the place, and not the whole command. */
  | { readonly value?: undefined; readonly error: string; readonly ofName?: true };

const failed = (name: string, what: string): Result => ({ error: `error calling ${name}: ${what}` });

/** Is it a map of Go? Those have a null prototype; things with fields have the fields they have. */
export function isMap(value: Value): value is { readonly [name: string]: Value } {
  return value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === null;
}

/** Go's truth: neither empty nor zero. */
export function isTrue(value: Value): boolean {
  if (value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isMap(value)) return Object.keys(value).length > 0;
  return typeof value === 'object' || value instanceof Function || Boolean(value);
}

/** As Go's fmt prints it with %v. */
export function printed(value: Value): string {
  if (value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const keys = isMap(value) ? Object.keys(value).sort() : Object.keys(value);
  const record = value as Readonly<Record<string, Value>>;
  if (isMap(value)) return `map[${keys.map((key) => `${key}:${printed(record[key])}`).join(' ')}]`;
  return `{${keys.map((key) => printed(record[key])).join(' ')}}`;
}

/** Operands next to each other are separated by a blank when neither is text. @source Go fmt.Sprint */
function print(given: readonly Value[]): string {
  let out = '';
  given.forEach((value, index) => {
    const apart = index > 0 && typeof value !== 'string' && typeof given[index - 1] !== 'string';
    out += (apart ? ' ' : '') + printed(value);
  });
  return out;
}

/** Go's name of a value's type. */
export function typeName(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]string' : 'map[string]string';
}

function kindOf(value: Value): 'string' | 'int' | 'bool' | undefined {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'bigint') return 'int';
  return typeof value === 'boolean' ? 'bool' : undefined;
}

function equal(name: string, [first, ...others]: readonly Value[]): Result {
  if (others.length === 0) return failed(name, 'missing argument for comparison');
  for (const other of others) {
    const [left, right] = [kindOf(first), kindOf(other)];
    if (left === undefined || right === undefined) {
      return failed(name, `non-comparable type ${printed(first)}: ${typeName(first)}`);
    }
    if (left !== right) {
      return failed(name, `incompatible types for comparison: ${typeName(first)} and ${typeName(other)}`);
    }
    if (first === other) return { value: name === 'eq' };
  }
  return { value: name !== 'eq' };
}

const ORDERS: Readonly<Record<string, (left: string | bigint, right: string | bigint) => boolean>> = {
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
};

function compare(name: string, [left, right]: readonly Value[]): Result {
  const kinds = [kindOf(left), kindOf(right)];
  if (kinds.includes('bool') || kinds.includes(undefined)) return failed(name, 'invalid type for comparison');
  if (kinds[0] !== kinds[1]) {
    return failed(name, `incompatible types for comparison: ${typeName(left)} and ${typeName(right)}`);
  }
  return { value: ORDERS[name](left as string | bigint, right as string | bigint) };
}

function element(of: Value, index: Value): Result {
  if (Array.isArray(of)) {
    if (typeof index !== 'bigint') return failed('index', `cannot index slice/array with type ${typeName(index)}`);
    if (index < 0n || index >= BigInt(of.length)) return failed('index', `index out of range: ${index}`);
    return { value: of[Number(index)] as Value };
  }
  if (typeof of === 'string') {
    const octets = Buffer.from(of);
    if (typeof index !== 'bigint') return failed('index', `cannot index slice/array with type ${typeName(index)}`);
    if (index < 0n || index >= BigInt(octets.length)) return failed('index', `index out of range: ${index}`);
    return { value: BigInt(octets[Number(index)]) };
  }
  if (!isMap(of)) {
    return failed('index', `can't index item of type ${typeName(of)}`);
  }
  if (typeof index !== 'string') return failed('index', 'value has type int; should be string');
  return { value: Object.hasOwn(of, index) ? of[index] : '' };
}

function indexed([of, ...indexes]: readonly Value[]): Result {
  let result: Result = { value: of };
  for (const index of indexes) {
    result = element(result.value, index);
    if (result.error !== undefined) return result;
  }
  return result;
}

function sliced([of, ...bounds]: readonly Value[]): Result {
  if (bounds.length > 3) return failed('slice', `too many slice indexes: ${bounds.length}`);
  if (typeof of !== 'string' && !Array.isArray(of)) return failed('slice', `can't slice item of type ${typeName(of)}`);
  if (bounds.length > 2) return failed('slice', 'cannot 3-index slice a string');
  const items = typeof of === 'string' ? Buffer.from(of) : of;
  const limits = [0n, BigInt(items.length)];
  for (const [position, bound] of bounds.entries()) {
    if (typeof bound !== 'bigint') return failed('slice', `cannot index slice/array with type ${typeName(bound)}`);
    if (bound < 0n || bound > BigInt(items.length)) return failed('slice', `index out of range: ${bound}`);
    limits[position] = bound;
  }
  if (limits[0] > limits[1]) return failed('slice', `invalid slice index: ${limits[0]} > ${limits[1]}`);
  const [from, to] = limits.map(Number);
  return { value: typeof of === 'string' ? Buffer.from(of).toString('utf8', from, to) : of.slice(from, to) };
}

function length([of]: readonly Value[]): Result {
  if (typeof of === 'string') return { value: BigInt(Buffer.byteLength(of)) };
  if (Array.isArray(of)) return { value: BigInt(of.length) };
  return isMap(of) ? { value: BigInt(Object.keys(of).length) } : failed('len', `len of type ${typeName(of)}`);
}

/** A number that says its base itself: 0x1f, 0o17, 017, 0b11, and 1_000. */
function prefixed(digits: string, bits: bigint, bad: (why: string) => Result): Result {
  const [, prefix = '', rest] = /^(0[xXoObB](?=_?.)|0(?=.))?(.*)$/s.exec(digits)!;
  const base = { x: 16n, o: 8n, b: 2n }[prefix.slice(1).toLowerCase()] ?? (prefix === '0' ? 8n : 10n);
  if (/__|_$/.test(rest) || (prefix === '' && rest.startsWith('_'))) return bad('invalid syntax');
  const result = parseInteger([rest.replaceAll('_', ''), base, bits]);
  if (result.error === undefined) return result;
  return bad(/value out of range$/.test(result.error) ? 'value out of range' : 'invalid syntax');
}

/** strconv.ParseUint, which CoreDNS calls parseInt. */
function parseInteger([digits, base, bits]: readonly Value[]): Result {
  if (typeof digits !== 'string' || typeof base !== 'bigint' || typeof bits !== 'bigint') {
    const wrong = typeof digits === 'string' ? (typeof base === 'bigint' ? bits : base) : digits;
    const expected = wrong === digits ? 'string' : 'integer';
    return { error: `expected ${expected}; found ${printed(wrong)}` };
  }
  const bad = (why: string) => failed('parseInt', `strconv.ParseUint: parsing ${JSON.stringify(digits)}: ${why}`);
  if (digits === '') return bad('invalid syntax');
  if (base === 0n && bits >= 0n && bits <= 64n) return prefixed(digits, bits, bad);
  if (base < 2n || base > 36n) return bad(`invalid base ${base}`);
  if (bits < 0n || bits > 64n) return bad(`invalid bit size ${bits}`);
  let value = 0n;
  for (const digit of digits.toLowerCase()) {
    const worth = /^[0-9a-z]$/.test(digit) ? BigInt(Number.parseInt(digit, 36)) : base;
    if (worth >= base) return bad('invalid syntax');
    if (value < 1n << 64n) value = value * base + worth;
  }
  return value >= 1n << (bits === 0n ? 64n : bits) ? bad('value out of range') : { value };
}

/** How many arguments each takes; and and or are worked out where they stand. */
const ARGUMENTS: Readonly<Record<FunctionName, readonly [least: number, most: number]>> = {
  ...{ and: [1, 64], or: [1, 64], not: [1, 1], eq: [1, 64], ne: [2, 2] },
  ...{ lt: [2, 2], le: [2, 2], gt: [2, 2], ge: [2, 2], len: [1, 1], index: [1, 64], slice: [1, 64] },
  ...{ print: [0, 64], printf: [1, 64], println: [0, 64], parseInt: [3, 3] },
};

/** Go's words for a wrong number of arguments. */
export function wanted(name: FunctionName, given: number): string {
  const [least, most] = ARGUMENTS[name];
  return `wrong number of args for ${name}: want ${least === most ? '' : 'at least '}${least} got ${given}`;
}

/** Work a function out. @returns its value, or Go's error without its place */
export function callFunction(name: FunctionName, given: readonly Value[]): Result {
  const [least, most] = ARGUMENTS[name];
  if (given.length < least || given.length > most) {
    return { error: wanted(name, given.length), ofName: true };
  }
  switch (name) {
    case 'not':
      return { value: !isTrue(given[0]) };
    case 'eq':
    case 'ne':
      return equal(name, given);
    case 'len':
      return length(given);
    case 'index':
      return indexed(given);
    case 'slice':
      return sliced(given);
    case 'print':
      return { value: print(given) };
    case 'println':
      return { value: `${given.map(printed).join(' ')}\n` };
    case 'printf':
      return typeof given[0] === 'string'
        ? { value: sprintf(given[0], given.slice(1)) }
        : { error: `expected string; found ${printed(given[0])}` };
    case 'parseInt':
      return parseInteger(given);
    default:
      return compare(name, given);
  }
}
