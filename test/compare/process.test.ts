/** Some scenarios against the process as it ships: real sockets and real time. Ports 21900-21919. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIFFERENCES } from './differences';
import { judge } from './judge';
import { play } from './play';
import { RealStage } from './real-stage';
import { readRecording } from './recording';
import { loadScenario, scenarioFile } from './scenario';

jest.setTimeout(60_000);

const MAIN = join(__dirname, '../../image/dist/main.js');
const program = {
  binary: process.execPath,
  parameters: [MAIN, '-conf', '{corefile}', '-metrics-listen-address', '{http}'],
  firstPort: 21900,
};

test.each([
  'cache/keys',
  'cache/ttl',
  'forward/next',
  'forward/transport',
  'hosts/inline',
  'log/classes',
  'routing/ports',
  'server/raw',
  'server/sizes',
  'server/transport',
  'whoami/whoami',
])('%s', async (path) => {
  const scenario = loadScenario(path);
  const stage = new RealStage(scenario, program);
  try {
    await stage.start(scenario);
    const ours = await play(scenario, stage);
    const recorded = readRecording(readFileSync(scenarioFile(path, 'recorded'), 'utf8'));
    const verdict = judge(path, recorded, ours, DIFFERENCES);
    expect(verdict.answers).toBeGreaterThan(5);
    expect(verdict.unexplained.join('\n')).toBe('');
  } finally {
    await stage.close();
  }
});
