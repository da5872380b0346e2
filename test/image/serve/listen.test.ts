/** Main's sockets, on real ports 23020-23022. */
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ListenerPlan, Plan } from '../../../image/corefile/plan';
import { openListeners, openMoreListeners, wakeWorker } from '../../../image/serve/listen';

const PORT = 23020;
const listener = (port: number, address = '127.0.0.1'): ListenerPlan => {
  return { address, port, label: `dns://${address}:${port}`, zones: [] };
};
const plan = (...listeners: ListenerPlan[]): Plan => ({ listeners, blocks: [] });
const descriptors = (): number => readdirSync('/proc/self/fd').length;

/** Hold a port of one kind. @returns lets it go */
async function hold(kind: 'tcp' | 'udp', port: number): Promise<() => Promise<void>> {
  if (kind === 'tcp') {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return () => new Promise((resolve) => server.close(() => resolve()));
  }
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  return () => new Promise((resolve) => socket.close(() => resolve()));
}

beforeAll(() => openListeners(plan(), 0).close()); // The way to the kernel is opened on first use, and stays.

test('each worker gets a pair per listener and its own wake-up', () => {
  const before = descriptors();
  const opened = openListeners(plan(listener(PORT), listener(PORT + 1)), 2);
  const all = opened.workers.flatMap(({ listeners, wakeFd }) => [
    wakeFd,
    ...listeners.flatMap(({ udp, tcp }) => [udp, tcp]),
  ]);
  expect(opened.workers.map(({ listeners }) => listeners.length)).toEqual([2, 2]);
  expect(new Set(all).size).toBe(10);
  expect(descriptors()).toBe(before + 10);
  wakeWorker(opened.workers[1].wakeFd);
  opened.close();
  expect(descriptors()).toBe(before);
});

test('what a new plan adds are pairs without wake-ups; nothing is opened for nothing', () => {
  const before = descriptors();
  const opened = openMoreListeners([listener(PORT), listener(PORT + 1)], 2);
  expect(opened.workers.map((pairs) => pairs.length)).toEqual([2, 2]);
  expect(descriptors()).toBe(before + 8);
  opened.close();
  opened.close(); // Once is enough, twice does no harm: the numbers may be others' already.
  expect(openMoreListeners([], 2).workers).toEqual([[], []]);
  expect(descriptors()).toBe(before);
});

describe.each([
  ['at the start', (...listeners: ListenerPlan[]) => openListeners(plan(...listeners), 1)],
  ['at a reload', (...listeners: ListenerPlan[]) => openMoreListeners(listeners, 1)],
])('%s an address that cannot be had closes what was opened before it', (_, open) => {
  test.each(['tcp', 'udp'] as const)('a %s port that another program has', async (kind) => {
    const release = await hold(kind, PORT + 2);
    const before = descriptors();
    expect(() => open(listener(PORT), listener(PORT + 2))).toThrow(
      `Listen: listen ${kind} 127.0.0.1:23022: bind: address already in use (another program has this port; stop it, or`,
    );
    expect(descriptors()).toBe(before);
    await release();
  });

  test('an address of no interface', () => {
    const before = descriptors();
    expect(() => open(listener(PORT), listener(PORT, '192.0.2.1'))).toThrow(
      'Listen: listen tcp 192.0.2.1:23020: bind: cannot assign requested address (no interface of this host has this address',
    );
    expect(descriptors()).toBe(before);
  });
});
