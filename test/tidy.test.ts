/**
 * House rules as tests. The rules are in tidy/rules.ts; here is what they are applied to, and the exceptions with their
 * reasons.
 */
import {
  deadFiles,
  FILE_LINES_MAX,
  FILE_LINES_MEDIAN,
  FUNCTION_LINES_MAX,
  leftovers,
  longFiles,
  longFunctions,
  medianLines,
  ROOMS,
  slowWords,
  undocumentedExports,
  unseeded,
  untested,
  upwardImports,
} from './tidy/rules';
import { readSources, type Source, sourceOf } from './tidy/source';

const PRODUCT = readSources('image', 'lib', 'main.ts');
const TESTS = readSources('test');
const ALL = [...PRODUCT, ...TESTS];
const PATHS = new Set(ALL.map(({ path }) => path));

/** Started by a person or a script, imported by nobody. */
const ENTRIES = [
  'main.ts',
  'lib/index.ts',
  'lib/command.ts',
  'lib/chart/package-main.ts',
  'lib/package/main.ts',
  'image/main.ts',
  'image/demo.ts',
  'image/worker.ts',
  'image/container/sbom.ts',
];
const TEST_ENTRIES = [
  'test/bench/main.ts',
  'test/cluster/main.ts',
  'test/compare/record.ts',
  'test/dashboard/picture.ts',
  'test/docs/write-reference.ts',
  'test/drill/main.ts',
  'test/fuzz/main.ts',
  'test/image/agent/recorded/record.ts',
  'test/image/corefile/recorded/record.ts',
  'test/image/plugin/forwarded/record.ts',
  'test/image/plugin/recorded/record.ts',
  'test/image/observe/recorded/record.ts',
  'test/image/observe/write-metrics.ts',
];
/** Run by path in network namespaces of tests (test/support/namespace.ts). */
const INSIDE = [
  'test/dashboard/resolver-inside.ts',
  'test/dashboard/scrape-inside.ts',
  'test/drill/client-inside.ts',
  'test/drill/race-inside.ts',
  'test/drill/spin-inside.ts',
  'test/image/node/fallback-inside.ts',
  'test/image/node/inside.ts',
  'test/image/node/lease-inside.ts',
  'test/support/talk.ts',
];
/** Loaded by name through test/support/bundled.ts. */
const BUNDLED = ['test/bench/wire-operations.ts', 'test/bench/memory-operations.ts', 'test/fuzz/wire.ts'];

/** Imports up the rooms that are meant. */
const UPWARD = new Set([
  'image/corefile/load.ts > plugin', // The loader hands each directive's tokens to its setup; setups read tokens.
]);

/** Files of the fast rooms that do not run per packet, or the functions in them that do not. New files are hot. */
const COLD: Readonly<Record<string, readonly string[]>> = {
  'image/kernel/arena.ts': ['mapArena', 'viewArena'], // Once, at start.
  'image/kernel/arena-pool.ts': ['*'], // Once per cache and plan.
  'image/kernel/errno.ts': ['errnoText'], // For operators.
  'image/kernel/ffi.ts': ['*'], // Declares the calls, at start.
  'image/kernel/layout.ts': ['*'], // Checks the structs, at start.
  'image/kernel/netlink.ts': ['*'], // Main's talk about devices, some times a minute.
  'image/kernel/netlink-message.ts': [
    'AttributeWalk.text',
    'MessageWriter.attribute',
    'MessageWriter.text',
    'MessageWriter.nest',
    'MessageWriter.finish',
  ],
  'image/kernel/sockaddr.ts': ['addressBytes', 'sockaddrText', 'shorten', 'joinHostPort'], // From and to text.
  'image/kernel/socket.ts': ['Sockets.listenUdp', 'Sockets.listenTcp'], // At start.
  'image/memory/layout.ts': ['tableLayout'], // At start.
  'image/wire/address-text.ts': ['*'], // Texts: of Corefiles, hosts files and logs.
  'image/wire/codes.ts': ['backwards', 'typeText', 'classText', 'rcodeText'],
  'image/wire/compress.ts': ['*'], // The slow way: an answer taken apart and put together again.
  'image/wire/field-text.ts': ['*'],
  'image/wire/message.ts': ['*'], // The slow way, too.
  'image/wire/name-text.ts': ['*'],
  'image/wire/record-text.ts': ['*'],
  'image/wire/record-token.ts': ['*'],
  'image/wire/service-text.ts': ['*'],
};
const FAST_ROOMS = /^image\/(kernel|wire|memory)\/|^image\/serve\/fast-answer\.ts$/;

/** Exports that came before the rule. The list may only shrink. */
const UNDOCUMENTED = [
  'image/chain/plugin.ts: Handler',
  'image/kernel/layout.ts: ', // Offsets: the file's header is their drawing.
  'image/kernel/reactor.ts: Flushable',
  'image/kernel/reactor.ts: Watcher',
  'image/upstream/upstreams.ts: Upstream',
];

/** Files that came before the rule and are covered by tests of their neighbours only. The list may only shrink. */
const UNTESTED = [
  'image/assert.ts',
  'image/plugin/cache/service.ts',
  'image/plugin/errors/consolidation.ts',
  'image/plugin/forward/options.ts',
  'image/plugin/forward/policy.ts',
  'image/plugin/forward/stanza.ts',
  'image/plugin/forward/upstreams.ts',
  'image/plugin/reply.ts',
  'image/plugin/template/data.ts',
  'image/plugin/template/record-text.ts',
  'image/plugin/template/rule.ts',
  'image/serve/udp.ts',
  'image/upstream/udp-socket.ts',
  'image/wire/field-text.ts',
  'image/wire/record-token.ts',
  'image/wire/service-text.ts',
  'image/worker.ts',
  'lib/values-daemon-set.ts',
];

/** A text with a value in it, as source. */
const TEMPLATE = '`$' + '{1}`';

const fast = (sources: readonly Source[]): Source[] => sources.filter(({ path }) => FAST_ROOMS.test(path));

describe('the project keeps the house rules', () => {
  test(`no file is longer than ${FILE_LINES_MAX} lines`, () => {
    expect(longFiles(ALL)).toEqual([]);
  });

  test(`half of the product's files have at most ${FILE_LINES_MEDIAN} lines`, () => {
    expect(PRODUCT.length).toBeGreaterThan(100); // Else nothing was looked at.
    expect(medianLines(PRODUCT)).toBeLessThanOrEqual(FILE_LINES_MEDIAN);
  });

  test(`no function is longer than ${FUNCTION_LINES_MAX} lines`, () => {
    expect(longFunctions(ALL)).toEqual([]);
  });

  test('code of a room runs code of lower rooms only, and image/ and lib/ never meet', () => {
    expect(upwardImports(PRODUCT, UPWARD)).toEqual([]);
  });

  test('what runs per packet makes no object, closure, promise or copy', () => {
    expect(fast(PRODUCT).flatMap((source) => slowWords(source, COLD[source.path] ?? []))).toEqual([]);
  });

  test('every exported name of the product has a doc comment', () => {
    const undocumented = undocumentedExports(PRODUCT);
    expect(undocumented.filter((line) => !UNDOCUMENTED.some((known) => line.startsWith(known)))).toEqual([]);
  });

  test('chance has one seed', () => {
    expect(unseeded(ALL)).toEqual([]);
  });

  test('no note to oneself is left over', () => {
    expect(leftovers(ALL)).toEqual([]);
  });

  test('every file is used, by the product or by a test', () => {
    const tests = TESTS.map(({ path }) => path).filter((path) => path.endsWith('.test.ts'));
    expect(deadFiles(PRODUCT, ENTRIES)).toEqual([]);
    expect(deadFiles(TESTS, [...tests, ...TEST_ENTRIES, ...INSIDE, ...BUNDLED])).toEqual([]);
  });

  test('every file with code has a test', () => {
    expect(untested(PRODUCT, TESTS).sort()).toEqual([...UNTESTED].sort()); // Equal: a line leaves when its test comes.
  });

  test('exceptions name files that exist', () => {
    const named = [
      ...Object.keys(COLD),
      ...UNTESTED,
      ...UNDOCUMENTED.map((line) => line.split(':')[0]),
      ...INSIDE,
      ...BUNDLED,
    ];
    expect(named.filter((file) => !PATHS.has(file))).toEqual([]);
  });

  test('every room of image/ has its place in the order', () => {
    const rooms = PRODUCT.filter(({ path }) => path.startsWith('image/')).map(({ path }) => path.split('/')[1]);
    const known = new Set(ROOMS.flat());
    expect([...new Set(rooms)].filter((room) => !known.has(room.replace(/\.ts$/, '')))).toEqual([]);
  });
});

describe('each rule sees what it is there for', () => {
  const lines = (count: number): string => 'x();\n'.repeat(count);
  const complaints = (path: string, text: string): string[] => slowWords(sourceOf(path, text), []);

  test('length of files and functions: the last line that fits, and one more', () => {
    expect(longFiles([sourceOf('a.ts', lines(500))])).toEqual([]);
    expect(longFiles([sourceOf('a.ts', lines(501))])).toHaveLength(1);
    expect(longFunctions([sourceOf('a.ts', `function f() {\n${lines(68)}}`)])).toEqual([]);
    expect(longFunctions([sourceOf('a.ts', `function f() {\n${lines(69)}}`)])).toEqual([
      'a.ts:1: f has 71 lines, at most 70',
    ]);
    expect(longFunctions([sourceOf('a.ts', `class C {\n  m = () => {\n${lines(69)}};\n}`)])).toHaveLength(1);
    const describes = `describe('', () => {\n${lines(69)}});`;
    expect(longFunctions([sourceOf('a.test.ts', describes)])).toEqual([]); // A chapter of tests is no function …
    expect(longFunctions([sourceOf('a.ts', describes)])).toHaveLength(1); // … but elsewhere a callback is.
  });

  test('median of file lengths', () => {
    expect(medianLines([3, 1, 9].map((count) => sourceOf('a.ts', lines(count))))).toBe(3);
  });

  test.each([
    // Good rows.
    ['image/serve/a.ts', "import { f } from '../wire/b';", 0],
    ['image/wire/a.ts', "import { f } from './b';", 0],
    ['image/wire/a.ts', "import type { T } from '../serve/b';", 0],
    ['image/wire/a.ts', "import { type T } from '../serve/b';", 0],
    ['image/wire/a.ts', "import { limit } from '../limits';", 0],
    ['image/corefile/load.ts', "import { SETUPS } from '../plugin/setups';", 0],
    ['lib/a.ts', "import { f } from './b';", 0],
    // Bad rows.
    ['image/wire/a.ts', "import { f } from '../serve/b';", 1],
    ['image/wire/a.ts', "import { type T, f } from '../serve/b';", 1],
    ['image/wire/a.ts', "export { f } from '../chain/b';", 1],
    ['image/wire/a.ts', "const b = await import('../serve/b');", 1],
    ['image/limits.ts', "import { f } from './wire/b';", 1],
    ['image/corefile/parser.ts', "import { SETUPS } from '../plugin/setups';", 1],
    ['image/wire/a.ts', "import { f } from '../../lib/b';", 1],
    ['lib/a.ts', "import type { T } from '../image/wire/b';", 1],
    ['main.ts', "import { f } from './image/main';", 1],
  ])('imports: %s: %s', (path, text, count) => {
    expect(upwardImports([sourceOf(path, text)], UPWARD)).toHaveLength(count);
  });

  test.each([
    // Good rows.
    ['function f(b) { for (let i = 0; i < b.length; i++) b[i] = 0; }', 0],
    ['class C { a = new Uint8Array(4); constructor() { this.b = new Map(); } }', 0],
    ['const A = new Uint8Array(4);', 0],
    [`function f() { throw new Error(${TEMPLATE}); }`, 0],
    // Bad rows.
    ['function f() { return new Map(); }', 1],
    ['class C { m(b) { return b.subarray(1); } }', 1],
    ['function f(b) { return b.slice(1); }', 1],
    ['function f() { return { a: 1 }; }', 1],
    ['function f() { return [1]; }', 1],
    [`function f() { return ${TEMPLATE}; }`, 1],
    ['function f() { g(() => 1); }', 1],
    ['async function f() {}', 1],
    ['async function f() { await g(); }', 2],
    ['function f() { return Promise.resolve(); }', 1],
    ['const f = (b) => b.slice(1);', 1],
  ])('words of the fast rooms: %s', (text, count) => {
    expect(complaints('image/wire/a.ts', text)).toHaveLength(count);
  });

  test('cold functions are left alone, their neighbours are not', () => {
    const source = sourceOf('a.ts', `class C { text() { return ${TEMPLATE}; } hot() { return ${TEMPLATE}; } }`);
    expect(slowWords(source, ['C.text'])).toEqual([expect.stringContaining('C.hot')]);
    expect(slowWords(source, ['*'])).toEqual([]);
  });

  test.each([
    // Good rows.
    ['a.ts', '/** What. */ export function f() {}', 0],
    ['a.ts', '/** What. */ export const A = {}; export type A = 1;', 0],
    ['a.ts', '// Values of <sys/socket.h>.\nexport const A = 1;\nexport const B = 2;', 0],
    ['a.ts', 'export const A = 1; // RFC 1035.', 0],
    ['a.ts', 'function f() {}', 0],
    ['image/timers.ts', '/** Timers. */\nimport a from "a";\nexport class Timers {}', 0],
    // Bad rows.
    ['a.ts', 'export function f() {}', 1],
    ['a.ts', '// Not for everyone.\nexport function f() {}', 1],
    ['a.ts', '/** What. */\nexport const A = 1;\n\nexport const B = 2;', 1],
    ['image/timers.ts', 'export class Timers {}', 1],
    ['image/timers.ts', '/** Timers. */\nimport a from "a";\nexport class Wheel {}', 1],
  ])('documentation: %s: %s', (path, text, count) => {
    expect(undocumentedExports([sourceOf(path, text)])).toHaveLength(count);
  });

  test('chance without a seed', () => {
    expect(unseeded([sourceOf('test/a.test.ts', "import fc from 'fast-check';")])).toHaveLength(1);
    expect(unseeded([sourceOf('test/a.test.ts', "import fc from './support/property';")])).toEqual([]);
  });

  test('notes to oneself', () => {
    expect(leftovers([sourceOf('a.ts', 'x(); // TO' + 'DO later')])).toHaveLength(1);
    expect(leftovers([sourceOf('a.ts', 'const mastodon = 1;')])).toEqual([]);
  });

  test('dead files: what entry points do not lead to', () => {
    const sources = [
      sourceOf('main.ts', "import './a';"),
      sourceOf('a.ts', "export * from './b';"),
      sourceOf('b.ts', "import type { T } from './c';"),
      sourceOf('c.ts', ''),
      sourceOf('d.ts', "import './a';"),
    ];
    expect(deadFiles(sources, ['main.ts'])).toEqual([expect.stringContaining('d.ts')]);
  });

  test('untested files: those with code that no test names or imports', () => {
    const code = 'export function f() { return 1; }';
    const sources = ['lib/a.ts', 'lib/b.ts', 'lib/c.ts'].map((path) => sourceOf(path, code));
    const types = sourceOf('lib/types.ts', 'export interface T { a: 1 }');
    const tests = [
      sourceOf('test/lib/a.test.ts', ''),
      sourceOf('test/lib/x.test.ts', "import { f } from '../../lib/b';"),
    ];
    expect(untested([...sources, types], tests)).toEqual(['lib/c.ts']);
  });
});
