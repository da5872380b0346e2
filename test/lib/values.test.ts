import * as fs from 'node:fs';
import Ajv from 'ajv';
import { chartFiles } from '../../lib/chart/files';
import type { Fields } from '../../lib/helm/values';
import { DECLARATION, DEFAULTS, FIELDS } from '../../lib/values';
import { synthesized, temporaryFolder } from '../support/helm';

/** Paths of all leaves. */
function leaves(fields: Fields, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.fields ? leaves(field.fields, `${prefix}${name}.`) : [prefix + name],
  );
}

describe('the declared values', () => {
  const chart = synthesized(temporaryFolder());
  const folder = `${chart}/templates`;
  const templates = fs.readdirSync(folder).map((file) => fs.readFileSync(`${folder}/${file}`, 'utf8'));

  test('have defaults that pass their own schema', () => {
    const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
    ajv.validate(DECLARATION.schema, DEFAULTS);
    expect(ajv.errors ?? []).toEqual([]);
  });

  test.each(leaves(FIELDS))('%s is used in a template', (path) => {
    const use = new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}\\b`);
    expect(templates.some((template) => use.test(template))).toBe(true);
  });

  test('templates use no value that is not declared', () => {
    const used = templates.join('\n').matchAll(/\.Values\.([A-Za-z.]*[A-Za-z])/g);
    const known = new Set(leaves(FIELDS));
    expect([...new Set([...used].map(([, path]) => path))].filter((path) => !known.has(path))).toEqual([]);
  });

  test('are said in sentences', () => {
    const say = (fields: Fields): string[] =>
      Object.values(fields).flatMap((field) => [field.sentence, ...(field.fields ? say(field.fields) : [])]);
    expect(say(FIELDS).filter((sentence) => !/^[\w].*[.]$/s.test(sentence))).toEqual([]);
  });

  test('the chart says in its README what each does', () => {
    const readme = chartFiles()['README.md'];
    expect(leaves(FIELDS).filter((path) => !readme.includes(`| \`${path}\` |`))).toEqual([]);
  });
});
