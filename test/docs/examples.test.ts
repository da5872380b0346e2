/**
 * What the pages tell people to type: every shell block parses, values and flags in it exist, those marked `runs` are run, and
 * what they are said to print they do print; every YAML block parses, and values are accepted.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { manifests } from '../../lib/chart/manifests';
import { COREFILE_KEY } from '../../lib/config-map';
import { hasValue } from '../../lib/migrate/draft';
import type { UserValues } from '../../lib/values';
import { temporaryFolder } from '../support/helm';
import { type Fence, fences, pages, ROOT } from './pages';

type Block = readonly [string, Fence];

const BLOCKS: Block[] = pages()
  .filter(({ file }) => /^(docs|examples)\/|^README/.test(file))
  .flatMap((page) => fences(page).map((fence): Block => [`${page.file}:${fence.line}`, fence]));
const ofLanguage = (language: string): Block[] => BLOCKS.filter(([, fence]) => fence.language === language);

describe('shell', () => {
  test('there are blocks to look at', () => {
    expect(ofLanguage('sh').length).toBeGreaterThan(20);
  });

  test.each(ofLanguage('sh'))('%s: parses', (_, { text }) => {
    expect(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }).stderr).toBe('');
  });

  test.each(ofLanguage('sh'))('%s: sets values that exist, and takes files that do', (_, { text }) => {
    const paths = [...text.matchAll(/--set(?:-string)? "?([A-Za-z.]+)=/g)].map(([, name]) => name);
    expect(paths.filter((name) => !hasValue(name))).toEqual([]);
    const files = [...text.matchAll(/(?:--values|-f) (examples\/\S+|image\/\S+)/g)].map(([, file]) => file);
    expect(files.filter((file) => !fs.existsSync(path.join(ROOT, file)))).toEqual([]);
  });
});

test('keys of the ConfigMap that pages ask for are those it has', () => {
  const asked = ofLanguage('sh').flatMap(([, { text }]) =>
    [...text.matchAll(/get configmap node-local-dns .*jsonpath='?\{\.data\.(\S+?)\}/g)].map(([, key]) => key),
  );
  expect(asked).not.toEqual([]);
  expect(asked.filter((key) => key !== COREFILE_KEY)).toEqual([]);
});

describe('shell blocks that are marked to run', () => {
  const work = temporaryFolder();
  const running = BLOCKS.flatMap(([place, fence], index): [string, string, string | undefined][] => {
    if (fence.mark !== 'runs') return [];
    const next = BLOCKS[index + 1]?.[1];
    return [[place, fence.text, next?.mark === 'prints' ? next.text : undefined]];
  });

  test.each(running)('%s', (_, text, printed) => {
    const folder = fs.mkdtempSync(path.join(work, 'run-'));
    const files = [
      'package.json',
      'node_modules',
      'lib',
      'examples',
      'test',
      'tsconfig.json',
      'charts',
      'main.ts',
      'cdk8s.yaml',
    ];
    for (const file of files) fs.symlinkSync(path.join(ROOT, file), path.join(folder, file));
    const { stdout, stderr, status } = spawnSync('bash', ['-euo', 'pipefail'], {
      cwd: folder,
      input: text,
      encoding: 'utf8',
    });
    expect([status, stderr.replaceAll(/^npm warn.*\n/gm, '')]).toEqual([0, '']);
    if (printed !== undefined) expect(stdout).toBe(printed);
  });
});

describe('YAML', () => {
  test.each(ofLanguage('yaml'))('%s: parses, and values are accepted', (_, { text }) => {
    const documents = parseAllDocuments(text, { version: '1.1' });
    expect(documents.flatMap(({ errors }) => errors)).toEqual([]);
    if (!/^# [Vv]alues/.test(text)) return;
    for (const document of documents) expect(() => manifests({ values: document.toJS() as UserValues })).not.toThrow();
  });

  test('there are values among them', () => {
    expect(ofLanguage('yaml').filter(([, { text }]) => /^# [Vv]alues/.test(text)).length).toBeGreaterThan(2);
  });
});
