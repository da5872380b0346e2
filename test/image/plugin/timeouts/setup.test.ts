import { SETUPS } from '../../../../image/plugin/setups';
import { setup, type TimeoutsOptions } from '../../../../image/plugin/timeouts/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const options = (body: string) => optionsOf<TimeoutsOptions>('timeouts', body);

test.each([
  ['read 30s', { readMs: 30_000, writeMs: 0, idleMs: 0 }],
  ['read 10\nwrite 20\nidle 60', { readMs: 10_000, writeMs: 20_000, idleMs: 60_000 }],
  ['idle 24h\nidle 1s', { readMs: 0, writeMs: 0, idleMs: 1000 }],
])('%j is %j', (lines, said) => {
  expect(SETUPS.timeouts).toBe(setup);
  expect(options(`timeouts {\n${lines}\n}`)).toEqual(said);
});

test.each([
  [
    'timeouts {\nread 999ms\n}',
    "Cf:3 - Error during parsing: timeout provided '999ms' needs to be between 1 second and 24 hours",
  ],
  [
    'timeouts {\nread 25h\n}',
    "Cf:3 - Error during parsing: timeout provided '25h0m0s' needs to be between 1 second and 24 hours",
  ],
  ['timeouts {\nread x\n}', "Cf:3 - Error during parsing: failed to parse duration 'x'"],
  ['timeouts {\nfoo 1s\n}', "Cf:3 - Error during parsing: unknown option: 'foo'"],
  ['timeouts', 'plugin/timeouts: Cf:2 - Error during parsing: timeouts block with no timeouts specified'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/timeouts: ${message}`);
});

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestTimeouts'))('%j', (row) => {
    const refusal = bodyRefusal((row.input as string).replace(/^\s+/gm, ''));
    if (row.shouldErr) expect(refusal).toContain(row.expectedErrContent);
    else expect(refusal).toBeUndefined();
  });
});
