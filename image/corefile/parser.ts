/**
 * Tokens to server blocks. A Corefile is a sequence of
 *
 *   KEY KEY, KEY {              (NAME) {           snippet: kept, replayed by `import NAME`
 *     DIRECTIVE ARG… { … }        …
 *   }                           }
 *
 * and the braces of a server block may be left out when it is the only one. The grammar is Caddy's, with its quirks.
 */
import { FILE_IMPORTS_MAX, SNIPPET_IMPORTS_MAX } from '../limits';
import type { Environment } from './environment';
import { CorefileError, text } from './errors';
import { importFiles } from './imports';
import { readTokens, type Token } from './lexer';
import { TokenStream } from './token-stream';
import { replaceVariables } from './variables';

/** A server block before any directive is looked at. */
export interface ServerBlock {
  /** Keys as written, variables replaced; at least one. */
  readonly keys: readonly Token[];
  /** Per directive name its tokens, all occurrences one after another, each beginning with the name. */
  readonly directives: ReadonlyMap<string, readonly Token[]>;
}

/** A block while it is read. */
interface OpenBlock {
  readonly keys: Token[];
  readonly directives: Map<string, Token[]>;
}

class Parser {
  private readonly stream: TokenStream;
  private readonly environment: Environment;
  private readonly isDirective: (name: string) => boolean;
  private readonly snippets = new Map<string, Token[]>();
  private snippetImports = 0;
  private fileImports = 0;

  constructor(stream: TokenStream, environment: Environment, isDirective: (name: string) => boolean) {
    this.stream = stream;
    this.environment = environment;
    this.isDirective = isDirective;
  }

  /** All blocks in file order. */
  parse(): ServerBlock[] {
    const blocks: ServerBlock[] = [];
    while (this.stream.advance()) {
      const block: OpenBlock = { keys: [], directives: new Map() };
      const more = this.readKeys(block.keys);
      const snippet = block.keys.length === 1 ? /^\((.*)\)$/s.exec(block.keys[0].text) : null;
      if (more && snippet) {
        this.readSnippet(snippet[1]);
        continue;
      }
      if (more) this.readContents(block);
      if (block.keys.length > 0) blocks.push(block);
    }
    return blocks;
  }

  private replaced(value: string): string {
    try {
      return replaceVariables(value, this.environment.variables);
    } catch (error) {
      throw error instanceof CorefileError ? this.stream.error(error.message) : error;
    }
  }

  /** Read keys up to `{` or the next line; false when the file ends with them. */
  private readKeys(keys: Token[]): boolean {
    const { stream } = this;
    let commaBefore = false;
    for (;;) {
      const value = this.replaced(stream.value);
      if (value === 'import' && stream.atLineStart) {
        this.replaceImport();
        if (stream.advance()) continue;
        if (commaBefore) throw stream.error(text.endOfFile);
        return false;
      }
      if (value === '{') {
        if (commaBefore) throw stream.error(text.addressExpected);
        return true;
      }
      if (value !== '' && stream.current) {
        commaBefore = value.endsWith(',');
        keys.push({ ...stream.current, text: commaBefore ? value.slice(0, -1) : value });
      }
      if (!stream.advance()) {
        if (commaBefore) throw stream.error(text.endOfFile);
        return false;
      }
      if (!commaBefore && stream.atLineStart) return true;
    }
  }

  private readContents(block: OpenBlock): void {
    const braced = this.stream.is('{');
    if (!braced) this.stream.retreat();
    this.readDirectives(block);
    if (braced && !this.stream.is('}')) throw this.stream.syntaxError('}');
  }

  private readDirectives(block: OpenBlock): void {
    while (this.stream.advance() && !this.stream.is('}')) {
      if (this.stream.is('import')) this.replaceImport();
      else this.readDirective(block);
    }
  }

  /** A directive's name and all that belongs to it: the rest of the line, and any `{ … }` that opens. */
  private readDirective(block: OpenBlock): void {
    const { stream } = this;
    const name = this.replaced(stream.value);
    if (!this.isDirective(name)) throw stream.error(text.unknownDirective(name));
    const tokens = block.directives.get(name) ?? [];
    block.directives.set(name, tokens);
    if (stream.current) tokens.push(stream.current);
    let nesting = 0;
    while (stream.advance()) {
      if (stream.is('{')) {
        nesting++;
      } else if (nesting === 0 && stream.atLineStart) {
        stream.retreat(); // The next directive's.
        break;
      } else if (stream.is('}')) {
        if (nesting === 0) throw stream.error(text.braceUnmatched);
        nesting--;
      } else if (stream.is('import') && stream.atLineStart) {
        this.replaceImport();
        continue;
      }
      stream.replaceText(this.replaced(stream.value));
      if (stream.current) tokens.push(stream.current);
    }
    if (nesting > 0) throw stream.error(text.endOfFile);
  }

  /** Read a snippet's body up to its closing brace and keep it. */
  private readSnippet(name: string): void {
    const { stream } = this;
    if (this.snippets.has(name)) throw stream.error(text.snippetTwice(name));
    if (!stream.is('{')) throw stream.syntaxError('{');
    const tokens: Token[] = [];
    let nesting = 1;
    while (stream.advance()) {
      if (stream.is('}') && --nesting === 0) break;
      if (stream.is('{')) nesting++;
      if (stream.current) tokens.push(stream.current);
    }
    if (nesting !== 0) throw stream.syntaxError('}');
    if (this.importsItself(name, tokens)) throw stream.error(text.snippetDepth(SNIPPET_IMPORTS_MAX));
    this.snippets.set(name, tokens);
  }

  private importsItself(name: string, tokens: readonly Token[]): boolean {
    return tokens.some((token, index) => {
      const argument = tokens[index + 1];
      if (token.text !== 'import' || argument === undefined) return false;
      const previous = tokens[index - 1];
      const first = previous === undefined || previous.file !== token.file || previous.line !== token.line;
      return first && this.replaced(argument.text) === name;
    });
  }

  /** The current token is `import`: put what it imports in place of it and its argument. */
  private replaceImport(): void {
    const { stream } = this;
    if (!stream.advanceOnLine()) throw stream.error(text.argumentCount(stream.value));
    const pattern = this.replaced(stream.value);
    if (pattern === '') throw stream.error(text.importEmpty);
    if (stream.advanceOnLine()) throw stream.error(text.importOne);
    const tokens = this.snippets.get(pattern);
    if (tokens !== undefined) {
      if (this.snippetImports >= SNIPPET_IMPORTS_MAX) throw stream.error(text.snippetDepth(SNIPPET_IMPORTS_MAX));
      this.snippetImports++;
      stream.replaceRead(2, tokens);
      return;
    }
    // CoreDNS's message names the snippets' limit here too.
    if (this.fileImports >= FILE_IMPORTS_MAX) throw stream.error(text.fileDepth(SNIPPET_IMPORTS_MAX));
    this.fileImports++;
    stream.replaceRead(2, this.filesOf(pattern));
  }

  private filesOf(pattern: string): Token[] {
    try {
      return importFiles(pattern, this.stream.current?.file ?? '', this.environment);
    } catch (error) {
      throw error instanceof CorefileError ? this.stream.error(error.message) : error;
    }
  }
}

/**
 * Cut a Corefile into its server blocks; imports and variables are replaced, directives only checked for their names.
 * @param content the Corefile
 * @param file its name as the user gave it: part of every message
 * @param isDirective is there a directive of this name?
 * @throws CorefileError `FILE:LINE - …`
 * @source coredns/caddy caddyfile/parse.go
 */
export function parseCorefile(
  content: string,
  file: string,
  environment: Environment,
  isDirective: (name: string) => boolean,
): ServerBlock[] {
  return new Parser(new TokenStream(readTokens(content, file), file), environment, isDirective).parse();
}
