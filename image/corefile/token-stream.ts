/**
 * The tokens in front of and behind the parser. An import replaces the two tokens just read by many: two stacks make
 * that cost the imported tokens only, where splicing one array would make ten thousand imports quadratic.
 *
 *   read: …  cluster.local {  import  common      pending (reversed): …  }  errors  cache
 *                                     ^ current                                       ^ next
 */
import { COREFILE_TOKENS_MAX } from '../limits';
import { CorefileError, text } from './errors';
import { beginsLine, onSameLine, type Token } from './lexer';

/** A position in a list of tokens that can be changed while it is read. */
export class TokenStream {
  private readonly file: string;
  private readonly read: Token[] = [];
  private readonly pending: Token[];

  /** @param file name shown when a message is due before the first token */
  constructor(tokens: readonly Token[], file: string) {
    this.file = file;
    this.pending = [...tokens].reverse();
    this.checkSize();
  }

  /** The token last read. */
  get current(): Token | undefined {
    return this.read.at(-1);
  }

  /** Its text, `''` before the first token. */
  get value(): string {
    return this.current?.text ?? '';
  }

  /** Is the current token this word? */
  is(word: string): boolean {
    return this.value === word;
  }

  /** Step to the next token; false at the end, and then the last token stays the current one. */
  advance(): boolean {
    const token = this.pending.pop();
    if (token === undefined) return false;
    this.read.push(token);
    return true;
  }

  /** Step to the next token if it is on the current one's line. */
  advanceOnLine(): boolean {
    const next = this.pending.at(-1);
    return this.current !== undefined && next !== undefined && onSameLine(this.current, next) && this.advance();
  }

  /** Step back by one. */
  retreat(): void {
    const token = this.read.pop();
    if (token !== undefined) this.pending.push(token);
  }

  /** Is the current token the first on its line? */
  get atLineStart(): boolean {
    return this.current === undefined || beginsLine(this.read.at(-2), this.current);
  }

  /** Give the current token another text. */
  replaceText(replacement: string): void {
    const token = this.read.pop();
    if (token !== undefined) this.read.push(token.text === replacement ? token : { ...token, text: replacement });
  }

  /** Take the last `count` tokens away and put `tokens` in front of what comes. */
  replaceRead(count: number, tokens: readonly Token[]): void {
    this.read.length = Math.max(0, this.read.length - count);
    for (let index = tokens.length - 1; index >= 0; index--) this.pending.push(tokens[index]);
    this.checkSize();
  }

  /** `FILE:LINE - Error during parsing: MESSAGE` for the current token. */
  error(message: string): CorefileError {
    return new CorefileError(text.during(this.current?.file ?? this.file, this.current?.line ?? 0, message));
  }

  /** `FILE:LINE - Syntax error: …` for the current token. */
  syntaxError(expected: string): CorefileError {
    const { file, line } = this.current ?? { file: this.file, line: 0 };
    return new CorefileError(text.syntax(file, line, this.value, expected));
  }

  private checkSize(): void {
    const tokens = this.read.length + this.pending.length;
    if (tokens > COREFILE_TOKENS_MAX) throw this.error(text.tooManyTokens(tokens, COREFILE_TOKENS_MAX));
  }
}
