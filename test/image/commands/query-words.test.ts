/** What is typed behind `query`. */
import { readQueryWords } from '../../../image/commands/query-words';

test.each([
  ['example.org', { name: 'example.org.', type: 1, server: null, overTcp: false, dnssec: false, short: false }],
  ['example.org. aaaa', { name: 'example.org.', type: 28 }],
  ['example.org TYPE65280', { type: 65280 }],
  ['+tcp +dnssec +short a', { name: 'a.', overTcp: true, dnssec: true, short: true }],
  ['. NS', { name: '.', type: 2 }],
  ['a +found', { found: true, short: false }],
  ['a @10.0.0.10', { server: { host: '10.0.0.10', port: 53 } }],
  ['a @10.0.0.10:5353', { server: { host: '10.0.0.10', port: 5353 } }],
  ['@[fd00::1]:5353 a', { server: { host: 'fd00::1', port: 5353 } }],
  ['a @fd00::1', { server: { host: 'fd00::1', port: 53 } }],
  ['a @localhost', { server: { host: 'localhost', port: 53 } }],
  ['10.1.2.3', { name: '3.2.1.10.in-addr.arpa.', type: 12 }],
  ['10.1.2.3 A', { name: '3.2.1.10.in-addr.arpa.', type: 1 }],
  ['2001:db8::1', { name: '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.', type: 12 }],
])('%s', (typed, expected) => expect(readQueryWords(typed.split(' '))).toMatchObject(expected));

test.each([
  ['', 'query wants a NAME'],
  ['@1.1.1.1', 'query wants a NAME'],
  ['a b', '"b" is no type of records'],
  ['a TYPE70000', '"TYPE70000" is no type'],
  ['a A c', '"c" is one word too many'],
  ['a +fast', '"+fast" is unknown; there are +tcp'],
  ['a @', '@ is no server'],
  ['a @[::1', '@[::1 is no server'],
  ['a @1.1.1.1:0', '@1.1.1.1:0 is no server'],
  ['a @1.1.1.1:70000', 'is no server'],
  [`${'a'.repeat(64)}.example`, 'is no domain name'],
])('%s: %s', (typed, text) => {
  expect(() => readQueryWords(typed.split(' ').filter((word) => word !== ''))).toThrow(text);
});
