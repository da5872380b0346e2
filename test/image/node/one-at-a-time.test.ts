/** Changes of rules come one after the other, and many that wait are one. */
import { OneAtATime } from '../../../image/node/one-at-a-time';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('the next begins when the last has ended, also when that failed', async () => {
  const turns = new OneAtATime();
  const order: string[] = [];
  const slow = turns.next(async () => {
    order.push('first begins');
    await pause();
    order.push('first ends');
    throw new Error('first');
  });
  const second = turns.next(async () => order.push('second'));
  await expect(slow).rejects.toThrow('first');
  await second;
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

test('of a hundred that wait behind one the last is done, and all have its result', async () => {
  const turns = new OneAtATime();
  const done: number[] = [];
  const all = Array.from({ length: 100 }, async (_, index) => {
    if (index > 0) await null;
    return turns.latest(async () => {
      await pause();
      done.push(index);
      return index;
    });
  });
  const results = await Promise.all(all);
  expect(done.length).toBeLessThanOrEqual(2);
  expect(results[99]).toBe(99);
  expect(await turns.latest(async () => 'after')).toBe('after');
});

test('what comes between is not overtaken', async () => {
  const turns = new OneAtATime();
  const order: string[] = [];
  const waits = [
    turns.latest(async () => order.push('ensure')),
    turns.next(async () => order.push('remove')),
    turns.latest(async () => order.push('ensure again')),
  ];
  await Promise.all(waits);
  expect(order).toEqual(['ensure', 'remove', 'ensure again']);
});
