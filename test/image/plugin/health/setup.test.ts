import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

test.each([
  ['health', { address: ':8080', lameduckMs: 0 }],
  ['health 127.0.0.1:9254', { address: '127.0.0.1:9254', lameduckMs: 0 }],
  ['health [fd00:90de:d95::1]:3989 {\nlameduck 1m5s\n}', { address: '[fd00:90de:d95::1]:3989', lameduckMs: 65_000 }],
  ['health {\nlameduck -5s\n}', { address: ':8080', lameduckMs: 0 }], // Go sleeps a negative time not at all.
])('%j', (body, expected) => {
  expect(optionsOf('health', body)).toEqual(expected);
});

test.each([
  ['health 8080', 'address 8080: missing port in address'],
  ['health :x:y', 'address :x:y: too many colons in address'],
  ['health fd00::1:8080', 'address fd00::1:8080: too many colons in address'],
  ['health {\nlameduck foo\n}', 'unable to parse lameduck duration value: \'foo\' : time: invalid duration "foo"'],
  [
    'health {\nlameduck\n}',
    "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'lameduck'",
  ],
  ['health {\nfoo\n}', "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'foo'"],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/health: ${message}`);
});

needs('tables').describe('CoreDNS’s table', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetupHealth'))('%j', (row) => {
    expect(bodyRefusal(row.input as string) !== undefined).toBe(row.shouldErr);
  });
});
