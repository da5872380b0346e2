/** How long a TCP connection may be silent: CoreDNS's times, or those of `timeouts`. */
import { FakeWorker } from '../../support/fake-worker';
import { packetOf } from '../plugin/recorded/ask';

const SERVER = { address: '127.0.0.1', port: 53 };
const frame = () => {
  const packet = packetOf('example.org. A');
  return Buffer.concat([Buffer.from([0, packet.length]), packet]);
};

/** Milliseconds, to half a second, until a connection is closed that does `first` and then nothing. */
function closedAfter(corefile: string, first: Uint8Array): number {
  const world = new FakeWorker(corefile);
  const end = world.kernel.network.tcpConnect(SERVER, '127.0.0.1')!;
  end.write(first);
  for (let ms = 500; ms <= 30_000; ms += 500) {
    world.pass(500);
    if (end.ended) return ms;
  }
  return Number.POSITIVE_INFINITY;
}

const one = (line: string) => `. {\nbind 127.0.0.1\n${line}\nwhoami\n}\n`;
const two = (line: string, other: string) => `a.example {\nbind 127.0.0.1\n${line}\nwhoami\n}\n${one(other)}`;

test.each([
  ['nothing said', one(''), 3000, 10_000],
  ['read', one('timeouts {\nread 5s\n}'), 5000, 10_000],
  ['idle', one('timeouts {\nidle 2s\n}'), 3000, 2000],
  ['both', one('timeouts {\nread 1\nidle 20s\nwrite 1s\n}'), 1000, 20_000],
  ['another block of the listener', two('timeouts {\nread 5s\n}', ''), 5000, 10_000],
  [
    'two blocks: the last that says something',
    two('timeouts {\nread 5s\nidle 4s\n}', 'timeouts {\nread 2s\n}'),
    2000,
    4000,
  ],
])('%s', (_what, corefile, firstMs, idleMs) => {
  expect(closedAfter(corefile, new Uint8Array(0))).toBeGreaterThanOrEqual(firstMs);
  expect(closedAfter(corefile, new Uint8Array(0))).toBeLessThanOrEqual(firstMs + 500);
  expect(closedAfter(corefile, frame())).toBeGreaterThanOrEqual(idleMs);
  expect(closedAfter(corefile, frame())).toBeLessThanOrEqual(idleMs + 500);
});
