/** The commands' end of the control socket: `status`, `top` and `query` against a server that says what the test wants. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ControlClient, UnreachableError } from '../../../image/commands/client';
import { readCommandWords } from '../../../image/commands/command';
import { QUERY } from '../../../image/commands/query';
import { exchangeTcp, exchangeUdp, makeRequest } from '../../../image/commands/query-exchange';
import { readQueryWords } from '../../../image/commands/query-words';
import { STATUS } from '../../../image/commands/status';
import { systemCommandWorld } from '../../../image/commands/system-world';
import { TOP } from '../../../image/commands/top';
import { decodeMessage } from '../../../image/wire/message';
import { FakeCommandWorld } from './fake-world';

const FRAME = {
  ...{
    at: '2026-11-21T10:00:00.000Z',
    queriesPerSecond: 12_345,
    hitRatio: 0.5,
    sampled: 100,
    upstreams: [],
    types: [],
    rcodes: [],
  },
  paths: [{ path: 'hit', ratio: 1, p50Us: 10, p99Us: 20 }],
  names: [{ key: 'a.example.', ratio: 1, errorRatio: 0, perSecond: 12_345 }],
  clients: [],
};
const REPORT = {
  ...{ program: 'nodelocaldns', version: '1', processId: 1, uptimeSeconds: 1, residentBytes: 1, isStopping: false },
  ...{ queriesInFlight: 0, node: null, listeners: [], blocks: [], upstreams: [], config: null, lastErrors: [] },
  problems: [] as string[],
};

let folder: string;
let server: Server;
let path: string;
let say: (request: IncomingMessage, response: ServerResponse) => void;
const world = (): FakeCommandWorld => new FakeCommandWorld();
const flags = (...parameters: string[]): string[] => ['-control', path, ...parameters];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  path = join(folder, 'c.sock');
  server = createServer((request, response) => say(request, response)).listen(path);
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  say = (request, response) => {
    if (request.url === '/status') response.end(JSON.stringify(REPORT));
    else response.write(`${JSON.stringify(FRAME)}\n`);
  };
});

describe('the client', () => {
  const client = (): ControlClient => new ControlClient(path);

  test('lines come whole, however they are cut, until the other side ends', async () => {
    say = (_, response) => {
      response.write('{"a":');
      setTimeout(() => response.end('1}\n{"a":2}\n{"a":'), 20); // The last one never gets whole.
    };
    const lines: unknown[] = [];
    expect(await client().lines('/x', (line) => lines.push(line) > 0)).toBe(true);
    expect(lines).toEqual([{ a: 1 }, { a: 2 }]);
  });

  test('whoever has enough, or is told to end, ends it', async () => {
    say = (_, response) => void response.write('{}\n{}\n');
    let count = 0;
    expect(await client().lines('/x', () => ++count < 1)).toBe(false);
    expect(count).toBe(1);
    expect(
      await client().lines(
        '/x',
        () => true,
        (end) => setTimeout(end, 30),
      ),
    ).toBe(false);
  });

  test('what it cannot reach or understand', async () => {
    say = (_, response) => void response.writeHead(503).end();
    await expect(client().json('/status')).rejects.toThrow(UnreachableError);
    await expect(client().json('/status')).rejects.toThrow('HTTP 503');
    await expect(new ControlClient(join(folder, 'none')).json('/')).rejects.toThrow('ENOENT');
  });
});

describe('status', () => {
  const status = async (given: FakeCommandWorld, ...parameters: string[]): Promise<number> =>
    STATUS.run(readCommandWords(STATUS.flags, parameters), given);

  test('healthy, degraded, not there: exit codes', async () => {
    const given = world();
    expect(await status(given, ...flags())).toBe(0);
    expect(given.out).toContain('healthy');
    say = (_, response) => void response.end(JSON.stringify({ ...REPORT, problems: ['no'] }));
    expect(await status(world(), ...flags())).toBe(1);
    const lost = world();
    expect(await status(lost, '-control', join(folder, 'none'))).toBe(2);
    expect(lost.errors).toContain('No running cache can be reached (no socket at');
  });

  test('JSON is what the cache said', async () => {
    const given = world();
    await status(given, ...flags('-json'));
    expect(JSON.parse(given.out)).toEqual(REPORT);
  });

  test('a file that is no socket is no cache', async () => {
    writeFileSync(join(folder, 'file'), '');
    expect(await status(world(), '-control', join(folder, 'file'))).toBe(2);
  });
});

describe('top', () => {
  const top = async (given: FakeCommandWorld, ...parameters: string[]): Promise<number> =>
    TOP.run(readCommandWords(TOP.flags, flags(...parameters)), given);
  const asked: (string | undefined)[] = [];
  const twoFrames = (request: IncomingMessage, response: ServerResponse): void => {
    asked.push(request.url);
    response.end(request.url === '/status' ? JSON.stringify(REPORT) : `${JSON.stringify(FRAME)}\n`.repeat(2));
  };

  test('without a terminal: a line per second', async () => {
    say = twoFrames;
    const given = world();
    expect(await top(given, '-seconds', '2')).toBe(0);
    expect(asked.at(-1)).toBe('/top?seconds=2');
    expect(given.out).toBe('10:00:00  12.3k q/s, 50.0 % hits, hit 10.0 µs to 20.0 µs, a.example. 12.3k\n'.repeat(2));
  });

  test('JSON, and once', async () => {
    say = twoFrames;
    const json = world();
    await top(json, '-json');
    expect(
      json.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([FRAME, FRAME]);
    expect(asked.at(-1)).toBe('/top?seconds=0');
    const once = world();
    await top(once, '-once');
    expect(asked.at(-1)).toBe('/top?seconds=2');
    expect(once.out).toMatch(/^12\.3k queries\/s {3}50\.0 % hits/);
    expect(once.out).not.toContain('\x1b');
  });

  test('a cache that ends before the first second', async () => {
    say = (request, response) => void response.end(request.url === '/status' ? JSON.stringify(REPORT) : '');
    const given = world();
    expect(await top(given, '-once')).toBe(1);
    expect(given.errors).toContain('before the first second was over');
  });

  test.each(['q', '\x03', '\x1b'])('live: %j gives the screen back', async (key) => {
    const given = world();
    given.isTerminal = true;
    given.environment = { NO_COLOR: '1' };
    const over = top(given);
    while (!given.out.includes('12.3k queries/s')) await new Promise((resolve) => setTimeout(resolve, 5));
    given.columns = 30;
    given.press(''); // The window was made smaller.
    given.press('x');
    given.press(key);
    expect(await over).toBe(0);
    expect(given.out.startsWith('\x1b[?1049h\x1b[?25l\x1b[H')).toBe(true);
    expect(given.out.endsWith('\x1b[?25h\x1b[?1049l')).toBe(true);
    expect(given.out.split('\x1b[H').length).toBeGreaterThanOrEqual(4);
  });
});

describe('questions', () => {
  const words = readQueryWords(['A.example', 'TXT', '+dnssec']);
  const request = makeRequest(words);

  test('a question has RD, an OPT record with DO, and an id that changes', () => {
    const message = decodeMessage(request.packet, 0, request.packet.length)!;
    expect(message).toMatchObject({ id: request.id, flags: 0x0100, answer: [], authority: [] });
    expect(message.question).toMatchObject({ type: 16, class: 1 });
    expect(message.additional).toMatchObject([{ type: 41, class: 1232, ttl: 0x8000 }]);
    expect(new Set(Array.from({ length: 9 }, () => makeRequest(words).id)).size).toBeGreaterThan(1);
  });

  test('UDP: the port is known before the question leaves; answers of others do not count', async () => {
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    const order: string[] = [];
    udp.on('message', (packet, { port }) => {
      order.push(`asked ${port}`);
      udp.send(Buffer.from([packet[0] ^ 1, ...packet.subarray(1)]), port, '127.0.0.1');
      udp.send(packet, port, '127.0.0.1');
    });
    let port = 0;
    const reply = await exchangeUdp(request, { host: '127.0.0.1', port: udp.address().port }, (known) => {
      port = known;
      order.push(`ready ${known}`);
      return Promise.resolve();
    });
    udp.close();
    expect(order).toEqual([`ready ${port}`, `asked ${port}`]);
    expect([...reply.bytes]).toEqual([...request.packet]);
    expect(reply.microseconds).toBeGreaterThan(0);
  });

  test('TCP: with its length; a server that hangs up', async () => {
    let hangUp = false;
    const tcp = createTcpServer((socket) => {
      socket.on('data', (bytes) => {
        if (hangUp) socket.end();
        else {
          socket.write(bytes.subarray(0, 3));
          setTimeout(() => socket.write(bytes.subarray(3)), 20);
        }
      });
    }).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const target = { host: '127.0.0.1', port: (tcp.address() as AddressInfo).port };
    const before = (): Promise<void> => Promise.resolve();
    expect([...(await exchangeTcp(request, target, before)).bytes]).toEqual([...request.packet]);
    hangUp = true;
    await expect(exchangeTcp(request, target, before)).rejects.toThrow('closed without an answer');
    tcp.close();
  });

  test('query without a cache: the answer, and why nothing more is known', async () => {
    const udp = createSocket('udp4').bind(0, '127.0.0.1');
    await once(udp, 'listening');
    udp.on('message', (packet, { port }) => udp.send(packet, port, '127.0.0.1'));
    const given = world();
    const line = readCommandWords(QUERY.flags, [
      'a',
      `@127.0.0.1:${udp.address().port}`,
      '-control',
      join(folder, 'none'),
    ]);
    expect(await QUERY.run(line, given)).toBe(0);
    expect(given.out).toContain(';; how: not known, no running cache can be reached');
    udp.close();
  });
});

test('the real world has a size, and files', () => {
  const real = systemCommandWorld();
  expect(real.size().columns).toBeGreaterThan(0);
  expect(real.readFile(__filename)).toContain('the real world has a size');
  expect(() => real.readFile(join(folder, 'nowhere'))).toThrow('ENOENT');
});
