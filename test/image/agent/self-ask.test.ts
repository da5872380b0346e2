/** Asking ourselves, on ports 21060-21063. */
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type RequestListener, type Server } from 'node:http';
import { encodeProbe } from '../../../image/agent/loop-probe';
import { exchange, getPage } from '../../../image/agent/self-ask';

describe('over HTTP', () => {
  let server: Server;
  const serve = async (listener: RequestListener): Promise<void> => {
    server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(21060, '127.0.0.1', resolve));
  };
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('any complete answer is one, whatever it says', async () => {
    await serve((_, response) => response.writeHead(503).end('x'.repeat(100_000)));
    await getPage('http://127.0.0.1:21060/health', 1_000);
  });

  test('each question has a connection of its own', async () => {
    const ports = new Set<number | undefined>();
    await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    await getPage('http://127.0.0.1:21060/health', 1_000);
    await getPage('http://127.0.0.1:21060/health', 1_000);
    expect(ports.size).toBe(2);
  });

  test.each([
    ['no answer', () => {}],
    ['half an answer', (_: unknown, response: { write(text: string): void }) => response.write('O')],
  ])('%s fails in time', async (_, listener) => {
    await serve(listener as RequestListener);
    const startMs = Date.now();
    await expect(getPage('http://127.0.0.1:21060/health', 200)).rejects.toThrow();
    expect(Date.now() - startMs).toBeLessThan(2_000);
  });

  test('nobody there fails at once', async () => {
    await serve(() => {});
    await expect(getPage('http://127.0.0.1:21061/health', 60_000)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('over UDP', () => {
  const probe = encodeProbe('1.2.cluster.local.');
  let server: Socket;
  const serve = async (reply: (packet: Buffer, send: (answer: Buffer) => void) => void): Promise<void> => {
    server = createSocket('udp4');
    server.on('message', (packet, from) => reply(packet, (answer) => server.send(answer, from.port, from.address)));
    await new Promise<void>((resolve) => server.bind(21062, '127.0.0.1', resolve));
  };
  afterEach(() => new Promise<void>((resolve) => void server.close(() => resolve())));

  test('an answer with the id of the question is one', async () => {
    await serve((packet, send) => send(packet));
    await exchange(probe, '127.0.0.1', 21062, 1_000);
  });

  test('a wrong id and a stump are none', async () => {
    await serve((packet, send) => {
      send(packet.subarray(0, 11));
      const other = Buffer.from(packet);
      other[1] ^= 1;
      send(other);
    });
    await expect(exchange(probe, '127.0.0.1', 21062, 200)).rejects.toThrow('no answer within 0.2s');
  });

  test('nobody there fails, long before the time-out', async () => {
    await serve(() => {});
    const startMs = Date.now();
    await expect(exchange(probe, '127.0.0.1', 21063, 10_000)).rejects.toThrow('ECONNREFUSED');
    expect(Date.now() - startMs).toBeLessThan(2_000);
  });
});
