/**
 * Corefile text of a user, looked over before it reaches a node: braces that do not match, and directives that the image
 * does not have. Said twice as the functions in lib/helm are: here for plain values, and in lint-template.ts for Helm.
 * Both cut the text into tokens by one regular expression and walk over them in the same steps.
 *
 * It is no parser: what it passes may be refused on a node (arguments, imports). What it refuses would be refused there,
 * but for two quirks: a brace too much is a zone called `}`, and the last brace of all is not missed behind another one.
 * @source coredns/caddy caddyfile/lexer.go and parse.go
 */
import { isExpression, operand, standIn } from '../helm/token';
import type { Values } from '../values';
import { DIRECTIVES, GO_DIRECTIVES } from './directives';

/** Go's unicode.IsSpace without the line feed, as the inside of a character class: no blank is a letter of a word. */
const BLANKS = '\\t\\v\\f\\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000';

/** A quoted token; a comment; a word, perhaps with a comment in it that ends at the next blank; a line feed. */
export const TOKEN =
  `"(?:\\\\(?:.|\\n)|[^"\\\\])*"?|#[^\\n]*|` + `[^${BLANKS}\\n#][^${BLANKS}\\n#]*(?:#[^${BLANKS}\\n]*)?|\\n`;

/** A part of a word that the environment of the process gives. */
const VARIABLE = /\{[$%]/;

/** A brace that closes nothing, in CoreDNS's words. */
export const UNMATCHED = "Unexpected '}' because no matching opening brace";
/** Text that ends in a block. CoreDNS says the first two words. */
export const UNCLOSED = "Unexpected EOF: a '}' is missing";

/** What is looked at, and how. */
export interface CorefileText {
  /** Name of the value, for the message. */
  readonly name: string;
  /** The text itself. */
  readonly text: string;
  /** 0: server blocks. 1: the inside of one. */
  readonly depth: 0 | 1;
  /** Whether the image is nodelocaldns, which has more directives. */
  readonly isOwnImage: boolean;
}

/**
 * @returns what is wrong, in CoreDNS's words and with the line: `extraPlugins:2 - Error during parsing: Unknown directive
 *   'redy'`; '' when nothing is
 */
export function lint({ name, text, depth, isOwnImage }: CorefileText): string {
  if (isExpression(text)) {
    const parameters = `"name" ${operand(name)} "text" ${operand(text)} "depth" ${depth}`;
    return standIn(`include "nodelocaldns.lint" (dict ${parameters} "isOwnImage" ${operand(isOwnImage)})`, 'string');
  }
  const walk = new Walk(depth, isOwnImage ? DIRECTIVES : GO_DIRECTIVES);
  for (const token of text.match(new RegExp(TOKEN, 'g')) ?? []) {
    // A quotation mark alone is the last of all: no token begins there.
    const isNone = token.startsWith('#') || token === '"';
    if (!walk.isOver && walk.wrong === '' && !isNone) walk.step(token);
  }
  const wrong = walk.wrong || (walk.depth > depth && !walk.isOver ? UNCLOSED : '');
  return wrong === '' ? '' : `${name}:${walk.line} - Error during parsing: ${wrong}`;
}

/** As {@link lint}, of the lines that stub domains have of their own. */
export function lintStubDomains(stubDomains: Values['stubDomains'], isOwnImage: boolean): string {
  if (isExpression(stubDomains)) {
    const parameters = `"stubDomains" ${operand(stubDomains)} "isOwnImage" ${operand(isOwnImage)}`;
    return standIn(`include "nodelocaldns.lintStubDomains" (dict ${parameters})`, 'string');
  }
  const domains = Object.entries(stubDomains ?? {}).sort(([left], [right]) => (left < right ? -1 : 1));
  return domains
    .map(([domain, { extraPlugins = '' }]) =>
      lint({ name: `stubDomains.${domain}.extraPlugins`, text: extraPlugins, depth: 1, isOwnImage }),
    )
    .filter(Boolean)
    .join('\n');
}

/** One walk over the tokens of a text. */
class Walk {
  line = 1;
  depth: number;
  wrong = '';
  /** A block without braces: the rest of the text is its inside, and is not looked at. */
  isOver = false;
  private readonly least: number;
  private readonly directives: readonly string[];
  /** The next token is the first of a line, or of a block. */
  private isFirst = true;
  /** The tokens of this line are keys of a server block; after a comma, those of the next line, too. */
  private hasKeys = false;
  private isOpen = false;
  /** A snippet may be the inside of anything. */
  private isSnippet = false;
  /** The rest of the line is what `import` names. */
  private isImport = false;

  constructor(depth: number, directives: readonly string[]) {
    this.depth = depth;
    this.least = depth;
    this.directives = directives;
  }

  step(token: string): void {
    if (token === '\n') {
      this.endLine();
      return;
    }
    // Quotes are gone when braces are counted.
    const word = token.startsWith('"') ? token.slice(1).replace(/"$/, '') : token.split('#')[0];
    if (this.isImport) return;
    this.line += token.split('\n').length - 1;
    if (this.isFirst && word === 'import') this.isImport = true;
    else if (this.depth === 0) this.key(word);
    // A brace on a line of its own still belongs to the directive above.
    else if (this.depth === 1 && this.isFirst && !this.isSnippet && word !== '{') this.directive(word);
    else this.inside(word);
  }

  private endLine(): void {
    this.line += 1;
    this.isOver = this.depth === 0 && this.hasKeys && !this.isOpen;
    this.isFirst = true;
    this.isImport = false;
  }

  private key(word: string): void {
    const isBrace = word === '{';
    if (word === '}') this.wrong = UNMATCHED;
    if (isBrace) this.depth = 1;
    else if (word.startsWith('(')) this.isSnippet = true;
    // What stands for nothing is no key: a snippet before it stays one.
    else if (!VARIABLE.test(word)) this.isSnippet = false;
    this.hasKeys = !isBrace;
    this.isOpen = word.endsWith(',');
    this.isFirst = isBrace;
  }

  private directive(word: string): void {
    this.isFirst = false;
    if (word === '}') {
      if (this.least === 1) this.wrong = UNMATCHED;
      else this.depth = 0;
    } else if (!this.directives.includes(word) && !VARIABLE.test(word)) {
      this.wrong = `Unknown directive '${word}'`;
    }
  }

  private inside(word: string): void {
    this.isFirst = false;
    if (word === '{') this.depth += 1;
    if (word !== '}') return;
    if (this.depth === 1 && !this.isSnippet) this.wrong = UNMATCHED;
    else this.depth -= 1;
    this.isSnippet &&= this.depth > 0;
  }
}
