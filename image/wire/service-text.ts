/** Parameters of SVCB and HTTPS records as text and as octets (RFC 9460 §2, Appendix A). */
import { assert } from '../assert';
import { addressToText, textToAddress } from './address-text';
import { octetsToText, tokenOctets } from './record-token';

/** Keys by number (RFC 9460 §14.3.2, RFC 9461 for dohpath). */
const KEYS = ['mandatory', 'alpn', 'no-default-alpn', 'port', 'ipv4hint', 'ech', 'ipv6hint', 'dohpath'];
const [MANDATORY, ALPN, NO_DEFAULT_ALPN, PORT, IPV4_HINT, ECH, IPV6_HINT] = KEYS.keys();
/** Reserved as "invalid key". */
const KEY_INVALID = 65535;

/** Number of a key by its name or as `key123`; undefined when it is neither. */
function keyNumber(name: string): number | undefined {
  const known = KEYS.indexOf(name);
  if (known >= 0) return known;
  const generic = /^key(0|[1-9]\d{0,4})$/.exec(name);
  return generic !== null && Number(generic[1]) < KEY_INVALID ? Number(generic[1]) : undefined;
}

function number16(value: number): number[] {
  return [value >>> 8, value & 0xff];
}

/** Octets of a comma-separated list of IP addresses of one size; undefined when one is not. */
function addresses(text: string, addressBytes: number): number[] | undefined {
  const list = text.split(',').map(textToAddress);
  return list.every((address) => address?.length === addressBytes) ? list.flatMap((one) => [...one!]) : undefined;
}

/** Octets of a value; undefined when it is not one for its key. Escaped commas in alpn are not read. */
function valueOctets(key: number, text: string): number[] | undefined {
  if (key === MANDATORY) {
    const keys = text.split(',').map(keyNumber);
    if (keys.some((one) => one === undefined || one === MANDATORY) || new Set(keys).size !== keys.length)
      return undefined;
    return (keys as number[]).sort((left, right) => left - right).flatMap(number16);
  }
  if (key === ALPN) {
    const ids = text.split(',').map(tokenOctets);
    const isValid = ids.every((id) => id !== undefined && id.length >= 1 && id.length <= 255);
    return isValid ? ids.flatMap((id) => [id!.length, ...id!]) : undefined;
  }
  if (key === NO_DEFAULT_ALPN) return text === '' ? [] : undefined;
  if (key === PORT) return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? number16(Number(text)) : undefined;
  if (key === IPV4_HINT) return addresses(text, 4);
  if (key === IPV6_HINT) return addresses(text, 16);
  if (key === ECH) {
    const isBase64 = /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
    return isBase64 ? [...Buffer.from(text, 'base64')] : undefined;
  }
  const octets = tokenOctets(text);
  return octets && [...octets];
}

/**
 * Octets of parameters given as words `key=value` or `key`, sorted by key as RFC 9460 §2.2 wants.
 * @returns the octets, or what is wrong, as the end of a sentence that names the record
 */
export function serviceParameters(words: readonly string[]): number[] | string {
  const parameters = new Map<number, number[]>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    const key = keyNumber(name);
    if (key === undefined) return `parameter '${name}' is not known; use one of ${KEYS.join(', ')} or keyNUMBER`;
    if (parameters.has(key)) return `parameter '${name}' is given twice; keep one`;
    const value = valueOctets(key, equals < 0 ? '' : word.slice(equals + 1));
    if (value === undefined) return `parameter '${word}' has a value that '${name}' cannot have`;
    parameters.set(key, value);
  }
  const mandatory = parameters.get(MANDATORY) ?? [];
  for (let index = 0; index < mandatory.length; index += 2) {
    const key = (mandatory[index] << 8) | mandatory[index + 1];
    if (!parameters.has(key)) return `parameter '${KEYS[key] ?? 'key' + key}' is mandatory but not given`;
  }
  const sorted = [...parameters].sort(([left], [right]) => left - right);
  return sorted.flatMap(([key, value]) => [...number16(key), ...number16(value.length), ...value]);
}

/** Text of a value, without the key. */
function valueText(key: number, value: Uint8Array): string {
  const pieces: string[] = [];
  if (key === PORT && value.length === 2) return `"${(value[0] << 8) | value[1]}"`;
  if (key === ECH) return `"${Buffer.from(value).toString('base64')}"`;
  if (key === MANDATORY && value.length % 2 === 0) {
    for (let at = 0; at < value.length; at += 2) {
      const number = (value[at] << 8) | value[at + 1];
      pieces.push(KEYS[number] ?? 'key' + number);
    }
    return `"${pieces.join(',')}"`;
  }
  if (key === ALPN) {
    for (let at = 0; at < value.length; at += 1 + value[at]) {
      pieces.push(octetsToText(value.subarray(at + 1, at + 1 + value[at])).slice(1, -1));
    }
    return `"${pieces.join(',')}"`;
  }
  const addressBytes = key === IPV4_HINT ? 4 : key === IPV6_HINT ? 16 : 0;
  if (addressBytes === 0 || value.length % addressBytes !== 0) return octetsToText(value);
  for (let at = 0; at < value.length; at += addressBytes) {
    pieces.push(addressToText(value.subarray(at, at + addressBytes)));
  }
  return `"${pieces.join(',')}"`;
}

/**
 * Text of parameters, `key="value"` with a space between.
 * @returns undefined when the octets are not a list of parameters
 */
export function serviceParametersText(octets: Uint8Array): string | undefined {
  const words: string[] = [];
  let at = 0;
  while (at < octets.length) {
    if (at + 4 > octets.length) return undefined;
    const key = (octets[at] << 8) | octets[at + 1];
    const valueBytes = (octets[at + 2] << 8) | octets[at + 3];
    at += 4;
    if (at + valueBytes > octets.length) return undefined;
    const name = KEYS[key] ?? 'key' + key;
    words.push(valueBytes === 0 ? name : name + '=' + valueText(key, octets.subarray(at, at + valueBytes)));
    at += valueBytes;
  }
  assert(at === octets.length);
  return words.join(' ');
}
