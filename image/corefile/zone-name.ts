/** Domain names in text form, as a Corefile has them. */
import { NAME_BYTES_MAX } from '../limits';

const LABEL_BYTES_MAX = 63; // RFC 1035 §2.3.4.

/** Does the name end in a dot that is not escaped? */
function endsInDot(name: string): boolean {
  if (!name.endsWith('.')) return false;
  const backslashes = /\\*$/.exec(name.slice(0, -1))?.[0].length ?? 0;
  return backslashes % 2 === 0;
}

/** The name with its final dot. */
export function fullyQualified(name: string): string {
  return endsInDot(name) ? name : `${name}.`;
}

/** ASCII letters in lower case; DNS knows no other letters (RFC 4343 §3). */
export function lowerCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Lower case with a final dot: the form in which names are compared.
 * @source coredns plugin/normalize.go Name.Normalize
 */
export function normalizeName(name: string): string {
  return lowerCase(fullyQualified(name));
}

/**
 * Could `name` be sent in a DNS message? Any octet may stand in a label; only lengths, dots and escapes are checked.
 * @source RFC 1035 §2.3.4; miekg/dns IsDomainName
 */
export function isDomainName(name: string): boolean {
  if (name === '') return false;
  if (name === '.') return true;
  const bytes = Buffer.from(fullyQualified(name), 'utf8');
  let nameBytes = 1; // The root label.
  let labelBytes = 0;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] === 0x2e) {
      if (labelBytes === 0 || labelBytes > LABEL_BYTES_MAX) return false;
      nameBytes += labelBytes + 1;
      labelBytes = 0;
      continue;
    }
    if (bytes[index] === 0x5c) {
      // An escape: `\DDD` up to 255, or a backslash and one character that is no digit (RFC 1035 §5.1).
      const [digits] = /^[0-9]{0,3}/.exec(bytes.toString('latin1', index + 1, index + 4)) ?? [''];
      if (digits !== '' && (digits.length < 3 || Number(digits) > 255)) return false;
      index += digits === '' ? 1 : 3;
      if (index >= bytes.length) return false;
    }
    labelBytes++;
  }
  return labelBytes === 0 && nameBytes <= NAME_BYTES_MAX;
}

/** Is `name` equal to `zone` or below it? Both normalized. A dot within a label, written `\\.`, separates nothing. */
export function isInZone(name: string, zone: string): boolean {
  if (zone === '.' || name === zone) return true;
  const dot = name.length - zone.length - 1;
  if (dot < 0 || name[dot] !== '.' || !name.endsWith(zone)) return false;
  let backslashes = 0;
  while (name[dot - 1 - backslashes] === '\\') backslashes++;
  return backslashes % 2 === 0;
}
