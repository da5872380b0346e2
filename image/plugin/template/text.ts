/**
 * Go's text/template as far as record texts use it, taken apart at load into a tree a worker can walk: text, values,
 * `if`, `with`, `range`, variables, comments, and `{{-`/`-}}`, which eat the white space next to them.
 */
import { CorefileError, text } from '../../corefile/errors';
import { type Pipeline, parsePipeline } from './expression';

/** What a record's text is joined from. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  /** Its value is written; nothing when it only sets variables. */
  | { readonly kind: 'value'; readonly pipeline: Pipeline }
  /** `with` makes the value the dot. */
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipeline: Pipeline;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    };

/** A record's text. */
export interface TemplateText {
  /** As written: label `template` of the failure counters. */
  readonly source: string;
  readonly nodes: readonly TemplateNode[];
}

/** Blocks in one another. */
const DEPTH_MAX = 32;

/** Where the action that opens at `open` ends, after its `}}`; -1 when it does not. One pass: no text makes it slow. */
function actionEnd(source: string, open: number): number {
  let index = open + 2;
  const comment = /^(?:-[ \t\r\n]+)?\/\*/.exec(source.slice(index, index + 64));
  if (comment) {
    const close = source.indexOf('*/', index + comment[0].length);
    if (close === -1) return -1;
    index = close + 2;
  }
  for (; index < source.length; index++) {
    if (source.startsWith('}}', index)) return index + 2;
    if (source[index] === '`') {
      index = source.indexOf('`', index + 1);
      if (index === -1) return -1;
    }
    if (source[index] !== '"') continue;
    for (index++; index < source.length && source[index] !== '"'; index++) if (source[index] === '\\') index++;
  }
  return -1;
}

/** An action without braces and the hyphens that trim. */
interface Action {
  readonly body: string;
  /** Where it opens, and where `body` begins. */
  readonly open: number;
  readonly at: number;
  readonly end: number;
  readonly eatsLeft: boolean;
  readonly eatsRight: boolean;
  readonly isComment: boolean;
}

function actionAt(source: string, open: number, section: string): Action {
  const end = actionEnd(source, open);
  if (end === -1) throw new CorefileError(`template: ${section}:1: unclosed action`);
  const eatsLeft = /^-[ \t\r\n]/.test(source.slice(open + 2, open + 4));
  const eatsRight = /^[ \t\r\n]-\}\}$/.test(source.slice(end - 4, end)) && end - 4 >= open + 2;
  const from = open + (eatsLeft ? 3 : 2);
  const inside = source.slice(from, Math.max(from, end - (eatsRight ? 3 : 2)));
  const body = inside.trimStart();
  const at = from + inside.length - body.length;
  const whole = body.trimEnd();
  // A comment stands right behind the braces, or behind a hyphen and a blank.
  const isComment = /^\/\*[\s\S]*\*\/$/.test(whole) && (eatsLeft || at === from);
  return { body: whole, open, at, end, eatsLeft, eatsRight, isComment };
}

/** A block that is open: where its nodes go, and what else it may have. */
interface Frame {
  readonly kind: 'root' | 'if' | 'with' | 'range';
  readonly pipeline: Pipeline | undefined;
  readonly body: TemplateNode[];
  readonly otherwise: TemplateNode[];
  hasElse: boolean;
  /** It stands in the `else` of the frame before and ends with it: `else if`. */
  readonly chained: boolean;
  /** Variables that exist inside, `$` among them. */
  readonly variables: Set<string>;
}

class Parser {
  private readonly section: string;
  private readonly source: string;
  private readonly frames: Frame[] = [];

  constructor(section: string, source: string) {
    this.section = section;
    this.source = source;
    this.frames.push(newFrame('root', undefined, new Set(['$']), false));
  }

  private get frame(): Frame {
    return this.frames[this.frames.length - 1];
  }

  private push(node: TemplateNode): void {
    const { frame } = this;
    (frame.hasElse ? frame.otherwise : frame.body).push(node);
  }

  parse(): TemplateText {
    const { source, section } = this;
    let from = 0; // Where text that no action has eaten begins.
    let eatLeft = false; // The action before ended in `-}}`.
    for (;;) {
      const open = source.indexOf('{{', from);
      let plain = open === -1 ? source.slice(from) : source.slice(from, open);
      if (eatLeft) plain = plain.replace(/^[ \t\r\n]+/, '');
      const action = open === -1 ? undefined : actionAt(source, open, section);
      if (action?.eatsLeft) plain = trimEnd(plain);
      if (plain !== '') this.push({ kind: 'text', text: plain });
      if (action === undefined) break;
      this.act(action);
      from = action.end;
      eatLeft = action.eatsRight;
    }
    if (this.frames.length > 1) throw new CorefileError(`template: ${section}:1: unexpected EOF`);
    return { source, nodes: this.frame.body };
  }

  private act(action: Action): void {
    const { body } = action;
    if (action.isComment) return;
    const word = /^[a-z]+(?![\p{L}\p{Nd}_])/u.exec(body)?.[0];
    if (word === 'if' || word === 'with' || word === 'range') this.open(action, word, false);
    else if (word === 'else') this.otherwise(action);
    else if (body === 'end') this.close();
    else this.push({ kind: 'value', pipeline: this.pipeline(action, body, action.at, false) });
  }

  /** @param ranges two variables may be set */
  private pipeline(action: Action, source: string, at: number, ranges: boolean): Pipeline {
    const { variables } = this.frame;
    const pipeline = parsePipeline(source, at, this.section, variables);
    if (pipeline === undefined || (pipeline.sets.length > 1 && !ranges)) throw this.unsupported(action);
    for (const name of pipeline.sets) {
      if (pipeline.assigns && !variables.has(name)) {
        throw new CorefileError(`template: ${this.section}:1: undefined variable "${name}"`);
      }
      variables.add(name);
    }
    return pipeline;
  }

  private unsupported({ open, end }: Action): CorefileError {
    return new CorefileError(text.templateAction(this.source.slice(open, end), open + 1));
  }

  private open(action: Action, kind: 'if' | 'with' | 'range', chained: boolean): void {
    const { body, at } = action;
    const start = body.indexOf(kind) + kind.length;
    if (this.frames.length > DEPTH_MAX) throw this.unsupported(action);
    // Variables set here live until the block's end: they go into a set of its own.
    this.frames.push(newFrame(kind, undefined, new Set(this.frame.variables), chained));
    const pipeline = this.pipeline(action, body.slice(start), at + start, kind === 'range');
    this.frames.push({ ...this.frames.pop()!, pipeline });
  }

  private otherwise(action: Action): void {
    const { frame } = this;
    if (frame.kind === 'root' || frame.hasElse)
      throw new CorefileError(`template: ${this.section}:1: unexpected {{else}}`);
    frame.hasElse = true;
    const [, next, rest] = /^else(?:\s+(if|with)(?![\p{L}\p{Nd}_])|\s*)([\s\S]*)$/u.exec(action.body) ?? [];
    if (next !== undefined && frame.kind !== 'range') this.open(action, next as 'if' | 'with', true);
    else if (next !== undefined || rest !== '') throw this.unsupported(action);
  }

  private close(): void {
    for (;;) {
      const { kind, pipeline, body, otherwise, chained } = this.frame;
      if (kind === 'root') throw new CorefileError(`template: ${this.section}:1: unexpected {{end}}`);
      this.frames.pop();
      this.push({ kind, pipeline: pipeline!, body, otherwise });
      if (!chained) return;
    }
  }
}

function newFrame(
  kind: Frame['kind'],
  pipeline: Pipeline | undefined,
  variables: Set<string>,
  chained: boolean,
): Frame {
  return { kind, pipeline, body: [], otherwise: [], hasElse: false, chained, variables };
}

/** Without the blanks at its end; by hand, because an expression would look at every run of blanks in the text. */
function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\n'.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

/**
 * Take a template apart.
 * @param section `answer`, `additional` or `authority`: Go names it in messages
 * @throws CorefileError that says which action at which character (from 1) we do not know
 */
export function parseTemplateText(section: string, source: string): TemplateText {
  return new Parser(section, source).parse();
}
