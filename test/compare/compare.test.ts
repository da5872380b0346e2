/** What a real server did, held against what we do: every scenario is played on the kernel in memory. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CorefileError } from '../../image/corefile/errors';
import { DIFFERENCES } from './differences';
import { FakeStage } from './fake-stage';
import { judge } from './judge';
import { play } from './play';
import { readRecording } from './recording';
import { loadScenario, scenarioFile, scenarioPaths } from './scenario';

/** Scenarios whose Corefiles we do not take yet. A line leaves when its Corefile is taken. */
const PENDING: readonly string[] = [
  'dns64/dns64',
  'files/dns64-default',
  'loadbalance/loadbalance',
  'template/answers',
];
/** So many answers are compared at least: else scenarios got lost. */
const ANSWERS_MIN = 5_500;

const paths = scenarioPaths();
const played = paths.filter((path) => !PENDING.includes(path));
const used = new Set<string>();
let answers = 0;

describe('we answer as k8s-dns-node-cache 1.26.8 did', () => {
  test.each(played)('%s', async (path) => {
    const scenario = loadScenario(path);
    const stage = new FakeStage(scenario);
    const ours = await play(scenario, stage);
    await stage.close();
    const verdict = judge(path, readRecording(readFileSync(scenarioFile(path, 'recorded'), 'utf8')), ours, DIFFERENCES);
    for (const id of verdict.used) used.add(id);
    answers += verdict.answers;
    expect(verdict.unexplained.join('\n')).toBe('');
  });

  test(`these were more than ${ANSWERS_MIN} answers`, () => {
    expect(answers).toBeGreaterThan(ANSWERS_MIN);
  });
});

describe('scenarios that wait for a directive', () => {
  test('are refused, each of them', async () => {
    for (const path of PENDING) {
      expect(paths).toContain(path);
      expect(() => new FakeStage(loadScenario(path))).toThrow(CorefileError);
    }
  });
});

describe('the list of differences', () => {
  test('has no line that no recording needs', () => {
    expect(DIFFERENCES.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
  });

  test('is part of COMPATIBILITY.md', () => {
    const text = readFileSync(join(__dirname, '../../COMPATIBILITY.md'), 'utf8');
    const rows = new Set([...text.matchAll(/^\| `([\w-]+)`/gm)].map(([, id]) => id));
    expect(DIFFERENCES.map(({ id }) => id).filter((id) => !rows.has(id))).toEqual([]);
  });

  test('names each difference once', () => {
    expect(new Set(DIFFERENCES.map(({ id }) => id)).size).toBe(DIFFERENCES.length);
  });
});

test('every scenario is recorded', () => {
  expect(paths.filter((path) => !existsSync(scenarioFile(path, 'recorded')))).toEqual([]);
});
