/** Lines about a lease that comes and goes. */
import { LEASE_LOG_LINES_MAX } from '../../../image/limits';
import { LeaseLog } from '../../../image/node/lease-log';

test('a line per change; in one minute only so many, and the next one says how many are missing', () => {
  const lines: string[] = [];
  const log = new LeaseLog((text) => void lines.push(text));
  for (let second = 0; second < 59; second++) log.line(`change ${second}`, second * 1000);
  expect(lines).toEqual(Array.from({ length: LEASE_LOG_LINES_MAX }, (_, index) => `change ${index}`));
  log.line('change 60', 60_000);
  log.line('change 61', 61_000);
  expect(lines.slice(LEASE_LOG_LINES_MAX)).toEqual([
    `change 60 (${59 - LEASE_LOG_LINES_MAX} changes before this one not logged)`,
    'change 61',
  ]);
});

test('one that is missing is one change', () => {
  const lines: string[] = [];
  const log = new LeaseLog((text) => void lines.push(text));
  for (let index = 0; index <= LEASE_LOG_LINES_MAX; index++) log.line('a', 0);
  log.line('b', 60_000);
  expect(lines.at(-1)).toBe('b (1 change before this one not logged)');
});
