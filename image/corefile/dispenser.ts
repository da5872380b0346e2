/** Hands a directive's tokens to its setup, with the notion of lines and blocks that Corefile syntax has. */
import { CorefileError, text } from './errors';
import { onSameLine, type Token } from './lexer';

/**
 * A cursor over one directive's tokens, all its occurrences in a block one after another.
 * @source coredns/caddy caddyfile/dispenser.go
 */
export class Dispenser {
  private readonly name: string;
  private readonly tokens: readonly Token[];
  private cursor = -1;
  private nesting = 0;

  /** @param file name shown in messages when no token is loaded */
  constructor(file: string, tokens: readonly Token[]) {
    this.name = file;
    this.tokens = tokens;
  }

  /** Text of the loaded token, `''` when there is none. */
  get value(): string {
    return this.tokens[this.cursor]?.text ?? '';
  }

  /** File of the loaded token. */
  get file(): string {
    return this.tokens[this.cursor]?.file ?? this.name;
  }

  /** Line of the loaded token, 0 when there is none. */
  get line(): number {
    return this.tokens[this.cursor]?.line ?? 0;
  }

  /** Is the loaded token this word? */
  private is(word: string): boolean {
    return this.value === word;
  }

  /** Load the next token, whatever its line: the next occurrence of the directive. False at the end. */
  next(): boolean {
    if (this.cursor >= this.tokens.length - 1) return false;
    this.cursor++;
    return true;
  }

  /** Load the next token if it is on the same line. */
  nextArgument(): boolean {
    if (this.cursor < 0) return this.next();
    const following = this.tokens[this.cursor + 1];
    if (following === undefined || !onSameLine(this.tokens[this.cursor], following)) return false;
    this.cursor++;
    return true;
  }

  /** Load and return the rest of the line up to, not including, a `{`. A `}` does not end it. */
  remainingArguments(): string[] {
    const values: string[] = [];
    while (this.nextArgument()) {
      if (this.value === '{') {
        this.cursor--;
        break;
      }
      values.push(this.value);
    }
    return values;
  }

  /**
   * Condition of a loop over a block: loads each token in `{ … }`; the block must open on this line. A `{` within the
   * block opens one more when it stands on its token's line, and ends the loop when it begins a line.
   */
  nextBlock(): boolean {
    if (this.nesting > 0) {
      if (!this.next()) return false;
      if (this.is('}')) {
        this.nesting--;
        return false;
      }
      if (!this.is('{')) return true;
      this.cursor--;
    }
    if (!this.nextArgument()) return false;
    if (!this.is('{')) {
      this.cursor--;
      return false;
    }
    if (!this.next() || this.is('}')) return false; // An empty block is no block.
    this.nesting++;
    return true;
  }

  /** An argument is missing, or there is one too many. */
  argumentError(): CorefileError {
    return this.error(this.value === '{' ? text.braceForArgument : text.argumentCount(this.value));
  }

  /** `FILE:LINE - Error during parsing: MESSAGE` for the loaded token. */
  error(message: string): CorefileError {
    return new CorefileError(text.during(this.file, this.line, message));
  }

  /** `FILE:LINE - Syntax error: Unexpected token 'X', expecting 'EXPECTED'`. */
  syntaxError(expected: string): CorefileError {
    return new CorefileError(text.syntax(this.file, this.line, this.value, expected));
  }
}
