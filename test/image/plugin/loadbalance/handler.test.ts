import { parseWeights } from '../../../../image/plugin/loadbalance/weights';
import { Rcode, Type } from '../../../../image/wire/codes';
import { decodeMessage } from '../../../../image/wire/message';
import { recordToText, textToRecord } from '../../../../image/wire/record-text';
import { FakeWorker } from '../../../support/fake-worker';
import { answering, HandlerWorld, questionPacket } from '../../../support/query';
import { encodeSays } from '../../../support/resolver';

const record = (line: string) => textToRecord(line).record!;
const ADDRESSES = ['1', '2', '3', '4', '5', '6', '7', '8'].map((last) => `a.test. 5 IN A 192.0.2.${last}`);
const MIXED = ['a.test. 5 IN A 192.0.2.1', 'a.test. 5 IN AAAA 2001:db8::1', 'a.test. 5 IN CNAME b.test.'];
const world = (lines: string, flags: number, answer: readonly string[]) =>
  new HandlerWorld(`. {\n${lines}\n}`, {}, answering(flags, { answer: answer.map(record) }));

/** Different orders among many answers. */
const orders = (one: HandlerWorld, type = 'A') =>
  new Set(Array.from({ length: 60 }, () => one.ask('a.test.', { type }).answer.join('; ')));

test.each([
  ['addresses of one name', ADDRESSES, 20],
  ['addresses of both families', MIXED, 2],
])('%s change their order', (_, answer, min) => {
  const found = orders(world('loadbalance', 0x8180, answer));
  expect(found.size).toBeGreaterThanOrEqual(min);
  for (const order of found) expect(order.split('; ').sort()).toEqual([...answer].sort());
});

test('aliases come first', () => {
  for (const order of orders(world('loadbalance', 0x8180, MIXED))) expect(order).toMatch(/^a\.test\. 5 IN CNAME/);
});

test.each([
  ['a failure', 0x8180 | Rcode.NXDOMAIN, 'A'],
  ['a transfer', 0x8180, 'AXFR'],
  ['an increment', 0x8180, 'IXFR'],
])('%s is left alone', (_, flags, type) => {
  expect(orders(world('loadbalance', flags, ADDRESSES), type).size).toBe(1);
});

test.each([
  ['shuffled', 0x8180],
  ['left alone', 0x8180 | Rcode.NXDOMAIN],
])('an answer that is %s counts as ours', (_, flags) => {
  expect(world('loadbalance', flags, MIXED).ask('a.test.').writer).toBe('loadbalance');
});

test('preferred networks come first, the others in an order of chance', () => {
  const one = world('loadbalance {\nprefer 192.0.2.8/32 192.0.2.4/30\n}', 0x8180, ADDRESSES);
  const found = orders(one);
  expect(found.size).toBeGreaterThan(5);
  for (const order of found)
    expect(order).toMatch(/^a\.test\. 5 IN A 192\.0\.2\.8; (a\.test\. 5 IN A 192\.0\.2\.[4567](; |$)){4}/);
});

describe('weights', () => {
  const weighted = (names: string) => {
    const one = world('loadbalance weighted /w', 0x8180, ADDRESSES);
    one.tell({ kind: 'weights', path: '/w', names: parseWeights(names, '/w') });
    return one;
  };
  const firsts = (one: HandlerWorld, type = 'A') =>
    Array.from({ length: 200 }, () => one.ask('a.test.', { type }).answer[0].split('.').pop());

  test('bring an address to the first place as often as they say, and the rest keeps its place', () => {
    const first = firsts(weighted('a.test\n192.0.2.7 255'));
    expect(first.filter((last) => last === '7').length).toBeGreaterThan(180);
  });

  test('are for A, AAAA and SRV only', () => {
    expect(new Set(firsts(weighted('a.test\n192.0.2.7 255'), 'TXT'))).toEqual(new Set(['1']));
  });

  test('of another file are not ours, and each new content is a line in the log', () => {
    const one = weighted('a.test\n192.0.2.7 255');
    one.tell({ kind: 'weights', path: '/other', names: {} });
    expect(one.lines).toEqual(['[INFO] plugin/loadbalance: Successfully reloaded weight file /w']);
  });
});

test.each([
  ['addresses of one name, on the short way', 'loadbalance', ADDRESSES, 20],
  ['addresses of both families, on the long way', 'loadbalance', MIXED, 2],
  ['addresses in networks', 'loadbalance {\nprefer 192.0.2.8/32\n}', ADDRESSES, 20],
])('hits of the cache are shuffled like misses: %s', (_, lines, answer, min) => {
  const fake = new FakeWorker(`. {\nbind 127.0.0.1\n${lines}\ncache\nforward . 192.0.2.53\n}`);
  const upstream = fake.kernel.network.udpPeer('192.0.2.53', 53);
  let asked = 0;
  upstream.onDatagram = ({ from, bytes }) => {
    asked++;
    upstream.send(from, encodeSays({ answer }, decodeMessage(bytes, 0, bytes.length)!));
  };
  const client = fake.kernel.network.udpPeer('127.0.0.1');
  const found = new Set<string>();
  for (let times = 0; times < 40; times++) {
    client.received.length = 0;
    client.send({ address: '127.0.0.1', port: 53 }, questionPacket('a.test.', { udpSize: 1232 }));
    fake.pass(5);
    const { bytes } = client.received[0];
    const message = decodeMessage(bytes, 0, bytes.length)!;
    expect(message.additional.map(({ type }) => type)).toEqual([Type.OPT]);
    const texts = message.answer.map((one) => recordToText(one).replace(/\s+/g, ' '));
    expect([...texts].sort()).toEqual([...answer].sort());
    found.add(texts.join());
  }
  expect(found.size).toBeGreaterThanOrEqual(min);
  expect(asked).toBe(1);
});
