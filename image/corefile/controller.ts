/** What a plugin's setup gets to see: its tokens, its server block, and the machine. */
import { Dispenser } from './dispenser';
import type { Environment } from './environment';
import { CorefileError, text } from './errors';
import type { Token } from './lexer';

/** An options interface while a setup fills it in. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** The server block a directive stands in. */
export interface BlockContext {
  /** The block's zones, normalized, in file order. */
  readonly zones: readonly string[];
  /** Port of the block's first key. */
  readonly port: number;
  /** Addresses it is bound to, `''` for the wildcard; known to directives after `bind`. */
  readonly addresses: readonly string[];
}

/** Dispenses the tokens of one directive in one block, all occurrences one after another. */
export class Controller extends Dispenser {
  readonly directive: string;
  readonly block: BlockContext;
  readonly environment: Environment;

  /** @param file name of the Corefile */
  constructor(
    file: string,
    directive: string,
    tokens: readonly Token[],
    block: BlockContext,
    environment: Environment,
  ) {
    super(file, tokens);
    this.directive = directive;
    this.block = block;
    this.environment = environment;
  }

  /** The next argument on the line. @throws CorefileError when there is none */
  argument(): string {
    if (!this.nextArgument()) throw this.argumentError();
    return this.value;
  }

  /** The rest of the line. @throws CorefileError when it has fewer or more arguments than allowed */
  arguments(min: number, max: number): string[] {
    const values = this.remainingArguments();
    if (values.length < min || values.length > max) throw this.argumentError();
    return values;
  }

  /** Run `read` for each occurrence of a directive that may stand in a block once. */
  once(read: () => void): void {
    for (let count = 0; this.next(); count++) {
      if (count > 0) throw new CorefileError(text.once);
      read();
    }
  }

  /** A line for the log, as the plugin's own. */
  warn(message: string): void {
    this.environment.warn(text.inPlugin(this.directive, message));
  }
}
