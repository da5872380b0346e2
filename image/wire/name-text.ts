/**
 * Names as people write them (RFC 1035 §5.1): labels and dots, `\.` for a dot inside a label, `\DDD` for any octet.
 * For settings, logs and tests; allocates, so not for the hot path.
 */
import { assert } from '../assert';
import { LABEL_BYTES_MAX, NAME_BYTES_MAX } from '../limits';

const DOT = 0x2e;
const BACKSLASH = 0x5c;
/**
 * Octets that miekg/dns puts a backslash before when it prints a name; operators' regexes were written against that.
 */
const SPECIAL = new Set(Buffer.from('. \'@;()"\\'));

/** One octet of a name as miekg/dns prints it. */
function octetText(byte: number): string {
  if (SPECIAL.has(byte)) return '\\' + String.fromCharCode(byte);
  if (byte < 0x20 || byte > 0x7e) return '\\' + String(byte).padStart(3, '0');
  return String.fromCharCode(byte);
}

/**
 * Text of an uncompressed, well-formed name (a key, or what expandName wrote): `www.Example.org.`, `.` for the root.
 * @param offset index of the first length octet
 */
export function nameToText(bytes: Uint8Array, offset: number): string {
  assert(offset >= 0 && offset < bytes.length);
  let text = '';
  let at = offset;
  while (bytes[at] !== 0) {
    const labelEnd = at + 1 + bytes[at];
    assert(bytes[at] <= LABEL_BYTES_MAX && labelEnd < bytes.length && labelEnd - offset < NAME_BYTES_MAX);
    for (at += 1; at < labelEnd; at++) text += octetText(bytes[at]);
    text += '.';
  }
  return text === '' ? '.' : text;
}

/** Value of the three digits of `\DDD` at `at`, or -1 when they are not digits or exceed 255. */
function decimalOctet(source: Uint8Array, at: number): number {
  if (at + 3 > source.length) return -1;
  let value = 0;
  for (let index = at; index < at + 3; index++) {
    if (source[index] < 0x30 || source[index] > 0x39) return -1;
    value = value * 10 + source[index] - 0x30;
  }
  return value <= 255 ? value : -1;
}

/**
 * A name in presentation form as wire octets, case kept. The final dot may be missing; the name is absolute either way.
 * @param text octets are its UTF-8; `\DDD` and `\X` stand for one octet
 * @returns 1..255 octets with the root label, owned by the caller; undefined when the text is not a name: empty, an
 *   empty label, a label over 63 or a name over 255 octets, an escape cut short or above 255
 */
export function textToName(text: string): Uint8Array | undefined {
  if (text === '.') return Uint8Array.of(0);
  const source = Buffer.from(text, 'utf8');
  const name: number[] = [0]; // The length octet of the label being read; set when it ends.
  let labelStart = 0;
  for (let at = 0; at < source.length; at++) {
    let byte = source[at];
    if (byte === DOT) {
      const labelBytes = name.length - labelStart - 1;
      if (labelBytes === 0 || labelBytes > LABEL_BYTES_MAX) return undefined;
      name[labelStart] = labelBytes;
      labelStart = name.length;
      name.push(0);
      continue;
    }
    if (byte === BACKSLASH) {
      at += 1;
      if (at >= source.length) return undefined;
      byte = source[at];
      if (byte >= 0x30 && byte <= 0x39) {
        byte = decimalOctet(source, at);
        if (byte < 0) return undefined;
        at += 2;
      }
    }
    name.push(byte);
  }
  const labelBytes = name.length - labelStart - 1;
  if (labelBytes > LABEL_BYTES_MAX || name.length === 1) return undefined;
  if (labelBytes > 0) {
    name[labelStart] = labelBytes;
    name.push(0);
  }
  return name.length <= NAME_BYTES_MAX ? Uint8Array.from(name) : undefined;
}

/** The text with a final dot: `a.b` becomes `a.b.`; a dot that a backslash escapes does not count as final. */
export function fqdn(text: string): string {
  const escapes = /(\\*)\.$/.exec(text);
  return escapes !== null && escapes[1].length % 2 === 0 ? text : text + '.';
}
