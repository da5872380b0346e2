/** Flags that only tell something. Starting and ending as a process is in ../main.test.ts. */
import { readCommandLine } from '../../../image/agent/flags';
import { informationText } from '../../../image/agent/run';
import { DIRECTIVES } from '../../../image/chain/order';

const information = (...parameters: string[]): string | null => {
  const read = readCommandLine('node-cache', parameters);
  if (read.kind === 'end') throw new Error(read.text);
  return informationText(read.settings);
};

test('without them there is nothing to tell', () => {
  expect(information('-quiet')).toBeNull();
});

test('-version wins over -plugins, as in CoreDNS', () => {
  expect(information('-plugins', '-version')).toMatch(/^nodelocaldns-\d/);
});

test('-plugins lists what is there, sorted, and nothing that is not', () => {
  const here = DIRECTIVES.filter(({ state }) => state === 'here').map(({ name }) => name);
  expect(information('-plugins')).toBe(`${here.sort().join('\n')}\n\n`); // The second line feed is CoreDNS's.
});
