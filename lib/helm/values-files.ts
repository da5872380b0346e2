/** The files written from a declaration of values: values.yaml, values.schema.json, and a table for the README. */
import { stringify } from 'yaml';
import type { Field, Fields, Schema } from './values';

/** Comments are wrapped here: people read values.yaml in a terminal beside something else. */
const COMMENT_COLUMNS = 100;

/**
 * values.yaml: each value under its sentence, groups separated by blank lines.
 * @param head first line, a comment that says where the file comes from
 */
export function valuesYaml(head: string, fields: Fields): string {
  return [`# ${head}`, ...yamlLines(fields, 0)].join('\n') + '\n';
}

function yamlLines(fields: Fields, column: number): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const pad = ' '.repeat(column);
    const items = Object.entries(field.items ?? {}).map(([item, { sentence }]) => `- ${item}: ${sentence}`);
    const head = [field.sentence, ...items].flatMap((words) => comment(words, column));
    if (column === 0) head.unshift('');
    if (field.fields) return [...head, `${pad}${name}:`, ...yamlLines(field.fields, column + 2)];
    const lines = stringify({ [name]: field.initial }, { version: '1.1', lineWidth: 0 })
      .trimEnd()
      .split('\n');
    return [...head, ...lines.map((line) => pad + line)];
  });
}

function comment(sentence: string, column: number): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1);
    const fits = last !== undefined && last.length + 1 + word.length <= COMMENT_COLUMNS - column;
    if (fits) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${' '.repeat(column)}# ${word}`);
  }
  return lines;
}

/**
 * values.schema.json, draft 07, which Helm 3 and 4 check before they render.
 * @param schema the schema of the whole, from `group`
 */
export function valuesSchema(title: string, schema: Schema): string {
  const properties = {
    ...(schema.properties as object),
    // Helm passes these two down when the chart is a dependency of another one.
    global: { type: 'object', description: 'Values that a parent chart shares; not used here.' },
    enabled: { type: 'boolean', description: "A parent chart's condition for this dependency; not used here." },
  };
  const propertyNames = { enum: Object.keys(properties) };
  const whole = { $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema, propertyNames, properties };
  return JSON.stringify(whole, null, 2) + '\n';
}

/** A Markdown table of every value: name, default, meaning. */
export function valuesTable(fields: Fields): string {
  const rows = leaves(fields, '').map(([path, field]) => {
    const initial = JSON.stringify(field.initial).replaceAll('|', '\\|');
    return `| \`${path}\` | \`${initial}\` | ${field.sentence.replaceAll('|', '\\|')} |`;
  });
  return ['| Value | Default | Meaning |', '|---|---|---|', ...rows].join('\n') + '\n';
}

function leaves(fields: Fields, prefix: string): [string, Field<unknown>][] {
  return Object.entries(fields).flatMap(([name, field]): [string, Field<unknown>][] =>
    field.fields
      ? leaves(field.fields, `${prefix}${name}.`)
      : [[prefix + name, field], ...leaves(field.items ?? {}, `${prefix}${name}.*.`)],
  );
}
