/** Ports 21010-21013: is somebody there? */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { tcpPortIsFree, udpPortIsFree } from '../../../image/demo/ports';

test('a free port is free, twice', async () => {
  for (let round = 0; round < 2; round++) {
    expect(await udpPortIsFree('127.0.0.1', 21010)).toBe(true);
    expect(await tcpPortIsFree('127.0.0.1', 21010)).toBe(true);
  }
});

test('a bound UDP port is not, and says nothing about TCP', async () => {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  await new Promise<void>((resolve) => socket.bind(21011, '127.0.0.1', resolve));
  expect(await udpPortIsFree('127.0.0.1', 21011)).toBe(false);
  expect(await tcpPortIsFree('127.0.0.1', 21011)).toBe(true);
  await new Promise<void>((resolve) => socket.close(resolve));
});

test('a listening TCP port is not, and says nothing about UDP', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(21012, '127.0.0.1', resolve));
  expect(await tcpPortIsFree('127.0.0.1', 21012)).toBe(false);
  expect(await udpPortIsFree('127.0.0.1', 21012)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});
