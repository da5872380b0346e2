/** A machine that stands still is seen, and does not count against the cache; but not for ever. */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { complaintsAwake, Witness } from './stalls';

/** Stop this whole process for a while, the witness with it. */
function standStill(ms: number): Promise<void> {
  const script = `kill -STOP ${process.pid}; sleep ${ms / 1000}; kill -CONT ${process.pid}`;
  return new Promise((resolve) => spawn('sh', ['-c', script]).on('exit', () => resolve()));
}

test('the witness says how long nothing ran, once', async () => {
  const witness = await Witness.open();
  try {
    await pause(200); // It is asleep for the first time.
    witness.longestMs();
    await standStill(1_000);
    expect(witness.longestMs()).toBeGreaterThan(900);
    expect(witness.longestMs()).toBeLessThan(900);
  } finally {
    await witness.close();
  }
});

/** What is left of complaints when the machine stood still for so long: what was before the first run, during it, before the second, … */
async function left(
  stallsMs: number[],
  complaintsByRun: readonly string[][],
): Promise<readonly [readonly string[], number]> {
  let runs = 0;
  const witness = { longestMs: () => stallsMs.shift() ?? 0, close: async () => {} };
  const said = await complaintsAwake(
    async () => complaintsByRun[runs++],
    (complaints) => complaints,
    async () => witness,
  );
  return [said, runs];
}

test.each<[string, number[], string[][], readonly string[], number]>([
  ['none are none, whatever the machine did', [0, 5_000], [[]], [], 1],
  [
    'on a machine that was awake they count',
    [5_000, 50],
    [['1.2 s'], []],
    [expect.stringContaining('50 ms'), '1.2 s'],
    1,
  ],
  ['on one that stood still the next run counts', [0, 51, 51, 0], [['1.2 s'], []], [], 2],
  [
    'a third run that stood still counts',
    [0, 200, 0, 200, 0, 300],
    [['1.2 s'], ['1.3 s'], ['1.4 s']],
    [expect.stringContaining('300 ms'), '1.4 s'],
    3,
  ],
])('complaints: %s', async (_, stallsMs, complaintsByRun, said, runs) => {
  expect(await left(stallsMs, complaintsByRun)).toEqual([said, runs]);
});
