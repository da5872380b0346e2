/** Texts of records put together from a question, and read. */
import type { ResourceRecord } from '../../wire/message';
import { textToRecord } from '../../wire/record-text';
import { evaluate, type TemplateData, TemplateError } from './evaluate';
import type { TemplateText } from './text';

/** A record, or why there is none: `make` the text could not be made, `read` it is no record. */
export type TemplateRecord =
  | { readonly record: ResourceRecord; readonly error?: undefined }
  | { readonly record?: undefined; readonly error: string; readonly step: 'make' | 'read' };

/** The sections of an answer by the directive that fills them. */
export type TemplateSection = 'answer' | 'additional' | 'authority';

/** Texts that are the same for every question, such as a fixed SOA: read once. */
const FIXED = new WeakMap<TemplateText, TemplateRecord>();

function read(text: string): TemplateRecord {
  const { record, error } = textToRecord(text);
  return record === undefined ? { error, step: 'read' } : { record };
}

function readFixed(template: TemplateText): TemplateRecord {
  let result = FIXED.get(template);
  if (result === undefined) {
    result = read(template.nodes.map((node) => (node.kind === 'text' ? node.text : '')).join(''));
    FIXED.set(template, result);
  }
  return result;
}

/**
 * Make one record.
 * @returns the record, or an error for the log: Go's words for what could not be worked out, ours for what is no record
 */
export function makeRecord(section: TemplateSection, template: TemplateText, data: TemplateData): TemplateRecord {
  if (template.nodes.every(({ kind }) => kind === 'text')) return readFixed(template);
  try {
    return read(evaluate(section, template, data));
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message, step: 'make' };
    throw error;
  }
}
