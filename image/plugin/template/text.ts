/**
 * The part of Go's text/template that record texts use, taken apart at start into pieces a worker can join: fields of
 * the query, groups of the match, comments, and `{{-`/`-}}`, which eat the white space next to them.
 */
import { CorefileError, text } from '../../corefile/errors';

const FIELDS = { Name: 'name', Zone: 'zone', Class: 'class', Type: 'type', Remote: 'remote', Regex: 'regex' } as const;
/** A fact about the query: `name` and `zone` in lower case with final dot, `remote` the client's IP address. */
export type TemplateField = (typeof FIELDS)[keyof typeof FIELDS];

/** What a record's text is joined from. */
export type TemplatePiece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly field: TemplateField }
  /** Group of the expression by name or number; `''` when there is none or it did not take part. */
  | { readonly kind: 'group'; readonly name: string }
  /** Group by number; 0 is the whole match. Beyond the last one the answer is SERVFAIL, as in CoreDNS. */
  | { readonly kind: 'match'; readonly index: number };

/** A record's text. */
export interface TemplateText {
  /** As written: label `template` of the failure counters. */
  readonly source: string;
  readonly pieces: readonly TemplatePiece[];
}

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
    if (source[index] !== '"') continue;
    for (index++; index < source.length && source[index] !== '"'; index++) if (source[index] === '\\') index++;
  }
  return -1;
}

/** The action between the braces, without the hyphens that trim. */
function actionBody(action: string): string {
  return action
    .slice(2, -2)
    .replace(/^-(?=[ \t\r\n])/, '')
    .replace(/(?<=[ \t\r\n])-$/, '')
    .trim();
}

/** The piece an action stands for; undefined when we have none, null for a comment. */
function pieceOf(body: string): TemplatePiece | null | undefined {
  if (/^\/\*[\s\S]*\*\/$/.test(body)) return null;
  const name = /^\.([A-Z][a-z]+)$/.exec(body)?.[1];
  if (name !== undefined && Object.hasOwn(FIELDS, name))
    return { kind: 'field', field: FIELDS[name as keyof typeof FIELDS] };
  const group = /^\.Group\.([\p{L}_][\p{L}\p{Nd}_]*)$/u.exec(body) ?? /^index\s+\.Group\s+"([^"\\]*)"$/.exec(body);
  if (group) return { kind: 'group', name: group[1] };
  const index = /^(?:index\s+)?\.Match\s+([0-9]{1,4})$/.exec(body);
  return index ? { kind: 'match', index: Number(index[1]) } : undefined;
}

/**
 * Take a template apart.
 * @param section `answer`, `additional` or `authority`: Go names it in messages
 * @throws CorefileError that says which action at which character (from 1) we do not know
 */
export function parseTemplateText(section: string, source: string): TemplateText {
  const pieces: TemplatePiece[] = [];
  const pushText = (value: string) => {
    if (value !== '') pieces.push({ kind: 'text', text: value });
  };
  let from = 0; // Where text that no action has eaten begins.
  let eatLeft = false; // The action before ended in `-}}`.
  for (;;) {
    const open = source.indexOf('{{', from);
    let plain = open === -1 ? source.slice(from) : source.slice(from, open);
    if (eatLeft) plain = plain.replace(/^[ \t\r\n]+/, '');
    if (open === -1) {
      pushText(plain);
      return { source, pieces };
    }
    const end = actionEnd(source, open);
    if (end === -1) throw new CorefileError(`template: ${section}:1: unclosed action`);
    const action = source.slice(open, end);
    pushText(/^\{\{-[ \t\r\n]/.test(action) ? plain.replace(/[ \t\r\n]+$/, '') : plain);
    const piece = pieceOf(actionBody(action));
    if (piece === undefined) throw new CorefileError(text.templateAction(action, open + 1));
    if (piece !== null) pieces.push(piece);
    from = end;
    eatLeft = /[ \t\r\n]-\}\}$/.test(action);
  }
}
