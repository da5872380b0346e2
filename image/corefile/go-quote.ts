/** Text in double quotes as Go's `%q` writes it, for messages that must read like CoreDNS's. */

const SHORT: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
};

/** Separators, controls, private and unassigned characters: what Go's strconv.IsPrint refuses; a blank is printed. */
const UNPRINTABLE = /^[\p{C}\p{Z}]$/u;

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (character === ' ' || !UNPRINTABLE.test(character)) return character;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** `value` as a Go string literal. @source Go strconv.Quote */
export function quote(value: string): string {
  return `"${Array.from(value, escapeCharacter).join('')}"`;
}
