import { setup } from '../../../../image/plugin/bufsize/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

test.each([
  ['bufsize', 1232],
  ['bufsize 512', 512],
  ['bufsize +4096', 4096],
  ['bufsize 600\nbufsize 700', 600],
])('%j is %p octets', (body, udpBytesMax) => {
  expect(optionsOf('bufsize', body)).toEqual({ udpBytesMax });
  expect(SETUPS.bufsize).toBe(setup);
});

test.each([['511'], ['4097'], ['x'], ['512.0'], ['600 700']])('bufsize %s is refused, with its name twice', (words) => {
  const last = words.split(' ').at(-1);
  expect(bodyRefusal(`bufsize ${words}`)).toBe(
    `plugin/bufsize: plugin/bufsize: Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after '${last}'`,
  );
});

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetupBufsize'))('%j', (row) => {
    const body = row.input as string;
    if (row.shouldErr) expect(bodyRefusal(body)).toContain(row.expectedErrContent);
    else expect(optionsOf('bufsize', body)).toEqual({ udpBytesMax: row.expectedData });
  });
});
