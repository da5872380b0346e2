import { setup } from '../../../../image/plugin/debug/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { FakeWorker } from '../../../support/fake-worker';
import { packetOf } from '../recorded/ask';

test('debug has no options', () => {
  expect(SETUPS.debug).toBe(setup);
  expect(optionsOf('debug', 'debug\ndebug')).toEqual({});
  expect(bodyRefusal('debug off')).toBe(
    "plugin/debug: Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'off'",
  );
});

const SERVER = { address: '127.0.0.1', port: 53 };
const logged = ({ posted }: FakeWorker) => posted.flatMap((one) => (one.kind === 'log' ? one.text.split('\n') : []));

test.each([
  ['debug', 1],
  ['', 0],
])('with %j there are %p lines at level debug', (line, count) => {
  const world = new FakeWorker(`. {\nbind 127.0.0.1\n${line}\nlocal\n}\n`);
  world.kernel.network.udpPeer('127.0.0.1').send(SERVER, packetOf('localhost.example.org. A'));
  world.pass(10);
  expect(logged(world).filter((one) => one.startsWith('[DEBUG] plugin/local: Intercepting'))).toHaveLength(count);
});

test('packets that answer no question are shown, ten in a second', () => {
  const world = new FakeWorker('. {\nbind 127.0.0.1\ndebug\nforward . 10.9.9.9\n}\n');
  const upstream = world.kernel.network.udpPeer('10.9.9.9', 53);
  upstream.onDatagram = ({ from }) => {
    for (let times = 0; times < 20; times++) upstream.send(from, Uint8Array.of(1, 2, 0x84, 0, ...Array(8).fill(0)));
  };
  world.kernel.network.udpPeer('127.0.0.1').send(SERVER, packetOf('example.org. A'));
  world.pass(10);
  const lines = logged(world).filter((one) => one.startsWith('[DEBUG] '));
  expect(lines.slice(0, 3)).toEqual([
    '[DEBUG] plugin/forward: A packet from an upstream answers no open question: 12 octets',
    '[DEBUG] debug: 000000 01 02 84 00 00 00 00 00 00 00 00 00',
    '[DEBUG] debug: 00000c',
  ]);
  expect(lines).toHaveLength(10 * 3);
});
