/** Corefile text of a user: what is refused before it reaches a node, and that nothing else is. */
import { parseCorefile } from '../../../image/corefile/parser';
import { DIRECTIVES } from '../../../lib/corefile/directives';
import { lint, lintStubDomains, UNCLOSED, UNMATCHED } from '../../../lib/corefile/lint';
import { fakeEnvironment } from '../../support/corefile';
import { corefileTokens } from '../../support/corefile-values';
import fc from '../../support/property';

const blocks = (text: string): string => lint({ name: 'corefile', text, depth: 0, isOwnImage: true });
const lines = (text: string): string => lint({ name: 'extraPlugins', text, depth: 1, isOwnImage: true });
const wrong = (name: string, line: number, what: string): string => `${name}:${line} - Error during parsing: ${what}`;

describe('server blocks pass', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['comments', '# a {\n  # }\n'],
    ['a block', '.:53 {\n    whoami\n}\n'],
    ['blocks on one line each', 'a { }\nb {}'.replace('{}', '{\n}')],
    ['keys on two lines', 'a.example,\nb.example {\n\twhoami\n}'],
    ['options', 'a {\n  log {\n    class error\n  }\n}'],
    ['braces in quotes and comments', 'a {\n  template IN A {\n    answer "{ {{ .Name }} \\" }" # }\n  }\n}'],
    ['a brace on a line of its own', 'a {\n  log\n  {\n    class error\n  }\n}'],
    ['a snippet, which may be the inside of anything', '(mine) {\n  class error\n  log {\n}\n}\na {\n  import mine\n}'],
    ['a quotation mark at the end: a text that nobody wrote', 'a {\n  whoami\n}\n"'],
    ['a snippet whose name the environment completes', '(mine{$A}) {\n  class error\n}'],
    ['a snippet, and a key that the environment leaves empty', '(mine) {$NONE} {\n  class error\n}'],
    ['imports', 'import /etc/a/*.server\na {\n  import /etc/a/*.override\n}'],
    ['a block without braces: the rest is its inside', 'a\nwhoami\n'],
    ['a directive out of the environment', 'a {\n  {$PLUGIN} 1\n}'],
    ['a word with a comment in it', 'a {\n  whoami#{ comment\n}'],
  ])('%s', (_, text) => {
    expect(blocks(text)).toBe('');
  });
});

describe('server blocks are refused with the line and in the words of CoreDNS', () => {
  test.each<[string, string, number, string]>([
    ['a directive that is misspelt', 'a {\n    whoami\n    redy\n}', 3, "Unknown directive 'redy'"],
    ['a directive of another build', 'a {\n    kubernetes cluster.local\n}', 2, "Unknown directive 'kubernetes'"],
    ['a block that is not closed', 'a {\n    whoami\n', 3, UNCLOSED],
    ['options that are not closed', 'a {\n    log {\n    class all\n}\n', 5, UNCLOSED],
    ['a brace too much', 'a {\n    whoami\n}\n}\n', 4, UNMATCHED],
    ['a brace behind a directive', 'a {\n    whoami }\n', 2, UNMATCHED],
    [
      'a mistake behind a text of two lines',
      'a {\n    template IN A {\n answer "\n"\n}\n redy\n}',
      6,
      "Unknown directive 'redy'",
    ],
    ['a no-break space is a space', 'a\u00a0{\n\u00a0 redy\n}', 2, "Unknown directive 'redy'"],
  ])('%s', (_, text, line, what) => {
    expect(blocks(text)).toBe(wrong('corefile', line, what));
  });
});

describe('lines of a server block', () => {
  test.each(['loadbalance', 'log {\n  class error\n}\nbufsize 1232\n', 'import /etc/a/*.override # }'])(
    '%j pass',
    (text) => {
      expect(lines(text)).toBe('');
    },
  );

  test.each<[string, number, string]>([
    ['}\nb {\n', 1, UNMATCHED],
    ['log {', 1, UNCLOSED],
    ['loadbalance\nround_robin', 2, "Unknown directive 'round_robin'"],
  ])('%j are refused', (text, line, what) => {
    expect(lines(text)).toBe(wrong('extraPlugins', line, what));
  });

  test('of stub domains are named with their domain', () => {
    const stubDomains = { 'b.example': { to: ['192.0.2.1'], extraPlugins: 'x' }, 'a.example': { to: ['192.0.2.1'] } };
    const named = wrong('stubDomains.b.example.extraPlugins', 1, "Unknown directive 'x'");
    expect(lintStubDomains(stubDomains, true)).toBe(named);
    expect(lintStubDomains(null as never, true)).toBe('');
  });

  test('of k8s-dns-node-cache may not use what it is built without', () => {
    expect(lint({ name: 'x', text: 'ready', depth: 1, isOwnImage: false })).toBe(
      wrong('x', 1, "Unknown directive 'ready'"),
    );
    expect(lint({ name: 'x', text: 'ready', depth: 1, isOwnImage: true })).toBe('');
  });
});

test('what the image reads is not refused, whatever it looks like', () => {
  const environment = fakeEnvironment(); // No files to import: what they begin, the text could end.
  const isDirective = (name: string): boolean => DIRECTIVES.includes(name);
  let read = 0;
  const property = fc.property(corefileTokens, (text) => {
    let keys: string[];
    try {
      keys = parseCorefile(text, 'Cf', environment, isDirective).flatMap((block) => block.keys.map((key) => key.text));
    } catch {
      return;
    }
    if (keys.includes('}')) return; // To the parser a brace too much begins a block for a zone of that name.
    read += 1;
    // A last brace that is missing behind another one is not missed by CoreDNS. Here it is; a text left open ends before it.
    const closed = [`${text}\n}`, `${text}"\n}`, text.replace(/"$/, '\n}')];
    expect((blocks(text).endsWith(UNCLOSED) ? closed : [text]).map(blocks)).toContain('');
  });
  fc.assert(property, { numRuns: 20_000 });
  expect(read).toBeGreaterThan(300); // Else nothing was compared.
});
