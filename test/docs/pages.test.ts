/** What the pages say is there, is there: links, headings, files; and pages made of code are up to date. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { anchors, deadLinks, fences, links, pages, ROOT } from './pages';
import { referencePage } from './reference';

const ALL = pages();
const page = (text: string) => ({ file: 'docs/a.md', text });

describe('links', () => {
  test.each(ALL.map((one) => [one.file, one] as const))('%s', (_, one) => {
    expect(deadLinks(one, ALL)).toEqual([]);
  });

  test('docs/README.md leads to every page of docs', () => {
    const index = ALL.find(({ file }) => file === 'docs/README.md')!;
    const linked = links(index).map(({ target }) => path.posix.join('docs', target.split('#')[0]));
    const own = ALL.map(({ file }) => file).filter((file) => file.startsWith('docs/') && file !== 'docs/README.md');
    expect(
      own.filter(
        (file) => !linked.some((target) => file === target || (target.endsWith('/') && file.startsWith(target))),
      ),
    ).toEqual([]);
  });

  test('each language of the README leads to the other', () => {
    expect(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')).toContain('(README.zh-CN.md)');
    expect(fs.readFileSync(path.join(ROOT, 'README.zh-CN.md'), 'utf8')).toContain('(README.md)');
  });
});

describe('the checker sees what it is there for', () => {
  test('links, not those in code', () => {
    const text = '[a](b.md) ![c](d.png#e)\n`[x](y)`\n```sh\n[x](y)\n```\n[f](https://g.example)';
    expect(links(page(text)).map(({ target }) => target)).toEqual(['b.md', 'd.png#e']);
  });

  test('headings as GitHub names them', () => {
    expect([...anchors(page('# When it dies\n## `lint`\n## lint\n```sh\n# no\n```\n## 安装 (Helm 3, 4)'))]).toEqual([
      'when-it-dies',
      'lint',
      'lint-1',
      '安装-helm-3-4',
    ]);
  });

  test('what is missing', () => {
    expect(deadLinks(page('# A\n[a](#a)\n[b](#b)\n[c](none.md)\n[d](../README.md)'), [page('# A')])).toEqual([
      'docs/a.md:3: #b: no such heading',
      'docs/a.md:4: none.md: no such file',
    ]);
  });

  test('fenced blocks, with their mark and without the indent of a list', () => {
    const text = 'x\n<!-- runs -->\n```sh\na\n```\n1. y\n   ```sh\n   b\n     c\n   ```\n';
    expect(fences(page(text))).toEqual([
      { line: 4, language: 'sh', text: 'a\n', mark: 'runs' },
      { line: 8, language: 'sh', text: 'b\n  c\n', mark: '' },
    ]);
  });
});

test('docs/reference.md is what the code says; if not, run `npx tsx test/docs/write-reference.ts`', () => {
  expect(fs.readFileSync(path.join(ROOT, 'docs/reference.md'), 'utf8')).toBe(referencePage());
});
