/** Files of weights: when they are looked at and who is told. */
import type { MessageToWorker } from '../../../image/agent/messages';
import { WeightsWatch } from '../../../image/agent/weights-watch';
import { planOf } from '../../support/corefile';
import { FakeWorld, fakeLog } from '../../support/fake-world';

const CONTENT = 'a.example\n192.0.2.1 3\n';

/** A watch over what the Corefile says; the file had {@link CONTENT} when it was read. */
function make(body: string) {
  const world = new FakeWorld();
  const log = fakeLog();
  log.log.startRunning();
  const seen: MessageToWorker[] = [];
  const plan = planOf(`. {\n${body}\n}`, { files: { '/w': CONTENT } });
  const watch = new WeightsWatch(plan, { ...world, log: log.log });
  watch.start((message) => seen.push(message));
  return { world, log, seen, watch };
}
const says = (weight: number): MessageToWorker => ({
  kind: 'weights',
  path: '/w',
  names: { 'a.example.': { '192.0.2.1': weight } },
});
const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('what a file says now is told when it is something else', async () => {
  const { world, seen, watch } = make('loadbalance weighted /w');
  world.files.set('/w', CONTENT);
  await world.clock.pass(30_000);
  world.files.set('/w', `# a comment is nothing new\n${CONTENT}`);
  await world.clock.pass(30_000);
  expect(seen).toEqual([]);
  world.files.set('/w', CONTENT.replace('3', '4'));
  await world.clock.pass(29_000);
  expect(seen).toEqual([]);
  await world.clock.pass(1_000);
  expect(plain(seen)).toEqual([says(4)]);
  watch.stop();
  world.files.set('/w', CONTENT);
  await world.clock.pass(60_000);
  expect(seen).toHaveLength(1);
});

test('a file that comes later is told', async () => {
  const { world, seen } = make('loadbalance weighted /later {\nreload 5s\n}');
  world.files.set('/later', CONTENT);
  await world.clock.pass(5_000);
  expect(plain(seen)).toEqual([{ ...says(3), path: '/later' }]);
});

test.each([
  ['missing says why at each look', undefined, 'weight file open error', 2],
  ['wrong says why once', 'a.example\n192.0.2.1 0\n', 'wrong weight value:"0" in weight file /w', 1],
])('a file that is %s, and nobody is told', async (_, content, message, times) => {
  const { world, seen, log } = make('loadbalance weighted /w');
  if (content !== undefined) world.files.set('/w', content);
  await world.clock.pass(60_000);
  expect(seen).toEqual([]);
  const lines = log.late.filter((line) => line.includes(`[ERROR] plugin/loadbalance: ${message}`));
  expect(lines).toHaveLength(times);
});

test('reload 0 and round_robin look at nothing', async () => {
  for (const body of ['loadbalance weighted /w {\nreload 0\n}', 'loadbalance']) {
    const { world, seen, log } = make(body);
    await world.clock.pass(100_000);
    expect([seen, log.late]).toEqual([[], []]);
  }
});
