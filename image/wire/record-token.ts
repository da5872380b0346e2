/** A line of a zone file cut into words (RFC 1035 §5.1): quotes, escapes, parentheses and comments. */

/** One word. Escapes are still in it, since a name and a string read them differently; quotes are not. */
export interface Token {
  readonly text: string;
  /** Began with a quote: may be empty, and is never a keyword. */
  readonly quoted: boolean;
}

/** What separates words. Parentheses join lines in a zone file; for a single record they only separate. */
const SEPARATORS = new Set([' ', '\t', '\r', '\n', '(', ')']);

/**
 * Cut a line into words.
 * @returns the words, or why it cannot be cut
 */
export function tokenize(line: string): { tokens: Token[]; error?: undefined } | { tokens?: undefined; error: string } {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (SEPARATORS.has(line[at])) {
      at += 1;
      continue;
    }
    if (line[at] === ';') {
      while (at < line.length && line[at] !== '\n') at += 1;
      continue;
    }
    const quoted = line[at] === '"';
    let text = '';
    let isInQuotes = false;
    for (; at < line.length; at++) {
      const char = line[at];
      if (char === '"') {
        isInQuotes = !isInQuotes;
        // A closing quote ends a quoted word: "a""b" is two strings.
        if (quoted && !isInQuotes) {
          at += 1;
          break;
        }
        continue;
      }
      if (!isInQuotes && (SEPARATORS.has(char) || char === ';')) break;
      text += char;
      if (char !== '\\') continue;
      if (at + 1 >= line.length) return { error: 'ends with a lone backslash; write \\\\ for a backslash' };
      at += 1;
      text += line[at];
    }
    if (isInQuotes) return { error: 'has a quote that is not closed; add " or write \\" for a quote itself' };
    tokens.push({ text, quoted });
  }
  return { tokens };
}

/** Octets of a word with its escapes resolved; undefined when `\DDD` is cut short or above 255. */
export function tokenOctets(text: string): Uint8Array | undefined {
  const source = Buffer.from(text, 'utf8');
  const octets: number[] = [];
  for (let at = 0; at < source.length; at++) {
    if (source[at] !== 0x5c) {
      octets.push(source[at]);
      continue;
    }
    const digits = source.toString('latin1', at + 1, at + 4);
    if (/^\d/.test(digits)) {
      if (!/^\d{3}$/.test(digits) || Number(digits) > 255) return undefined;
      octets.push(Number(digits));
      at += 3;
    } else {
      if (at + 1 >= source.length) return undefined;
      octets.push(source[at + 1]);
      at += 1;
    }
  }
  return Uint8Array.from(octets);
}

/** A string as miekg/dns prints it: in quotes, quotes and backslashes escaped, the unprintable as `\DDD`. */
export function octetsToText(octets: Uint8Array): string {
  let text = '"';
  for (const byte of octets) {
    if (byte === 0x22 || byte === 0x5c) text += '\\' + String.fromCharCode(byte);
    else if (byte < 0x20 || byte > 0x7e) text += '\\' + String(byte).padStart(3, '0');
    else text += String.fromCharCode(byte);
  }
  return text + '"';
}
