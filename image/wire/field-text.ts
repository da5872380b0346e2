/** The fields that record data is made of, each with a way from words to octets and back (RFC 1035 §5.1). */
import { addressToText, textToAddress } from './address-text';
import { nameToText, textToName } from './name-text';
import { octetsToText, type Token, tokenOctets } from './record-token';
import { serviceParameters, serviceParametersText } from './service-text';

/** What a field says about a word: its octets, or what is wrong with it. */
export type Octets = readonly number[] | Uint8Array | string;

/** One kind of field. */
export interface Field {
  /** What a user should write, for messages. */
  readonly wanted: string;
  /** Takes all words that are left, not one. */
  readonly takesAll?: boolean;
  /** Octets of a word, or the reason why not; `rest` are all words that are left, the first being `token`. */
  parse(token: Token, rest: readonly Token[]): Octets;
  /** Text of the field at `at` and the index behind it; undefined when the octets end before it does. */
  print(data: Uint8Array, at: number): readonly [string, number] | undefined;
}

/** Units of a TTL in a zone file, in seconds. */
const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/**
 * Seconds of a TTL as zone files have it: `300`, `1h30m`.
 * @returns undefined when it is not one or is above 4294967295
 */
export function ttlSeconds(text: string): number | undefined {
  if (/^\d{1,10}$/.test(text)) return Number(text) <= 0xffffffff ? Number(text) : undefined;
  if (!/^(\d{1,10}[smhdw])+$/i.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([a-z])/gi))
    sum += Number(count) * UNIT_SECONDS[unit.toLowerCase()];
  return sum <= 0xffffffff ? sum : undefined;
}

/** The octets of a whole number, most significant first. */
function bigEndian(value: number, size: number): number[] {
  return Array.from({ length: size }, (_, index) => Math.floor(value / 2 ** (8 * (size - 1 - index))) % 256);
}

/** A whole number of 1, 2 or 4 octets; with units when it is a time. */
function whole(size: 1 | 2 | 4, isTime = false): Field {
  const max = 2 ** (8 * size) - 1;
  const wanted = isTime ? 'seconds, or a time such as 1h30m' : `a whole number from 0 to ${max}`;
  return {
    wanted,
    parse({ text }) {
      const value = isTime ? ttlSeconds(text) : /^\d{1,10}$/.test(text) ? Number(text) : undefined;
      return value !== undefined && value <= max ? bigEndian(value, size) : `'${text}' is not ${wanted}`;
    },
    print(data, at) {
      if (at + size > data.length) return undefined;
      let value = 0;
      for (let index = at; index < at + size; index++) value = value * 256 + data[index];
      return [String(value), at + size];
    },
  };
}

/** An address of 4 or 16 octets. */
function address(size: 4 | 16): Field {
  const wanted = size === 4 ? 'an IPv4 address' : 'an IPv6 address';
  return {
    wanted,
    parse({ text }) {
      const octets = textToAddress(text);
      return octets?.length === size ? octets : `'${text}' is not ${wanted}`;
    },
    print: (data, at) =>
      at + size <= data.length ? [addressToText(data.subarray(at, at + size)), at + size] : undefined,
  };
}

/** A name, absolute with or without the final dot; `@` is the root, the only origin a single record has. */
const NAME: Field = {
  wanted: 'a domain name',
  parse: ({ text, quoted }) =>
    (text === '@' && !quoted ? Uint8Array.of(0) : textToName(text)) ??
    `'${text}' is not a domain name: labels have 1 to 63 octets, the whole 255 at most`,
  print(data, at) {
    let end = at;
    while (end < data.length && data[end] !== 0) end += 1 + data[end];
    return end < data.length ? [nameToText(data, at), end + 1] : undefined;
  },
};

/** The octets of a character-string, length in front. */
function stringOctets({ text }: Token): Octets {
  const octets = tokenOctets(text);
  if (octets === undefined) return `'${text}' has an escape that is no octet; write \\000 to \\255`;
  if (octets.length > 255) return `a string of ${octets.length} octets is over 255; cut it into several`;
  return [octets.length, ...octets];
}

/** A character-string, printed in quotes. */
const STRING: Field = {
  wanted: 'a string',
  parse: stringOctets,
  print(data, at) {
    const end = at + 1 + data[at];
    return at < data.length && end <= data.length ? [octetsToText(data.subarray(at + 1, end)), end] : undefined;
  },
};

/** A character-string of letters and digits, printed without quotes: the tag of CAA (RFC 8659 §4.1.1). */
const TAG: Field = {
  wanted: 'a tag of letters and digits',
  parse: (token) => (/^[A-Za-z0-9]+$/.test(token.text) ? stringOctets(token) : `'${token.text}' is not a tag`),
  print(data, at) {
    const end = at + 1 + data[at];
    if (at >= data.length || end > data.length) return undefined;
    return [octetsToText(data.subarray(at + 1, end)).slice(1, -1), end];
  },
};

/** One or more character-strings to the end. */
const STRINGS: Field = {
  wanted: 'one string or more',
  takesAll: true,
  parse(_, rest) {
    const sum: number[] = [];
    for (const token of rest) {
      const octets = stringOctets(token);
      if (typeof octets === 'string') return octets;
      sum.push(...octets);
    }
    return sum;
  },
  print(data, at) {
    const texts: string[] = [];
    for (let from = at; from < data.length; ) {
      const printed = STRING.print(data, from);
      if (printed === undefined) return undefined;
      texts.push(printed[0]);
      from = printed[1];
    }
    return [texts.join(' '), data.length];
  },
};

/** Octets to the end without a length, written as one string: the value of CAA. */
const OCTETS: Field = {
  wanted: 'a string',
  parse: ({ text }) => tokenOctets(text) ?? `'${text}' has an escape that is no octet; write \\000 to \\255`,
  print: (data, at) => [octetsToText(data.subarray(at)), data.length],
};

/** Parameters of SVCB and HTTPS; there may be none. */
const PARAMETERS: Field = {
  wanted: 'parameters such as alpn=h2,h3',
  takesAll: true,
  parse: (_, rest) => serviceParameters(rest.map(({ text }) => text)),
  print(data, at) {
    const text = serviceParametersText(data.subarray(at));
    return text === undefined ? undefined : [text, data.length];
  },
};

/** The kinds of fields by name. */
export const Fields = {
  ADDRESS4: address(4),
  ADDRESS6: address(16),
  NAME,
  NUMBER8: whole(1),
  NUMBER16: whole(2),
  NUMBER32: whole(4),
  SECONDS: whole(4, true),
  STRING,
  STRINGS,
  TAG,
  OCTETS,
  PARAMETERS,
} as const;
