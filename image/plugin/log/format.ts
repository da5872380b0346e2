/**
 * Formats of log lines, taken apart once.
 * @source coredns plugin/pkg/replacer/replacer.go at v1.13.2
 */

/** The placeholders, spelled as they stand in a format. */
export const PLACEHOLDERS = [
  '{type}',
  '{name}',
  '{class}',
  '{proto}',
  '{size}',
  '{remote}',
  '{port}',
  '{local}',
  '{>id}',
  '{>opcode}',
  '{>do}',
  '{>bufsize}',
  '{rcode}',
  '{rsize}',
  '{duration}',
  '{>rflags}',
] as const;

/** One of them. */
export type Placeholder = (typeof PLACEHOLDERS)[number];

/** A piece of a format: text as it is, a placeholder, or a value of the metadata plugin (`{/NAME}`). */
export type FormatPiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'placeholder'; readonly name: Placeholder }
  | { readonly kind: 'metadata'; readonly name: string };

/** The piece that the braces `word` stand for; undefined when they are text. */
function bracePiece(word: string): FormatPiece | undefined {
  if (word.startsWith('{/')) return { kind: 'metadata', name: word.slice(2, -1) };
  const name = PLACEHOLDERS.find((placeholder) => placeholder === word);
  return name && { kind: 'placeholder', name };
}

/**
 * Take a format apart. Braces belong together from the closing one backwards, so `{ {type} }` holds `{type}`; braces
 * around any other word are text.
 */
export function parseFormat(format: string): FormatPiece[] {
  const pieces: FormatPiece[] = [];
  const pushText = (text: string): void => {
    if (text !== '') pieces.push({ kind: 'text', text });
  };
  let start = 0;
  for (let close = format.indexOf('}'); close >= 0; close = format.indexOf('}', start)) {
    const open = format.slice(start, close).lastIndexOf('{');
    const piece = open < 0 ? undefined : bracePiece(format.slice(start + open, close + 1));
    pushText(format.slice(start, piece === undefined ? close + 1 : start + open));
    if (piece !== undefined) pieces.push(piece);
    start = close + 1;
  }
  pushText(format.slice(start));
  return pieces;
}
