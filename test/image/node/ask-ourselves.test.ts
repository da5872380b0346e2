/** The question we ask ourselves, over real sockets on loopback (ports 21200-21209), and what the worker says to it. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { SYSTEM_CLOCK } from '../../../image/agent/system';
import { EACCES, EADDRNOTAVAIL, EPERM } from '../../../image/kernel/errno';
import { openLibc } from '../../../image/kernel/ffi';
import { KEEPER_PORT_FIRST, KEEPER_PORT_LAST, RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../../../image/limits';
import { isStatusAnswer, SelfQuestions, writeStatusQuestion } from '../../../image/node/ask-ourselves';
import type { AskOurselves } from '../../../image/node/keeper';
import { serve } from '../../support/served';

const PORT = 21200;
const askOurselves = (port: number): AskOurselves => new SelfQuestions(openLibc(), SYSTEM_CLOCK, port).ask;
const servers: Socket[] = [];

/** A server that does with each packet what the test says. */
async function server(
  port: number,
  answer: (packet: Buffer, from: RemoteInfo, socket: Socket) => void,
  address = '127.0.0.1',
): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  servers.push(socket);
  socket.on('message', (packet, from) => answer(packet, from, socket));
  await new Promise<void>((resolve) => socket.bind(port, address, resolve));
  return socket;
}

afterEach(async () => {
  for (const socket of servers.splice(0)) await new Promise<void>((resolve) => socket.close(resolve));
});

const answerOf = (packet: Uint8Array): Buffer => {
  const answer = Buffer.from(packet);
  answer[2] |= 0x80;
  answer[3] = 4;
  return answer;
};

describe('asking ourselves', () => {
  const isRenewing = (port: number): boolean => port >= RENEWAL_PORT_FIRST && port <= RENEWAL_PORT_LAST;

  test('renewing questions come from the renewal range, proving ones from the range after it, each from a new port and from the address itself', async () => {
    const from: RemoteInfo[] = [];
    await server(
      PORT,
      (packet, remote, socket) => {
        from.push(remote);
        socket.send(answerOf(packet), remote.port, remote.address);
      },
      '127.0.0.53',
    );
    const ask = askOurselves(PORT);
    for (let index = 0; index < 20; index++) {
      expect(await ask('127.0.0.53', 'renewing', 500)).toBe('');
      expect(await ask('127.0.0.53', 'proving', 500)).toBe('');
    }
    expect(from.every(({ address }) => address === '127.0.0.53')).toBe(true);
    const renewing = from.filter((_, index) => index % 2 === 0).map(({ port }) => port);
    const proving = from.filter((_, index) => index % 2 === 1).map(({ port }) => port);
    expect(renewing.every(isRenewing)).toBe(true);
    expect(proving.some(isRenewing)).toBe(false);
    expect(proving.every((port) => port >= KEEPER_PORT_FIRST && port <= KEEPER_PORT_LAST)).toBe(true);
    expect(new Set(renewing).size).toBeGreaterThan(5);
    expect(new Set(proving).size).toBeGreaterThan(5);
  });

  test('over IPv6 too', async () => {
    const from: RemoteInfo[] = [];
    await server(
      PORT,
      (packet, remote, socket) => {
        from.push(remote);
        socket.send(answerOf(packet), remote.port, remote.address);
      },
      '::1',
    );
    expect(await askOurselves(PORT)('::1', 'renewing', 500)).toBe('');
    expect(from[0].address).toBe('::1');
    expect(isRenewing(from[0].port)).toBe(true);
  });

  test('ports that another instance has are passed over; when all are taken it says so', async () => {
    await server(PORT, (packet, remote, socket) => socket.send(answerOf(packet), remote.port, remote.address));
    const ask = askOurselves(PORT);
    for (let port = RENEWAL_PORT_FIRST; port < RENEWAL_PORT_LAST; port++) await server(port, () => {});
    expect(await ask('127.0.0.1', 'renewing', 500)).toBe('');
    await server(RENEWAL_PORT_LAST, () => {});
    expect(await ask('127.0.0.1', 'renewing', 500)).toBe('too many UDP ports from 896 to 1023 on 127.0.0.1 are in use');
    expect(await ask('127.0.0.1', 'proving', 500)).toBe('');
  });

  test('no socket, no answer, the wrong answer: each has its reason', async () => {
    const ask = askOurselves(PORT);
    expect(await ask('127.0.0.1', 'proving', 500)).toBe(`no socket listens there on port ${PORT}`);
    await server(PORT, () => {});
    const before = performance.now();
    expect(await ask('127.0.0.1', 'proving', 50)).toBe('no answer within 50 ms');
    expect(performance.now() - before).toBeLessThan(400);
    await server(PORT + 1, (packet, { port, address }, socket) => {
      const other = answerOf(packet);
      other[0] ^= 1;
      socket.send(other, port, address);
      socket.send(packet, port, address); // Our own question is no answer.
      socket.send(answerOf(packet).subarray(0, 11), port, address);
    });
    expect(await askOurselves(PORT + 1)('127.0.0.1', 'proving', 50)).toBe('no answer within 50 ms');
  });

  test.each([
    [
      'a rule that drops it as it leaves',
      { send: () => -EPERM },
      'operation not permitted: a firewall rule of the node drops UDP from 127.0.0.2 to itself, port 53, on its way out',
    ],
    [
      'an address that somebody took away',
      { bind: () => -EADDRNOTAVAIL },
      'cannot assign requested address: 127.0.0.2 is on no interface of this node',
    ],
    [
      'a right that is missing',
      { bind: () => -EACCES },
      'permission denied: ports below 1024 need the capability NET_BIND_SERVICE',
    ],
  ])('%s is named, with the way', async (_case, broken, reason) => {
    const libc = { ...openLibc(), ...broken };
    expect(await new SelfQuestions(libc, SYSTEM_CLOCK, 53).ask('127.0.0.2', 'proving', 50)).toBe(reason);
  });

  test('packets of strangers are not heard: the socket is connected', async () => {
    const stranger = await server(PORT + 2, () => {});
    await server(PORT, (packet, { port, address }) => stranger.send(answerOf(packet), port, address));
    expect(await askOurselves(PORT)('127.0.0.1', 'proving', 50)).toBe('no answer within 50 ms');
  });

  test('no descriptor is left behind', async () => {
    await server(PORT, (packet, remote, socket) => socket.send(answerOf(packet), remote.port, remote.address));
    const { readdirSync } = await import('node:fs');
    const open = (): number => readdirSync('/proc/self/fd').length;
    const ask = askOurselves(PORT);
    await ask('127.0.0.1', 'renewing', 500);
    const before = open();
    for (let index = 0; index < 50; index++) {
      await ask('127.0.0.1', 'renewing', 500);
      await askOurselves(PORT + 5)('127.0.0.1', 'proving', 500);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(open()).toBeLessThanOrEqual(before);
  });
});

test('the question is a header with opcode STATUS, and its answer has the same id', () => {
  const packet = new Uint8Array(16).fill(0xff);
  writeStatusQuestion(packet, 2, 0xabcd);
  expect(Buffer.from(packet).toString('hex')).toBe('ffffabcd10000000000000000000ffff');
  const answer = answerOf(packet.subarray(2));
  expect(isStatusAnswer(answer, 0, 12, 0xabcd)).toBe(true);
  expect(isStatusAnswer(answer, 0, 11, 0xabcd)).toBe(false);
  expect(isStatusAnswer(answer, 0, 12, 0xabce)).toBe(false);
  expect(isStatusAnswer(packet, 2, 12, 0xabcd)).toBe(false);
});

test('the cache answers it, and counts it nowhere', async () => {
  const served = await serve(`.:${PORT + 6} {\n bind 127.0.0.1\n prometheus 127.0.0.1:${PORT + 7}\n whoami\n}\n`);
  try {
    const ask = askOurselves(PORT + 6);
    for (let index = 0; index < 10; index++) expect(await ask('127.0.0.1', 'renewing', 2000)).toBe('');
    const page = await (await fetch(`http://127.0.0.1:${PORT + 7}/metrics`)).text();
    expect(page).toContain('coredns_build_info');
    expect(page).not.toMatch(/^coredns_dns_(requests|responses)_total/m);
  } finally {
    await served.stop();
  }
});
