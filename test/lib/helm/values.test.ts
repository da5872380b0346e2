import { Expression, operand } from '../../../lib/helm/token';
import * as values from '../../../lib/helm/values';

const { expressions, flag, group, integer, list, map, merge, text } = values;

const declared = group('Whole.', {
  image: group('Image.', { tag: text('1', 'Tag.', { pattern: '^[0-9]$' }) }),
  port: integer(53, 'Port.', { minimum: 1, maximum: 65535 }),
  bytes: integer(1, 'Bytes.', { minimum: 1, maximum: 1e9 }),
  on: flag(true, 'Switch.'),
  names: list<string>(['a'], 'Names.', { type: 'string' }),
  labels: map<Record<string, string>>({ a: 'b' }, 'Labels.'),
});

describe('a declaration', () => {
  test('holds the defaults', () => {
    expect(declared.initial).toEqual({
      image: { tag: '1' },
      port: 53,
      bytes: 1,
      on: true,
      names: ['a'],
      labels: { a: 'b' },
    });
  });

  test('admits no other names and misses none but maps, which null empties', () => {
    expect(declared.schema).toMatchObject({
      additionalProperties: false,
      required: ['image', 'port', 'bytes', 'on', 'names'],
    });
  });

  test('says each sentence in the schema', () => {
    expect(declared.schema.properties).toMatchObject({
      port: { description: 'Port.', type: 'integer', maximum: 65535 },
    });
  });

  test('gives an expression per leaf, of the kind its type is written in', () => {
    expect(expressions(declared.fields ?? {})).toEqual({
      image: { tag: new Expression('.Values.image.tag', 'string') },
      port: new Expression('.Values.port', 'scalar'),
      bytes: new Expression('.Values.bytes', 'integer'),
      on: new Expression('.Values.on', 'scalar'),
      names: new Expression('.Values.names', 'tree'),
      labels: new Expression('.Values.labels', 'tree'),
    });
  });
});

describe('objects', () => {
  const server = values.shape(
    { to: text('', 'Address.'), port: integer(53, 'Port.', { minimum: 1, maximum: 65535 }), log: flag(false, 'Log.') },
    ['to'],
  );

  test('in a list have a schema of their own, and those fields are required that are', () => {
    expect(values.objects('Servers.', server, { maxItems: 3 }).schema).toEqual({
      type: 'array',
      maxItems: 3,
      items: {
        type: 'object',
        additionalProperties: false,
        propertyNames: { enum: ['to', 'port', 'log'] },
        required: ['to'],
        properties: {
          to: { description: 'Address.', type: 'string' },
          port: { description: 'Port.', type: 'integer', minimum: 1, maximum: 65535 },
          log: { description: 'Log.', type: 'boolean' },
        },
      },
    });
  });

  test('may have names, which a schema limits', () => {
    const { schema, initial, items } = values.entries('Servers.', server, { pattern: '^[a-z]+$' });
    expect(schema).toMatchObject({
      propertyNames: { pattern: '^[a-z]+$' },
      additionalProperties: { required: ['to'] },
    });
    expect([initial, items]).toEqual([{}, server.fields]);
  });

  test('get the defaults of what they leave out, plain and in a template', () => {
    expect(values.completed(server, { to: 'a' })).toEqual({ to: 'a', port: 53, log: false });
    expect(values.itemExpressions(server, '$server')).toEqual({
      to: new Expression('$server.to', 'string'),
      port: new Expression('$server.port | default 53', 'scalar'),
      log: new Expression('$server.log | default false', 'scalar'),
    });
  });

  test.each<[string, values.Field<unknown>]>([
    ['a switch that is on', flag(true, 'On.')],
    ['a number where 0 is one, too', integer(5, 'Five.', { minimum: 0, maximum: 9 })],
    ['a text where an empty one is one, too', text('a', 'A.')],
    ['a group', group('Group.', {})],
  ])('take no default that a template cannot fill in: %s', (_, field) => {
    expect(() => values.shape({ field }, [])).toThrow("Give 'field' no group, and no default where 0, '' or false");
  });
});

test('a group of expressions can be passed on as a whole', () => {
  const { image } = expressions(declared.fields ?? {});
  expect(operand(image)).toBe('.Values.image');
});

describe('merge', () => {
  test.each<[string, unknown, unknown, unknown]>([
    ['nothing over something', { a: 1 }, undefined, { a: 1 }],
    ['maps key by key', { a: { b: 1, c: 2 } }, { a: { c: 3, d: 4 } }, { a: { b: 1, c: 3, d: 4 } }],
    ['lists as a whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['null deletes', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['false and empty replace', { a: true, b: 'x' }, { a: false, b: '' }, { a: false, b: '' }],
    ['a map over a scalar', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('%s', (_, base, over, wanted) => {
    expect(merge(base, over as never)).toEqual(wanted);
  });

  test('takes an expression as a whole', () => {
    const expression = new Expression('.Values.a', 'tree');
    expect(merge({ a: { b: 1 } } as object, { a: expression } as never)).toEqual({ a: expression });
  });

  test('keeps a null where there is nothing to delete, as Helm does, so that the schema sees a misspelt name', () => {
    expect(merge({ a: 1 } as object, { b: null } as never)).toEqual({ a: 1, b: null });
  });

  test('takes what is undefined for not given', () => {
    expect(Object.keys(merge({ a: 1 } as object, { a: undefined, b: undefined } as never))).toEqual(['a']);
  });

  test('takes a name that objects have of their own for any other', () => {
    const given = JSON.parse('{"__proto__": {"b": 2}, "constructor": 3}');
    expect(Object.entries(merge({ a: 1 } as object, given))).toEqual([
      ['a', 1],
      ['__proto__', { b: 2 }],
      ['constructor', 3],
    ]);
  });

  test('leaves both as they are', () => {
    const base = { a: { b: 1 } };
    merge(base, { a: { b: 2 } });
    expect(base).toEqual({ a: { b: 1 } });
  });
});
