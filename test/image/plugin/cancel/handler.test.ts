import { handler } from '../../../../image/plugin/cancel/handler';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { FakeWorker } from '../../../support/fake-worker';
import { HandlerWorld } from '../../../support/query';
import { packetOf, textOf } from '../recorded/ask';

test('handlers behind it know when to stop, and the next query does not', () => {
  expect(HANDLERS.cancel).toBe(handler);
  const times: number[] = [];
  const seen = (cancelAtMs: number) => void times.push(cancelAtMs);
  const world = new HandlerWorld('. {\ncancel 700ms\n}', {}, (query) => {
    seen(query.cancelAtMs);
    return query.fail(2, '');
  });
  world.ask('example.org.');
  world.pass(1000);
  world.ask('example.org.');
  expect(times).toEqual([1_000_700, 1_001_700]);
});

test.each([
  ['cancel 1s', 'A', 1000],
  ['', 'A', 4000], // Two attempts of two seconds.
  ['cancel 1s\ndns64 {\nallow_ipv4\n}', 'AAAA', 1000], // It asks behind itself.
  ['dns64 {\nallow_ipv4\n}', 'AAAA', 4000],
])('a silent upstream is given up: %j, type %s, after %p ms', (lines, type, ms) => {
  const world = new FakeWorker(`. {\nbind 127.0.0.1\n${lines}\nforward . 10.9.9.9\n}\n`);
  world.kernel.network.udpPeer('10.9.9.9', 53);
  const client = world.kernel.network.udpPeer('127.0.0.1');
  client.send({ address: '127.0.0.1', port: 53 }, packetOf(`example.org. ${type}`));
  world.pass(ms - 50);
  expect(client.received).toEqual([]);
  world.pass(100);
  expect(client.received.map(({ bytes }) => textOf(bytes))).toEqual(['SERVFAIL rd | example.org. |  |  | ']);
});
