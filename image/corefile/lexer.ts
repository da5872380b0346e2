/**
 * Corefile text to tokens. Caddy's rules, quirks included, because people's files lean on them:
 * `"` opens a quoted token only at a token's start; `#` starts a comment even inside a token, but a comment that began
 * inside one ends at the next blank (`foo#bar baz` is `foo`, `baz`); `\r` vanishes; `{` and `}` are ordinary words.
 */

/** One word of a Corefile. */
export interface Token {
  /** Name of the file it stands in: the Corefile as the user named it, an imported file as an absolute path. */
  readonly file: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Go's unicode.IsSpace: what separates tokens. JavaScript's `\s` differs in U+0085 and U+FEFF. */
function isSpace(code: number): boolean {
  if (code < 0x80) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code === 0x85 || code === 0xa0 || code === 0x1680 || code === 0x3000) return true;
  return (code >= 0x2000 && code <= 0x200a) || code === 0x2028 || code === 0x2029 || code === 0x202f || code === 0x205f;
}

/** Reads one token after another; `index` and `line` are where the reader stands. */
class Lexer {
  private readonly text: string;
  private index: number;
  line = 1;
  /** Line on which the token last returned begins. */
  tokenLine = 1;

  constructor(text: string) {
    this.text = text;
    this.index = text.startsWith('\uFEFF') ? 1 : 0; // One byte order mark is allowed.
  }

  /** The next token's text, or undefined at the end. */
  next(): string | undefined {
    const { text } = this;
    let value = '';
    let comment = false;
    while (this.index < text.length) {
      const character = text[this.index++];
      const code = character.charCodeAt(0);
      if (isSpace(code)) {
        if (character === '\r') continue;
        if (character === '\n') {
          this.line++;
          comment = false;
        }
        if (value !== '') return value;
        continue;
      }
      if (character === '#') comment = true;
      if (comment) continue;
      if (value === '') {
        this.tokenLine = this.line;
        if (character === '"') return this.quoted();
      }
      value += character;
    }
    return value === '' ? undefined : value;
  }

  /** The rest of a quoted token. Only `\"` is an escape; a file that ends inside the quotes ends the token. */
  private quoted(): string | undefined {
    const { text } = this;
    let value = '';
    let escaped = false;
    while (this.index < text.length) {
      const character = text[this.index++];
      if (!escaped && character === '\\') {
        escaped = true;
        continue;
      }
      if (!escaped && character === '"') return value;
      if (character === '\n') this.line++;
      value += escaped && character !== '"' ? `\\${character}` : character;
      escaped = false;
    }
    return value === '' ? undefined : value;
  }
}

/**
 * Cut a Corefile into tokens. Any text is accepted; the parser complains.
 * @param text the file's content
 * @param file name put on every token
 * @source coredns/caddy caddyfile/lexer.go
 */
export function readTokens(text: string, file: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let value = lexer.next(); value !== undefined; value = lexer.next()) {
    tokens.push({ file, line: lexer.tokenLine, text: value });
  }
  return tokens;
}

/** Line on which a token ends: a quoted token may hold line breaks. */
function lastLine(token: Token): number {
  let line = token.line;
  for (let at = token.text.indexOf('\n'); at !== -1; at = token.text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Is `next` an argument on the line of `token`? */
export function onSameLine(token: Token, next: Token): boolean {
  return token.file === next.file && lastLine(token) === next.line;
}

/**
 * Does `next` begin a line, seen from the token before it? Not the opposite of {@link onSameLine}: a token of an
 * earlier line (a snippet imported after a later one) does neither.
 */
export function beginsLine(token: Token | undefined, next: Token): boolean {
  return token === undefined || token.file !== next.file || lastLine(token) < next.line;
}
