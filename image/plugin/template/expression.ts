/**
 * What stands between `{{` and `}}`: the expressions of Go's text/template, as far as record texts need them. Read at load
 * into plain data; evaluate.ts works them out per question.
 *
 *   pipeline  = [ $x := ] command { "|" command }
 *   command   = operand { blank operand }          the first may be a function's name
 *   operand   = ( literal | "." | .Field… | $x.Field… | "(" pipeline ")".Field… )
 *
 * @source Go text/template documentation, "Pipelines", "Variables"; text/template/parse/parse.go
 */
import { CorefileError } from '../../corefile/errors';
import { formatIsKnown } from './printf';

/** An operand, with where it stands in the text (from 0) and how Go's messages write it. */
export type Operand = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'literal'; readonly value: string | bigint | boolean }
  /** A field of the dot, of a variable or of a pipeline in parentheses; no names is the thing itself. */
  | {
      readonly kind: 'fields';
      readonly of: '.' | Pipeline | { readonly variable: string };
      readonly names: readonly string[];
      /** Where Go says that a field is wrong: the second one of several. */
      readonly fieldAt: number;
    }
  | { readonly kind: 'function'; readonly name: FunctionName }
);

/** Operands; the first may be a function, the others are its arguments. */
export interface Command {
  readonly operands: readonly Operand[];
}

/** Commands, each with the value of the one before it as its last argument. */
export interface Pipeline {
  /** Variables that are set, `$` included; one, or two in a range. */
  readonly sets: readonly string[];
  /** They exist already: `=` and not `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

const FUNCTIONS = [
  ...(['and', 'or', 'not', 'eq', 'ne', 'lt', 'le', 'gt', 'ge'] as const),
  ...(['len', 'index', 'slice', 'print', 'printf', 'println', 'parseInt'] as const),
] as const;
/** A function of Go's templates that we have, or CoreDNS's parseInt. The others of Go make markup or call code. */
export type FunctionName = (typeof FUNCTIONS)[number];
/** Words that Go has and we refuse. */
const WORDS_REFUSED: ReadonlySet<string> = new Set(
  'html js urlquery call nil break continue template define block'.split(' '),
);

interface Token {
  readonly kind: 'field' | 'variable' | 'word' | 'literal' | '(' | ')' | '|' | ':=' | '=' | ',' | 'dot';
  readonly text: string;
  readonly at: number;
  /** No blank in front of it. */
  readonly joined: boolean;
}

const NAME = '[\\p{L}_][\\p{L}\\p{Nd}_]*';
const TOKEN = new RegExp(
  [
    `(?<field>\\.${NAME})`,
    `(?<variable>\\$(?:${NAME})?)`,
    `(?<literal>"(?:[^"\\\\\\n]|\\\\.)*"|\`[^\`]*\`|[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)(?![\\p{L}\\p{Nd}_.]))`,
    `(?<word>${NAME})`,
    '(?<punctuation>:=|[()|=,]|\\.)',
  ].join('|'),
  'uy',
);

const isPunctuation = (text: string): text is '(' | ')' | '|' | ':=' | '=' | ',' =>
  ['(', ')', '|', ':=', '=', ','].includes(text);

function tokenOf(match: RegExpExecArray, at: number, joined: boolean): Token {
  const { field, variable, literal, word } = match.groups as Readonly<Record<string, string | undefined>>;
  const [text] = match;
  if (field !== undefined) return { kind: 'field', text, at, joined };
  if (variable !== undefined) return { kind: 'variable', text, at, joined };
  if (literal !== undefined) return { kind: 'literal', text, at, joined };
  if (word !== undefined) return { kind: 'word', text, at, joined };
  return { kind: isPunctuation(text) ? text : 'dot', text, at, joined };
}

/** @returns undefined when something in it is no token of ours */
function tokensOf(source: string, offset: number): Token[] | undefined {
  const tokens: Token[] = [];
  let index = 0;
  while (index < source.length) {
    const blank = /^[ \t\r\n]/.test(source[index]);
    if (blank) {
      index++;
      continue;
    }
    TOKEN.lastIndex = index;
    const match = TOKEN.exec(source);
    if (match === null) return undefined;
    tokens.push(tokenOf(match, offset + index, index > 0 && !/[ \t\r\n]/.test(source[index - 1])));
    index += match[0].length;
  }
  return tokens;
}

/** What a backslash and a letter stand for in a Go string. */
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"' };

/** @returns undefined for an escape that we do not have */
function literalValue(text: string): string | bigint | undefined {
  if (text.startsWith('`')) return text.slice(1, -1);
  if (!text.startsWith('"')) {
    const digits = text.replace(/^[+-]/, '');
    if (/^0[0-9]/.test(digits)) return undefined; // Octal in Go: nobody means it.
    return text.startsWith('-') ? -BigInt(digits) : BigInt(digits);
  }
  let known = true;
  const value = text.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => {
    if (!Object.hasOwn(ESCAPES, letter)) known = false;
    return ESCAPES[letter] ?? '';
  });
  return known ? value : undefined;
}

/** Reads one action. Its errors are undefined: the caller knows the action's place. */
class Reader {
  private readonly tokens: readonly Token[];
  private readonly section: string;
  /** Variables that are set where the action stands. */
  private readonly variables: ReadonlySet<string>;
  private index = 0;

  constructor(tokens: readonly Token[], section: string, variables: ReadonlySet<string>) {
    this.tokens = tokens;
    this.section = section;
    this.variables = variables;
  }

  private peek(ahead = 0): Token | undefined {
    return this.tokens[this.index + ahead];
  }

  get atEnd(): boolean {
    return this.index === this.tokens.length;
  }

  /** @param depth parentheses around it */
  pipeline(depth: number): Pipeline | undefined {
    const sets = depth === 0 ? this.sets() : { names: [], assigns: false };
    const commands: Command[] = [];
    do {
      const command = this.command(depth);
      if (command === undefined || !formatsKnown(command)) return undefined;
      if (commands.length > 0 && command.operands[0].kind === 'literal') {
        const stage = commands.length + 1;
        throw new CorefileError(`template: ${this.section}:1: non executable command in pipeline stage ${stage}`);
      }
      commands.push(command);
    } while (this.take('|'));
    return { sets: sets.names, assigns: sets.assigns, commands };
  }

  private take(kind: Token['kind']): boolean {
    if (this.peek()?.kind !== kind) return false;
    this.index++;
    return true;
  }

  private sets(): { names: string[]; assigns: boolean } {
    const names: string[] = [];
    let ahead = 0;
    while (this.peek(ahead)?.kind === 'variable') {
      names.push(this.peek(ahead)!.text);
      ahead++;
      if (names.length === 1 && this.peek(ahead)?.kind === ',') ahead++;
      else break;
    }
    const sign = this.peek(ahead)?.kind;
    if (names.length === 0 || (sign !== ':=' && sign !== '=')) return { names: [], assigns: false };
    this.index += ahead + 1;
    return { names, assigns: sign === '=' };
  }

  private command(depth: number): Command | undefined {
    const operands: Operand[] = [];
    for (
      let token = this.peek();
      token !== undefined && token.kind !== '|' && token.kind !== ')';
      token = this.peek()
    ) {
      if (operands.length > 0 && token.joined) return undefined;
      const operand = this.operand(token, depth);
      if (operand === undefined) return undefined;
      operands.push(operand);
    }
    return operands.length > 0 && operands.length <= OPERANDS_MAX ? { operands } : undefined;
  }

  private operand(token: Token, depth: number): Operand | undefined {
    const { at, text } = token;
    this.index++;
    switch (token.kind) {
      case 'literal': {
        const value = literalValue(text);
        return value === undefined ? undefined : { kind: 'literal', value, at, text };
      }
      case 'word':
        return this.word(text, at);
      case 'dot':
        return { kind: 'fields', of: '.', names: [], at, text, fieldAt: at };
      case 'field':
        return this.fields('.', [text.slice(1)], at, text);
      case 'variable':
        if (!this.variables.has(text))
          throw new CorefileError(`template: ${this.section}:1: undefined variable "${text}"`);
        return this.fields({ variable: text }, [], at, text);
      case '(': {
        const pipeline = depth < PARENTHESES_MAX ? this.pipeline(depth + 1) : undefined;
        return pipeline && this.take(')') ? this.fields(pipeline, [], at, `(${pipelineText(pipeline)})`) : undefined;
      }
      default:
        return undefined;
    }
  }

  private word(text: string, at: number): Operand | undefined {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at, text };
    const name = FUNCTIONS.find((known) => known === text);
    if (name !== undefined) return { kind: 'function', name, at, text };
    if (WORDS_REFUSED.has(text)) return undefined;
    throw new CorefileError(`template: ${this.section}:1: function "${text}" not defined`);
  }

  /** The fields written right behind a thing. */
  private fields(of: (Operand & { kind: 'fields' })['of'], names: string[], at: number, text: string): Operand {
    let whole = text;
    const fieldAt = this.peek()?.kind === 'field' && this.peek()?.joined ? this.peek()!.at : at;
    for (let token = this.peek(); token?.kind === 'field' && token.joined; token = this.peek()) {
      names.push(token.text.slice(1));
      whole += token.text;
      this.index++;
    }
    return { kind: 'fields', of, names, at, text: whole, fieldAt };
  }
}

/** A format must be there to be looked at, and ask for nothing we do not have. */
function formatsKnown({ operands: [first, format] }: Command): boolean {
  if (first.kind !== 'function' || first.name !== 'printf' || format === undefined) return true;
  return format.kind === 'literal' && (typeof format.value !== 'string' || formatIsKnown(format.value));
}

/** Operands of one command and parentheses in one another: far more than a record's text has. */
const OPERANDS_MAX = 64;
const PARENTHESES_MAX = 16;

/** As Go's messages write a pipeline. */
export function pipelineText({ commands }: Pipeline): string {
  return commands.map(commandText).join(' | ');
}

/** As Go's messages write a command. */
export function commandText({ operands }: Command): string {
  return operands.map(({ text }) => text).join(' ');
}

/**
 * Read the inside of an action.
 * @param at where it begins in the whole text, from 0
 * @param section for Go's words
 * @param variables that exist where it stands; its own are not added
 * @returns undefined when something in it is not supported
 * @throws CorefileError for what is wrong in Go, too
 */
export function parsePipeline(
  source: string,
  at: number,
  section: string,
  variables: ReadonlySet<string>,
): Pipeline | undefined {
  const tokens = tokensOf(source, at);
  if (tokens === undefined) return undefined;
  const reader = new Reader(tokens, section, variables);
  const pipeline = reader.pipeline(0);
  return pipeline !== undefined && reader.atEnd ? pipeline : undefined;
}
