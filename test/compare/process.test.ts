/** Some scenarios against the process as it ships: real sockets and real time. Twenty ports of 21100-21899. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIFFERENCES } from './differences';
import { judge } from './judge';
import { type Played, play } from './play';
import { RealStage } from './real-stage';
import { readRecording } from './recording';
import { loadScenario, scenarioFile } from './scenario';

jest.setTimeout(60_000);

const MAIN = join(__dirname, '../../image/dist/main.js');
const program = {
  binary: process.execPath,
  parameters: [MAIN, '-conf', '{corefile}', '-metrics-listen-address', '{http}'],
  firstPort: 21100 + 20 * (process.pid % 40), // Another run on this machine has others.
};

test.each([
  'cache/keys',
  'files/reference-manifest',
  'forward/next',
  'forward/transport',
  'hosts/inline',
  'log/classes',
  'rewrite/others',
  'routing/ports',
  'server/flags',
  'server/sizes',
  'template/answers',
])('%s', async (path) => {
  const scenario = loadScenario(path);
  const stage = new RealStage(scenario, program);
  try {
    await stage.start(scenario);
    // Lines of the log come when the machine has time for them: they are compared as a whole, at the end.
    const steps = [...scenario.steps, { kind: 'wait', ms: 500 } as const];
    const ours = await play({ ...scenario, steps }, stage);
    const recorded = readRecording(readFileSync(scenarioFile(path, 'recorded'), 'utf8'));
    const verdict = judge(path, recorded.map(withoutLog), ours.slice(0, -1).map(withoutLog), DIFFERENCES);
    expect(verdict.answers).toBeGreaterThan(5);
    expect(verdict.unexplained.join('\n')).toBe('');
    expect(ours.flatMap(({ log }) => log)).toEqual(recorded.flatMap(({ log }) => log));
  } finally {
    await stage.close();
  }
});

function withoutLog<Step extends Played>(step: Step): Step {
  return { ...step, log: [] };
}
