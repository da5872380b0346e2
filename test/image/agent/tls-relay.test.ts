/** The worker's pool, main's relay and TLS servers, in one process on real sockets. */
import { once } from 'node:events';
import { createServer as createPlainServer, type Server, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { TlsRelays } from '../../../image/agent/tls-relay';
import { TLS_RELAYS_MAX, UPSTREAM_TCP_CONNECTIONS_MAX } from '../../../image/limits';
import { Counters } from '../../../image/observe/counters';
import type { TlsSettings } from '../../../image/upstream/tcp-dialer';
import type { TcpPool } from '../../../image/upstream/tcp-pool';
import { Upstreams } from '../../../image/upstream/upstreams';
import { makeCertificate } from '../../support/certificate';
import { type Asked, descriptors, expectNothingHeld, framed, Loop, replyTo } from '../upstream/loop';

const AUTHORITY = makeCertificate({ name: 'test authority' });
const GOOD = makeCertificate({ name: 'x', hosts: ['dns.example', '127.0.0.1'], authority: AUTHORITY });
const CLIENT = makeCertificate({ name: 'node', authority: AUTHORITY });

type Answering = (query: Buffer, socket: Socket) => void;
const rightly: Answering = (query, socket) => void socket.write(framed(replyTo(query)));

let loop: Loop;
let relays: TlsRelays;
let pool: TcpPool;
let server: Server;
const sockets = new Set<Socket>();
const before = descriptors();

beforeEach(() => {
  loop = new Loop();
  relays = new TlsRelays({});
  loop.openTls = (open) => relays.open(open);
});

afterEach(async () => {
  pool.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await loop.until(() => relays.size === 0);
  expectNothingHeld(loop);
  loop.close();
  await new Promise((resolve) => server.close(resolve));
  jest.restoreAllMocks();
});

afterAll(async () => {
  for (let turn = 0; turn < 50 && descriptors() > before; turn++) await new Promise(setImmediate);
  expect(descriptors()).toBeLessThanOrEqual(before);
});

/** Read whole messages off a connection. */
function serve(socket: Socket, answering: Answering): void {
  sockets.add(socket);
  let bytes = Buffer.alloc(0);
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    bytes = Buffer.concat([bytes, data]);
    while (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) {
      const query = Buffer.from(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
      bytes = bytes.subarray(2 + query.length);
      answering(query, socket);
    }
  });
}

/** A server on 127.0.0.1 and a pool to it that trusts our authority. */
async function begin(listening: Server, settings: Partial<TlsSettings> = {}): Promise<void> {
  server = listening;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  pool = loop.tls('127.0.0.1', portOf(server), { authorities: AUTHORITY.certificate, ...settings });
}

function portOf(listening: Server): number {
  return (listening.address() as { port: number }).port;
}

function tlsServer(options: TlsOptions = {}, answering: Answering = rightly): Server {
  const { certificate: cert, key } = GOOD;
  const made = createServer({ cert, key, ...options }, (socket) => serve(socket, answering));
  made.on('tlsClientError', () => undefined);
  made.on('connection', (socket: Socket) => sockets.add(socket));
  return made;
}

const plainServer = (greet: (socket: Socket) => void): Server =>
  createPlainServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });

const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}.test.`);
async function ask(name = 'a.test.'): Promise<Asked> {
  const asked = loop.ask(pool, name);
  await loop.ended(asked);
  return asked;
}

test('a question goes through TLS and its answer comes back; the next uses the connection', async () => {
  await begin(tlsServer());
  for (const name of names(3)) expect((await ask(name)).answer).toBeDefined();
  expect(loop.told).toEqual(['opened', 'kept', 'kept']);
  expect(relays.size).toBe(1);
});

test('many at once, answered out of order and in large pieces', async () => {
  const held: Buffer[] = [];
  await begin(
    tlsServer({}, (query, socket) => {
      held.push(query);
      if (held.length < 60) return;
      for (const one of held.reverse()) {
        const reply = replyTo(one);
        const records = Math.floor((65_535 - reply.length) / 16);
        const large = Buffer.concat([reply, ...Array.from({ length: records }, () => reply.subarray(-16))]);
        large.writeUInt16BE(records + 1, 6);
        socket.write(framed(large));
      }
    }),
  );
  const asked = names(60).map((name) => loop.ask(pool, name));
  await loop.ended(...asked);
  for (const { answer } of asked) expect(answer!.length).toBeGreaterThan(65_500);
});

test('a second handshake is shorter: the session is used again', async () => {
  const reused: boolean[] = [];
  const listening = tlsServer();
  listening.on('secureConnection', (socket) => reused.push(socket.isSessionReused()));
  await begin(listening);
  await ask();
  for (const socket of sockets) socket.destroy();
  await loop.until(() => relays.size === 0);
  expect((await ask()).error).toBeUndefined();
  expect(reused).toEqual([false, true]);
});

test('our certificate is shown to a server that wants one', async () => {
  const { certificate, key } = CLIENT;
  await begin(tlsServer({ requestCert: true, rejectUnauthorized: true, ca: AUTHORITY.certificate }), {
    certificate,
    key,
  });
  expect((await ask()).answer).toBeDefined();
});

describe('the certificate', () => {
  const made = (wishes: Partial<Parameters<typeof makeCertificate>[0]>): TlsOptions => {
    const { certificate: cert, key } = makeCertificate({ name: 'dns.example', authority: AUTHORITY, ...wishes });
    return { cert, key };
  };
  const EXPIRED =
    /^tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time \S+Z is after \S+Z$/;
  const notVerified = (reason: string) => `tls: failed to verify certificate: x509: ${reason}`;

  test.each([
    ['the address', ''],
    ['the name that is wanted', 'dns.example'],
    ['another of its names, in other letters', 'DNS.Example'],
    ['an address that is wanted', '127.0.0.1'],
  ])('for %s is taken', async (_, serverName) => {
    await begin(tlsServer(), { serverName });
    expect((await ask()).answer).toBeDefined();
  });

  test.each<[string, TlsOptions, string, string | RegExp]>([
    ['of another name', {}, 'other.example', notVerified('certificate is valid for dns.example, not other.example')],
    [
      'of other names',
      made({ hosts: ['a.example', 'b.example'] }),
      'c.example',
      notVerified('certificate is valid for a.example, b.example, not c.example'),
    ],
    [
      'of another address',
      made({ hosts: ['192.0.2.1'] }),
      '',
      notVerified('certificate is valid for 192.0.2.1, not 127.0.0.1'),
    ],
    [
      'without the address',
      made({ hosts: ['dns.example'] }),
      '',
      notVerified("cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"),
    ],
    [
      'with its name in the subject alone',
      made({}),
      'dns.example',
      notVerified('certificate relies on legacy Common Name field, use SANs instead'),
    ],
    [
      'for addresses when a name is wanted',
      made({ hosts: ['127.0.0.1'] }),
      'dns.example',
      notVerified('certificate is not valid for any names, but wanted to match dns.example'),
    ],
    ['that has expired', made({ hosts: ['127.0.0.1'], days: -1 }), '', EXPIRED],
    [
      'that has expired, whoever signed it',
      made({ hosts: ['127.0.0.1'], days: -1, authority: undefined }),
      '',
      EXPIRED,
    ],
    [
      'that it signed itself',
      made({ hosts: ['127.0.0.1'], authority: undefined }),
      '',
      notVerified('certificate signed by unknown authority'),
    ],
    [
      'of an authority we do not know',
      made({ hosts: ['127.0.0.1'], authority: makeCertificate({ name: 'other' }) }),
      '',
      notVerified('certificate signed by unknown authority'),
    ],
  ])('%s is not: Go’s words', async (_, options, serverName, error) => {
    const asked: string[] = [];
    await begin(
      tlsServer(options, (query) => asked.push(query.toString('hex'))),
      { serverName },
    );
    expect((await ask()).error).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(asked).toEqual([]); // It never saw the question.
  });

  test('of the system’s authorities is taken when none are named: $SSL_CERT_FILE', async () => {
    relays = new TlsRelays({ SSL_CERT_FILE: '/none' });
    await begin(tlsServer(), { authorities: '' });
    expect((await ask()).error).toBe(notVerified('certificate signed by unknown authority'));
  });
});

describe('no connection: Go’s words', () => {
  test('nobody listens', async () => {
    await begin(tlsServer());
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect((await ask()).error).toBe(`dial tcp 127.0.0.1:${port}: connect: connection refused`);
  });

  const route = () => `127\\.0\\.0\\.1:\\d+->127\\.0\\.0\\.1:${portOf(server)}`;
  test.each<[string, () => Server, () => RegExp]>([
    ['it closes at once', () => plainServer((socket) => socket.end()), () => /^EOF$/],
    [
      'it closes when we greet',
      () => plainServer((socket) => socket.on('data', () => socket.destroy())),
      () => /^EOF$/,
    ],
    [
      'it resets',
      () => plainServer((socket) => socket.on('data', () => socket.resetAndDestroy())),
      () => new RegExp(`^read tcp ${route()}: read: connection reset by peer$`),
    ],
    [
      'it speaks no TLS',
      () => plainServer((socket) => socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))),
      () => /^tls: first record does not look like a TLS handshake$/,
    ],
    [
      'it is too old',
      () => tlsServer({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }),
      () => /^remote error: tls: protocol version not supported$/,
    ],
    [
      'it wants a certificate of ours (TLS 1.2)',
      () => tlsServer({ requestCert: true, ca: AUTHORITY.certificate, maxVersion: 'TLSv1.2' }),
      () => /^(remote error: tls: .*|EOF|read tcp .*: connection reset by peer)$/,
    ],
  ])('%s', async (_, listening, error) => {
    await begin(listening());
    expect((await ask()).error).toMatch(error());
  });

  test('it says nothing: the question’s time ends it, and the handshake', async () => {
    await begin(plainServer(() => undefined));
    const asked = loop.ask(pool, 'a.test.');
    await loop.until(() => sockets.size === 1);
    loop.clock.aheadMs += 2_010;
    await loop.ended(asked);
    expect(asked.error).toBe(`dial tcp 127.0.0.1:${portOf(server)}: i/o timeout`);
    await loop.until(() => relays.size === 0);
  });
});

describe('a connection that ends', () => {
  test('by the upstream after an answer: the next question goes over a new one', async () => {
    await begin(tlsServer({}, (query, socket) => socket.end(framed(replyTo(query)))));
    for (const name of names(4)) expect((await ask(name)).answer).toBeDefined();
    const asked = names(20).map((name) => loop.ask(pool, name));
    await loop.ended(...asked);
    expect(asked.flatMap(({ error }) => error ?? [])).toEqual([]);
  });

  test('by the upstream before an answer: EOF', async () => {
    await begin(tlsServer({}, (_, socket) => socket.end()));
    expect((await ask()).error).toBe('EOF');
  });

  test('by the worker: the upstream hears of it', async () => {
    let goodbye = false;
    await begin(
      tlsServer({}, (query, socket) =>
        rightly(
          query,
          socket.on('end', () => (goodbye = true)),
        ),
      ),
    );
    await ask();
    pool.close();
    await loop.until(() => goodbye);
  });

  test('by the worker, while the upstream takes nothing: closed all the same', async () => {
    await begin(tlsServer({}, (_, socket) => socket.pause()));
    const asked = Array.from({ length: 1000 }, (_, index) => loop.ask(pool, `${'x'.repeat(60)}.n${index}.test.`));
    await loop.rest(50);
    pool.close();
    await loop.ended(...asked);
    await loop.until(() => relays.size === 0);
  });

  test('unused, after its time', async () => {
    await begin(tlsServer());
    await ask();
    loop.clock.aheadMs += 11_000;
    await loop.rest(5);
    await loop.until(() => relays.size === 0);
  });
});

test('there are never more relays than may be, and who is refused is told so', async () => {
  await begin(tlsServer());
  (relays as unknown as { count: number }).count = TLS_RELAYS_MAX;
  expect((await ask()).error).toBe(
    `dial tcp 127.0.0.1:${portOf(server)}: ${TLS_RELAYS_MAX} connections through TLS are open`,
  );
  (relays as unknown as { count: number }).count = 0;
});

test('settings that OpenSSL cannot use are told like any other error', async () => {
  await begin(tlsServer(), { certificate: 'none', key: 'none' });
  expect((await ask()).error).toMatch(/^tls: /);
  expect(relays.size).toBe(0);
});

test('an upstream that is asked over TLS is asked so whatever way was wished, with our address', async () => {
  const from: (string | undefined)[] = [];
  const listening = tlsServer();
  listening.on('secureConnection', (socket) => from.push(socket.remoteAddress));
  await begin(listening);
  const counters = new Counters(new Float64Array(512), () => undefined);
  const upstreams = new Upstreams(loop.environment, counters);
  const tls = { certificate: '', key: '', authorities: AUTHORITY.certificate, serverName: '' };
  const label = `127.0.0.1:${portOf(server)}`;
  const target = { address: '127.0.0.1', port: portOf(server), label, sourceAddress: '127.0.0.2', tls };
  const upstream = upstreams.get(target);
  for (const overTcp of [false, true]) {
    const asked = loop.ask({ send: (exchange) => upstream.send(exchange, overTcp), close: () => undefined }, 'a.test.');
    await loop.ended(asked);
    expect(asked.answer).toBeDefined();
  }
  expect(from).toEqual(['127.0.0.2']);
  const connections = counters.slot('nodelocaldns_upstream_connections', 'tcp-tls');
  expect(counters.values[connections]).toBe(1);
  upstreams.close();
  expect(counters.values[connections]).toBe(0);
});

test('a burst opens no more connections than to a plain server', async () => {
  await begin(tlsServer());
  for (let round = 0; round < 5; round++) {
    const asked = names(200).map((name) => loop.ask(pool, name));
    await loop.ended(...asked);
    expect(asked.flatMap(({ error }) => error ?? [])).toEqual([]);
  }
  expect(relays.size).toBeLessThanOrEqual(UPSTREAM_TCP_CONNECTIONS_MAX);
});
