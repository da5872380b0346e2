import { parse } from 'yaml';
import { entries, group, integer, list, shape, text } from '../../../lib/helm/values';
import { valuesSchema, valuesTable, valuesYaml } from '../../../lib/helm/values-files';

const LONG = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
const declared = group('Whole.', {
  image: group('The image.', { tag: text('y', 'Tag: a|b.') }),
  port: integer(53, LONG, { minimum: 1, maximum: 65535 }),
  names: list<string>(['a'], 'Names.', { type: 'string' }),
});
const fields = declared.fields ?? {};

describe('values.yaml', () => {
  const yaml = valuesYaml('Head.', fields);

  test('reads as what was declared', () => {
    expect(parse(yaml, { version: '1.1' })).toEqual(declared.initial);
  });

  test('has each sentence above its value and blank lines between groups', () => {
    expect(yaml.startsWith('# Head.\n\n# The image.\nimage:\n  # Tag: a|b.\n  tag: "y"\n\n# word0 ')).toBe(true);
    expect(yaml.endsWith('\n\n# Names.\nnames:\n  - a\n')).toBe(true);
  });

  test('wraps comments', () => {
    expect(Math.max(...yaml.split('\n').map((line) => line.length))).toBeLessThanOrEqual(102);
    expect(yaml.replaceAll('\n# ', ' ')).toContain(LONG);
  });
});

test('fields of objects are named below the sentence, and have rows of their own', () => {
  const server = shape({ to: text('', 'Address.') }, ['to']);
  const { fields: more = {} } = group('Whole.', { servers: entries('Servers by name.', server, {}) });
  expect(valuesYaml('Head.', more)).toBe('# Head.\n\n# Servers by name.\n# - to: Address.\nservers: {}\n');
  expect(valuesTable(more)).toContain(
    '| `servers` | `{}` | Servers by name. |\n| `servers.*.to` | `""` | Address. |\n',
  );
});

describe('values.schema.json', () => {
  const schema = JSON.parse(valuesSchema('chart', declared.schema));

  test('is draft 07 with a title', () => {
    expect(schema).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', title: 'chart' });
  });

  test('says the names that there are where Helm refuses another one', () => {
    expect(schema.propertyNames.enum).toEqual(Object.keys(schema.properties));
    expect(schema.properties.image.propertyNames).toEqual({ enum: ['tag'] });
  });

  test('admits what a parent chart passes down', () => {
    expect(Object.keys(schema.properties)).toEqual(['image', 'port', 'names', 'global', 'enabled']);
  });
});

test('the table has a row per leaf, with bars escaped', () => {
  expect(valuesTable(fields).split('\n').slice(2, 3)).toEqual(['| `image.tag` | `"y"` | Tag: a\\|b. |']);
  expect(valuesTable(fields).trimEnd().split('\n')).toHaveLength(5);
});
