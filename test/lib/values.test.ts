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

/** Paths of all groups, which templates pass on as a whole. */
function groups(fields: Fields, prefix = ''): string[] {
  return Object.entries(fields).flatMap(([name, field]) =>
    field.fields ? [prefix + name, ...groups(field.fields, `${prefix}${name}.`)] : [],
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

  const text = templates.join('\n');
  const splits = (path: string): [string, string][] => {
    const parts = path.split('.');
    return parts.slice(1).map((_, index) => [parts.slice(0, index + 1).join('.'), parts.slice(index + 1).join('.')]);
  };
  const reads = (path: string): boolean => new RegExp(`\\$[a-z]+\\.${path.replaceAll('.', '\\.')}(?!\\w)`).test(text);
  /** Whether a group goes to a named template as a whole: `.Values.zones.cluster`, and from there `$zone.forward`. */
  const isPassedOn = (path: string): boolean =>
    new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}(?![\\w.])`).test(text) ||
    splits(path).some(([whole, rest]) => isPassedOn(whole) && reads(rest));

  test.each(leaves(FIELDS))('%s is used in a template', (path) => {
    const use = new RegExp(`\\.Values\\.${path.replaceAll('.', '\\.')}\\b`);
    expect(use.test(text) || splits(path).some(([whole, rest]) => isPassedOn(whole) && reads(rest))).toBe(true);
  });

  test('templates use no value that is not declared', () => {
    const used = text.matchAll(/\.Values\.([A-Za-z.]*[A-Za-z])/g);
    const known = new Set([...leaves(FIELDS), ...groups(FIELDS)]);
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
