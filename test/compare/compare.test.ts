/** What a real server did, held against what we do: every scenario is played on the kernel in memory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIFFERENCES } from './differences';
import { FakeStage } from './fake-stage';
import { judge, type Verdict } from './judge';
import { play } from './play';
import { readRecording } from './recording';
import { loadScenario, scenarioFile, scenarioPaths } from './scenario';

/** So many answers are compared at least: else scenarios got lost. */
const ANSWERS_MIN = 11_000;

const paths = scenarioPaths();
const used = new Set<string>();
let answers = 0;

async function verdictOf(path: string): Promise<Verdict> {
  const scenario = loadScenario(path);
  const stage = new FakeStage(scenario);
  const ours = await play(scenario, stage);
  await stage.close();
  return judge(path, readRecording(readFileSync(scenarioFile(path, 'recorded'), 'utf8')), ours, DIFFERENCES);
}

describe('we answer as k8s-dns-node-cache 1.26.8 did', () => {
  test.each(paths)('%s', async (path) => {
    const verdict = await verdictOf(path);
    for (const id of verdict.used) used.add(id);
    answers += verdict.answers;
    expect(verdict.unexplained.join('\n')).toBe('');
  });

  test(`these were more than ${ANSWERS_MIN} answers`, () => {
    expect(answers).toBeGreaterThan(ANSWERS_MIN);
  });
});

describe('the list of differences', () => {
  test('has no line that no recording needs', () => {
    expect(DIFFERENCES.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  test('is what the tables of COMPATIBILITY.md name', () => {
    const text = readFileSync(join(__dirname, '../../COMPATIBILITY.md'), 'utf8');
    const rows = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, id]) => id);
    expect(rows.sort()).toEqual(DIFFERENCES.map(({ id }) => id).sort());
  });

  test('has a reason for each', () => {
    const text = readFileSync(join(__dirname, '../../COMPATIBILITY.md'), 'utf8');
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows.filter((row) => row.split(' | ').length !== 5 || / \|\s*\|$/.test(row))).toEqual([]);
  });

  test('names each difference once', () => {
    expect(new Set(DIFFERENCES.map(({ id }) => id)).size).toBe(DIFFERENCES.length);
  });
});

test('every scenario is recorded', () => {
  expect(paths.filter((path) => !existsSync(scenarioFile(path, 'recorded')))).toEqual([]);
});
