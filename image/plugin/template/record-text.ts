/** Texts of records put together from a question, and read. */
import type { ResourceRecord } from '../../wire/message';
import { textToRecord } from '../../wire/record-text';
import type { TemplateField, TemplateText } from './text';

/** What the pieces of a text stand for. */
export interface TemplateFacts extends Readonly<Record<TemplateField, string>> {
  /** Groups of the match by number; `''` for one that took no part. */
  readonly match: readonly string[];
  /** Numbers of the named groups. */
  readonly groups: Readonly<Record<string, number>>;
}

/** A record, or why there is none: `make` the text could not be made, `read` it is no record. */
export type TemplateRecord =
  | { readonly record: ResourceRecord; readonly error?: undefined }
  | { readonly record?: undefined; readonly error: string; readonly step: 'make' | 'read' };

/** The sections of an answer by the directive that fills them. */
export type TemplateSection = 'answer' | 'additional' | 'authority';

/** Go's words for a group that is not there. The place is that of the action: line from 1, octet of the line from 0. */
function indexError(section: TemplateSection, source: string, index: number): string {
  const action = new RegExp(`(?:index\\s+)?\\.Match\\s+0*${index}\\b`).exec(source);
  const before = source.slice(0, action?.index ?? 0);
  const line = before.split('\n').length;
  const octet = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
  const what = `executing "${section}" at <index .Match ${index}>: error calling index`;
  return `template: ${section}:${line}:${octet}: ${what}: index out of range: ${index}`;
}

/** Value of `.Group.NAME`: a name goes before a number. */
function group({ match, groups }: TemplateFacts, name: string): string {
  if (Object.hasOwn(groups, name)) return match[groups[name]] ?? '';
  return /^(?:0|[1-9][0-9]*)$/.test(name) ? (match[Number(name)] ?? '') : '';
}

/** Texts that are the same for every question, such as a fixed SOA: read once. */
const FIXED = new WeakMap<TemplateText, TemplateRecord>();

function read(text: string): TemplateRecord {
  const { record, error } = textToRecord(text);
  return record === undefined ? { error, step: 'read' } : { record };
}

function readFixed(template: TemplateText): TemplateRecord {
  let result = FIXED.get(template);
  if (result === undefined) {
    result = read(template.pieces.map((piece) => (piece.kind === 'text' ? piece.text : '')).join(''));
    FIXED.set(template, result);
  }
  return result;
}

/**
 * Make one record.
 * @returns the record, or an error for the log: Go's words for a group that is not there, ours for what is no record
 */
export function makeRecord(section: TemplateSection, template: TemplateText, facts: TemplateFacts): TemplateRecord {
  if (template.pieces.every(({ kind }) => kind === 'text')) return readFixed(template);
  let text = '';
  for (const piece of template.pieces) {
    if (piece.kind === 'text') text += piece.text;
    else if (piece.kind === 'field') text += facts[piece.field];
    else if (piece.kind === 'group') text += group(facts, piece.name);
    else if (piece.index < facts.match.length) text += facts.match[piece.index];
    else return { error: indexError(section, template.source, piece.index), step: 'make' };
  }
  return read(text);
}
