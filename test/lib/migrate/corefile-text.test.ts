/** Corefile text as far as values need it. */
import { readCorefile } from '../../../lib/migrate/corefile-text';

describe('readCorefile', () => {
  test('gives blocks, their directives, and each as it was written', () => {
    const text =
      'a.test:53, b.test {\n  # not this\n  cache 30 {\n    success 1024 5 # nor this\n  }\n  errors\n}\n. {\n}\n';
    const blocks = readCorefile(text)!;
    expect(blocks.map(({ keys }) => keys)).toEqual([['a.test:53', 'b.test'], ['.']]);
    expect(blocks[0].directives).toEqual([
      {
        name: 'cache',
        parameters: ['30'],
        body: [['success', '1024', '5']],
        text: 'cache 30 {\n    success 1024 5 # nor this\n  }',
      },
      { name: 'errors', parameters: [], body: [], text: 'errors' },
    ]);
    expect(blocks[1].text).toBe('. {\n}');
  });

  test('ends words where CoreDNS does: at a comment in them, and the comment at the next blank', () => {
    const [{ directives, text }] = readCorefile('. {\n  a b#c d "e#f"\n}#g\n') ?? [];
    expect(directives[0].parameters).toEqual(['b', 'd', '"e#f"']);
    expect(directives[0].text).toBe('a b#c d "e#f"');
    expect(text).toBe('. {\n  a b#c d "e#f"\n}#g');
  });

  test('keeps quoted words and the braces of template code together', () => {
    const [block] = readCorefile(
      '. {\n  template IN A {\n    answer "{{ .Name }} 60 IN A {"\n    match "a \\" b"\n  }\n}\n',
    )!;
    expect(block.directives[0].body).toEqual([
      ['answer', '"{{ .Name }} 60 IN A {"'],
      ['match', '"a \\" b"'],
    ]);
  });

  test.each([
    // Good rows.
    ['', 0],
    ['. {\n}', 1],
    ['(snippet) {\n  errors\n}\n. {\n  import snippet\n}', 2],
    ['. {\n  a {\n    b {\n      c\n    }\n  }\n}', 1],
    // Bad rows.
    ['. {', undefined],
    ['. {\n  a {\n}', undefined],
    ['{\n}', undefined],
    ['.:53\nerrors', undefined],
    ['. {\n}\n}', undefined],
  ])('%j: %s blocks', (text, count) => {
    expect(readCorefile(text)?.length).toBe(count);
  });
});
