import { CorefileError } from '../../../image/corefile/errors';
import { parseCorefile } from '../../../image/corefile/parser';
import { tables } from '../../support/coredns-tables';
import { fakeEnvironment, type Machine } from '../../support/corefile';
import { needs } from '../../support/needs';

/** Blocks as `[keys, {directive: words}]`. */
function blocks(text: string, machine: Machine = {}): [string[], Record<string, string[]>][] {
  return parseCorefile(text, 'Cf', fakeEnvironment(machine), (name) => name !== 'unknown').map((block) => [
    block.keys.map((key) => key.text),
    Object.fromEntries([...block.directives].map(([name, tokens]) => [name, tokens.map((token) => token.text)])),
  ]);
}

function refusal(text: string, machine: Machine = {}): string {
  try {
    blocks(text, machine);
  } catch (error) {
    if (error instanceof CorefileError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('server blocks', () => {
  test('have keys, and directives with all their words', () => {
    expect(blocks('a b {\n one 1 {\n x\n }\n two\n}\nc {\n}')).toEqual([
      [['a', 'b'], { one: ['one', '1', '{', 'x', '}'], two: ['two'] }],
      [['c'], {}],
    ]);
  });

  test('need no braces when there is one', () => {
    expect(blocks('a\n one\n two')).toEqual([[['a'], { one: ['one'], two: ['two'] }]]);
  });

  test('may be keys only', () => {
    expect(blocks('a:53')).toEqual([[['a:53'], {}]]);
  });

  test('take keys from the next line after a comma', () => {
    expect(blocks('a,\nb, c {\n one\n}')).toEqual([[['a', 'b', 'c'], { one: ['one'] }]]);
  });

  test('join the occurrences of a directive', () => {
    expect(blocks('a {\n one 1\n two\n one 2\n}')).toEqual([[['a'], { one: ['one', '1', 'one', '2'], two: ['two'] }]]);
  });

  test('take a brace on the line after a directive as the directive’s', () => {
    expect(blocks('a {\n one\n {\n x\n }\n}')).toEqual([[['a'], { one: ['one', '{', 'x', '}'] }]]);
  });

  test('a stray closing brace is a zone, as in CoreDNS', () => {
    expect(blocks('a {\n one\n}\n}')).toEqual([
      [['a'], { one: ['one'] }],
      [['}'], {}],
    ]);
  });

  test('empty words are no keys', () => {
    expect(blocks('"" a {\n}')).toEqual([[['a'], {}]]);
    expect(blocks('""')).toEqual([]);
  });
});

describe('mistakes are named with file and line', () => {
  test.each([
    ['a, {\n}', "Cf:1 - Error during parsing: Expected another address but had '{' - check for extra comma"],
    ['a,', 'Cf:1 - Error during parsing: Unexpected EOF'],
    ['a {\n unknown\n}', "Cf:2 - Error during parsing: Unknown directive 'unknown'"],
    ['a {\n one {\n  x', 'Cf:3 - Error during parsing: Unexpected EOF'],
    ['a {\n one }\n}', "Cf:2 - Error during parsing: Unexpected '}' because no matching opening brace"],
    ['a {\n one x', "Cf:2 - Syntax error: Unexpected token 'x', expecting '}'"],
    ['a {', "Cf:1 - Syntax error: Unexpected token '{', expecting '}'"],
    ['(s)\n one', "Cf:2 - Syntax error: Unexpected token 'one', expecting '{'"],
    ['(s) {\n one', "Cf:2 - Syntax error: Unexpected token 'one', expecting '}'"],
  ])('%j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

describe('variables', () => {
  const variables = { A: 'one', B: '{$A}', BLANK: 'x y', SELF: '{$SELF}', GROW: '{$GROW}{$GROW}', Z: 'zone' };

  test.each([
    ['in keys', '{$Z}.org {\n}', [[['zone.org'], {}]]],
    ['in both spellings', '{%Z%}-{$Z} {\n}', [[['zone-zone'], {}]]],
    ['in directive names', 'a {\n {$A} x\n}', [[['a'], { one: ['{$A}', 'x'] }]]],
    ['in arguments, which stay one word', 'a {\n one {$BLANK}\n}', [[['a'], { one: ['one', 'x y'] }]]],
    ['in values of variables', 'a {\n one {$B}\n}', [[['a'], { one: ['one', 'one'] }]]],
    ['unset ones are empty', 'a {\n one x{$NONE}y\n}', [[['a'], { one: ['one', 'xy'] }]]],
    ['without a name they stop the replacing', 'a {\n one {$}{$A}\n}', [[['a'], { one: ['one', '{$}{$A}'] }]]],
    ['not closed they stay', 'a {\n one {$A\n}', [[['a'], { one: ['one', '{$A'] }]]],
    ['eat into templates without a blank', 'a {\n one {{$A}}\n}', [[['a'], { one: ['one', '{one}'] }]]],
  ])('%s', (_title, text, expected) => {
    expect(blocks(text, { variables })).toEqual(expected);
  });

  test.each(['SELF', 'GROW'])('%s never ends and is refused', (name) => {
    expect(refusal(`a {\n one {$${name}}\n}`, { variables })).toMatch(
      new RegExp(`^Cf:2 - Error during parsing: environment variable "${name}" refers to itself`),
    );
  });
});

describe('snippets', () => {
  test('are replayed where they are imported', () => {
    expect(blocks('(s) {\n one 1\n}\na {\n import s\n two\n}\nb {\n import s\n}')).toEqual([
      [['a'], { one: ['one', '1'], two: ['two'] }],
      [['b'], { one: ['one', '1'] }],
    ]);
  });

  test('may be part of a directive’s block, and hold keys', () => {
    expect(blocks('(s) {\n x 1\n}\na {\n one {\n  import s\n }\n}')).toEqual([
      [['a'], { one: ['one', '{', 'x', '1', '}'] }],
    ]);
    expect(blocks('(k) {\n a\n}\nimport k\n{\n one\n}')).toEqual([[['a'], { one: ['one'] }]]);
  });

  test.each([
    ['(s) {\n}\n(s) {\n}', 'Cf:3 - Error during parsing: redeclaration of previously declared snippet s'],
    ['a {\n import s\n}\n(s) {\n}', 'Cf:2 - Error during parsing: File to import not found: s'],
    ['(s) {\n import s\n}\nimport s', 'Cf:3 - Error during parsing: maximum snippet import depth (10000) exceeded'],
    ['(s) {\n import t\n}\n(t) {\n import s\n}\na {\n import s\n}', 'maximum snippet import depth (10000) exceeded'],
    ['a {\n import\n}', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'import'"],
    ['a {\n import ""\n}', 'Cf:2 - Error during parsing: Import requires a non-empty filepath'],
    ['(k) {\n a\n}\nimport k {\n}', 'Cf:4 - Error during parsing: Import takes only one argument'],
    ['a {\n import x y\n}', 'Cf:2 - Error during parsing: Import takes only one argument (glob pattern or file)'],
  ])('%j is refused', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  test('that multiply are cut off at a limit', () => {
    const bomb = Array.from({ length: 30 }, (_, n) => `(s${n}) {\n import s${n - 1}\n import s${n - 1}\n}`).slice(1);
    const started = Date.now();
    expect(refusal(`(s0) {\n one ${'x '.repeat(50)}\n}\n${bomb.join('\n')}\na {\n import s29\n}`)).toMatch(
      /maximum snippet import depth|words with all imports are too many/,
    );
    expect(Date.now() - started).toBeLessThan(5000);
  });
});

describe('imported files', () => {
  const files = {
    '/etc/one.conf': 'one 1\nimport sub/two.conf',
    '/etc/sub/two.conf': 'two',
    '/etc/zones/b.conf': 'b {\n one\n}',
    '/etc/zones/a.conf': 'a {\n unknown\n}',
    '/etc/zones/c.zone': 'c {\n}',
    '/etc/cycle.conf': 'import cycle.conf',
    '/etc/grow.conf': '}\nb {\nimport grow.conf',
    '/etc/argument.conf': 'a {\n one x import two.conf\n}',
    '/etc/user.conf': 'a {\n import common\n}',
    '/etc/more/k1/x.conf': 'k1 {\n}',
    '/etc/more/k2/x.conf': 'k2 {\n}',
  };

  test('are found relative to the file that imports them', () => {
    expect(blocks('a {\n import one.conf\n three\n}', { files })).toEqual([
      [['a'], { one: ['one', '1'], two: ['two'], three: ['three'] }],
    ]);
  });

  test('are found by pattern, in order, also in folders', () => {
    expect(blocks('import zones/*.zone\nimport /etc/more/k?/x.conf', { files })).toEqual([
      [['c'], {}],
      [['k1'], {}],
      [['k2'], {}],
    ]);
  });

  test('in them `import` as an argument is a word like others', () => {
    expect(blocks('import argument.conf', { files })).toEqual([[['a'], { one: ['one', 'x', 'import', 'two.conf'] }]]);
  });

  test('use snippets of the file that imports them', () => {
    expect(blocks('(common) {\n one 1\n}\nimport user.conf', { files })).toEqual([[['a'], { one: ['one', '1'] }]]);
  });

  test('have their own name in messages', () => {
    expect(refusal('import zones/*.conf', { files })).toBe(
      "/etc/zones/a.conf:2 - Error during parsing: Unknown directive 'unknown'",
    );
  });

  test('a pattern without a match is a warning', () => {
    const environment = fakeEnvironment({ files });
    expect(parseCorefile('import none/*', 'Cf', environment, () => true)).toEqual([]);
    expect(environment.warnings).toEqual(['No files matching import glob pattern: none/*']);
  });

  test.each([
    ['import none.conf', 'Cf:1 - Error during parsing: File to import not found: none.conf'],
    ['import zones', 'Cf:1 - Error during parsing: Could not import /etc/zones: is a directory'],
    ['import */*.conf', 'Glob pattern may only contain one wildcard (*), but has others: /etc/*/*.conf'],
    ['import a[bc]', 'Glob pattern may only contain one wildcard (*), but has others: /etc/a[bc]'],
    ['import a[b', 'Failed to use import pattern a[b: syntax error in pattern'],
    ['import cycle.conf', 'maximum file import depth (10000) exceeded'],
    ['a {\n import grow.conf', 'words with all imports are too many'],
  ])('%s is refused', (text, message) => {
    expect(refusal(text, { files })).toContain(message);
  });
});

needs('tables').describe('Caddy’s own tables', () => {
  const files = {
    '/etc/testdata/import_test1.txt': 'dir2 arg1 arg2\ndir3',
    '/etc/testdata/import_test2.txt': 'host1 {\n\tdir1\n\tdir2 arg1\n}',
    '/etc/testdata/import_glob0.txt': 'glob0.host0 {\n\tdir2 arg1\n}\n\nglob0.host1 {\n}',
    '/etc/testdata/import_glob1.txt': 'glob1.host0 {\n\tdir1\n\tdir2 arg1\n}',
    '/etc/testdata/import_glob2.txt': 'glob2.host0 {\n\tdir2 arg1\n}',
  };

  test.each(tables('caddyfile', 'TestParseOneAndImport'))('one block: %j', (row) => {
    if (row.shouldErr) {
      expect(refusal(row.input as string, { files })).not.toBe('accepted');
      return;
    }
    const expected = (row.tokens as { k: string; v: number }[]).map(({ k, v }) => [k, v]);
    const [block] = blocks(row.input as string, { files });
    expect(block?.[0] ?? []).toEqual(row.keys);
    const counts = Object.entries(block?.[1] ?? {}).map(([name, tokens]) => [name, tokens.length]);
    expect(counts).toEqual(expected);
  });

  test.each(tables('caddyfile', 'TestParseAll'))('all blocks: %j', (row) => {
    if (row.shouldErr) expect(refusal(row.input as string, { files })).not.toBe('accepted');
    else expect(blocks(row.input as string, { files }).map(([keys]) => keys)).toEqual(row.keys);
  });

  test.each(tables('caddyfile', 'TestSnippetImportCycle'))('cycle: %j', (row) => {
    expect(refusal(row.input as string)).toContain('maximum snippet import depth (10000) exceeded');
  });
});
