/** When rules are put back: one repair at a time, again after a failure, and never after the end. */
import { Repairs } from '../../../image/agent/node-repairs';
import { NODE_REPAIR_PAUSE_MS, NODE_RETRY_MS_MAX } from '../../../image/limits';
import { FakeClock, fakeLog, settle } from '../../support/fake-world';

function make(repair: () => Promise<void>): { repairs: Repairs; clock: FakeClock; counted: string[]; said: string[] } {
  const clock = new FakeClock();
  const counted: string[] = [];
  const { log, early } = fakeLog();
  const repairs = new Repairs({
    ...{ clock, log, repair, mended: 'well again' },
    failure: (message) => message,
    failed: ({ message }) => counted.push(message),
  });
  return { repairs, clock, counted, said: early };
}

/** A repair that takes until it is told to end. */
function slow(): { repair: jest.Mock<Promise<void>>; finish(): void } {
  const ends: (() => void)[] = [];
  return {
    repair: jest.fn(() => new Promise<void>((resolve) => void ends.push(resolve))),
    finish: () => ends.shift()?.(),
  };
}

test('changes that come together are one repair', async () => {
  const repair = jest.fn(async () => {});
  const { repairs, clock } = make(repair);
  for (let change = 0; change < 50; change++) repairs.soon();
  await clock.pass(NODE_REPAIR_PAUSE_MS);
  expect(repair).toHaveBeenCalledTimes(1);
  expect(clock.waiting).toBe(0);
});

test('somebody who flushes all the time gets one repair per pause, and nothing piles up', async () => {
  const repair = jest.fn(async () => {});
  const { repairs, clock } = make(repair);
  const cancel = clock.every(10, () => repairs.soon());
  await clock.pass(10_000);
  cancel();
  expect(repair.mock.calls.length).toBeLessThanOrEqual(10_000 / NODE_REPAIR_PAUSE_MS);
  expect(clock.waiting).toBeLessThanOrEqual(1);
});

test('a change during a repair is looked at after it', async () => {
  const { repair, finish } = slow();
  const { repairs, clock } = make(repair);
  void repairs.now();
  repairs.soon();
  repairs.soon();
  await clock.pass(10_000);
  expect(repair).toHaveBeenCalledTimes(1);
  finish();
  await settle();
  await clock.pass(NODE_REPAIR_PAUSE_MS);
  expect(repair).toHaveBeenCalledTimes(2);
});

test('a failure is tried again, at last once a minute; another reason is said again', async () => {
  let message = 'locked';
  const { repairs, clock, counted, said } = make(async () => {
    throw new Error(message);
  });
  await repairs.now();
  await clock.pass(10 * NODE_RETRY_MS_MAX);
  expect(counted.length).toBeGreaterThan(10);
  expect(counted.length).toBeLessThan(20);
  expect(said).toHaveLength(1);
  message = 'no such program';
  await clock.pass(NODE_RETRY_MS_MAX);
  expect(said).toHaveLength(2);
  expect(counted.at(-1)).toBe('no such program');
});

test('after the end nothing is repaired, and the one under way is waited for', async () => {
  const { repair, finish } = slow();
  const { repairs, clock } = make(repair);
  void repairs.now();
  repairs.soon();
  const ended = jest.fn();
  void repairs.stop().then(ended);
  await settle();
  expect(ended).not.toHaveBeenCalled();
  finish();
  await settle();
  expect(ended).toHaveBeenCalled();
  repairs.soon();
  await repairs.now();
  await clock.pass(NODE_RETRY_MS_MAX);
  expect(repair).toHaveBeenCalledTimes(1);
  expect(clock.waiting).toBe(0);
});
