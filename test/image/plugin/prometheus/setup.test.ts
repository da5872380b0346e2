import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

test.each([
  ['prometheus', 'localhost:9153'],
  ['prometheus :9253', ':9253'],
  ['prometheus [::1]:9253', '[::1]:9253'],
])('%s', (body, address) => {
  expect(optionsOf('prometheus', body)).toEqual({ address });
});

test.each([
  ['prometheus 127.0.0.1', 'address 127.0.0.1: missing port in address'],
  ['prometheus a b', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'b'"],
  ['prometheus :9253 {\nruntime_metrics\n}', 'this plugin can only be used once per Server Block'], // As 1.13.2.
  ['prometheus\nprometheus', 'this plugin can only be used once per Server Block'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/prometheus: ${message}`);
});

needs('tables').describe('CoreDNS’s table', () => {
  test.each(tables('coredns-v1.13.2', 'TestPrometheusParse'))('%j', (row) => {
    const body = row.input as string;
    if (row.shouldErr) expect(bodyRefusal(body)).toMatch(/^plugin\/prometheus: /);
    else expect(optionsOf('prometheus', body)).toEqual({ address: row.addr });
  });
});
