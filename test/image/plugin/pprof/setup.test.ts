import { setup } from '../../../../image/plugin/pprof/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

test.each([
  ['pprof', 'localhost:6053'],
  ['pprof 127.0.0.1:6060', '127.0.0.1:6060'],
  ['pprof :6060 {\nblock\n}', ':6060'],
  ['pprof :6060 {\nblock 20\nblock -1\n}', ':6060'],
])('%j listens on %s', (body, address) => {
  expect(SETUPS.pprof).toBe(setup);
  expect(optionsOf('pprof', body)).toEqual({ address });
});

test.each([
  ['pprof x', 'Cf:2 - Error during parsing: address x: missing port in address'],
  ['pprof :1 {\nblock x\n}', "Cf:3 - Error during parsing: property 'block' invalid integer value 'x'"],
  ['pprof :1 {\nfoo\n}', "Cf:3 - Error during parsing: unknown property 'foo'"],
  ['pprof\npprof', 'this plugin can only be used once per Server Block'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/pprof: ${message}`);
});

needs('tables').describe('CoreDNS’s tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestPProf'))('%j', (row) => {
    const refusal = bodyRefusal((row.input as string).replace(/^\s+/gm, ''));
    expect(refusal !== undefined).toBe(row.shouldErr);
  });
});
