import { QUERIES_MAX } from '../../../image/limits';
import { Places, Share } from '../../../image/upstream/share';

/** Take places until none is given. */
function takeAll(share: Share): number {
  let taken = 0;
  while (share.take()) taken++;
  return taken;
}

test('each has what the others leave, and as much stays free', () => {
  const places = new Places();
  const shares = [1, 2, 3, 4].map(() => new Share(places));
  expect(shares.map(takeAll)).toEqual([2, 4, 8, 16].map((part) => QUERIES_MAX / part));
  expect(QUERIES_MAX - places.taken).toBe(QUERIES_MAX / 16);
});

test('all at once have the same', () => {
  const places = new Places();
  const shares = [1, 2, 3].map(() => new Share(places));
  for (let round = 0; round < QUERIES_MAX; round++) for (const share of shares) share.take();
  expect(new Set(shares.map(({ taken }) => taken)).size).toBe(1);
  expect(shares[0].taken).toBe(QUERIES_MAX / 4);
});

test('what is given back can be taken, by others too', () => {
  const places = new Places();
  const [first, second] = [new Share(places), new Share(places)];
  takeAll(first);
  takeAll(second);
  for (let count = 0; count < QUERIES_MAX / 2; count++) first.give();
  expect(first.taken).toBe(0);
  expect(takeAll(second)).toBe(QUERIES_MAX / 4);
  expect(places.taken).toBe(QUERIES_MAX / 2);
});
