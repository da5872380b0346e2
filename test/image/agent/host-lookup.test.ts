import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { blockingExchange } from '../../../image/agent/blocking-exchange';
import { type LookupAccess, lookUpHost } from '../../../image/agent/host-lookup';
import { rcodeByName, typeText } from '../../../image/wire/codes';
import { decodeMessage, encodeMessage, type Message } from '../../../image/wire/message';
import { nameToText } from '../../../image/wire/name-text';
import { record } from '../../fuzz/wire-seeds';

type Zone = Readonly<Record<string, readonly string[] | string>>;

/** Servers by address, each with its zone: `NAME TYPE` to record data or an rcode; a server that is not there is silent. */
function machine(servers: Readonly<Record<string, Zone>>, files: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const access: LookupAccess = {
    readFile: (path) => files[path] ?? '',
    exchange(packet, address, port, accepts) {
      const query = decodeMessage(packet, 0, packet.length)!;
      const name = nameToText(query.question!.name, 0);
      const question = `${name} ${typeText(query.question!.type)}`;
      asked.push(`${address}:${port} ${question}`);
      const zone = servers[address];
      if (zone === undefined) return undefined;
      const says = zone[question] ?? [];
      const lines = typeof says === 'string' ? [] : says;
      const answer = encode({
        ...query,
        flags: 0x8180 | (typeof says === 'string' ? rcodeByName(says)! : 0),
        answer: lines.map((line) => record(`${name} 60 IN ${line}`)),
      });
      const forged = Uint8Array.from(answer);
      forged[0] ^= 1;
      expect([forged, packet, new Uint8Array(5)].map(accepts)).toEqual([false, false, false]);
      return accepts(answer) ? answer : undefined;
    },
  };
  return { asked, find: (name: string, resolvers: string[] = []) => lookUpHost(name, resolvers, access) };
}

function encode(message: Message): Uint8Array {
  const out = new Uint8Array(512);
  return out.slice(0, encodeMessage(message, out, 0, out.length));
}

const ZONE: Zone = { 'dns.example. A': ['A 192.0.2.1', 'A 192.0.2.2'], 'dns.example. AAAA': ['AAAA 2001:db8::1'] };
const ALL = ['192.0.2.1', '192.0.2.2', '2001:db8::1'];

describe('with resolvers', () => {
  test('the first that has addresses is believed, of both families', () => {
    const { asked, find } = machine({ '10.0.0.2': ZONE });
    expect(find('dns.example', ['10.0.0.1', '10.0.0.2:5353', '10.0.0.3'])).toEqual(ALL);
    expect(asked).toEqual([
      '10.0.0.1:53 dns.example. A',
      '10.0.0.1:53 dns.example. AAAA',
      '10.0.0.2:5353 dns.example. A',
      '10.0.0.2:5353 dns.example. AAAA',
    ]);
  });

  test('an alias is followed by the server; only addresses count', () => {
    const zone = { 'dns.example. A': ['CNAME a.example.', 'A 192.0.2.9'], 'dns.example. AAAA': 'SERVFAIL' };
    expect(machine({ '10.0.0.1': zone }).find('dns.example', ['10.0.0.1'])).toEqual(['192.0.2.9']);
  });

  test.each<[string, Record<string, Zone>, string]>([
    ['nobody answers', {}, 'lookup dns.example on 10.0.0.1:53: i/o timeout'],
    [
      'there is no such name',
      { '10.0.0.1': { 'dns.example. AAAA': 'NXDOMAIN' } },
      'lookup dns.example on 10.0.0.1:53: no such host',
    ],
    [
      'the server refuses',
      { '10.0.0.1': { 'dns.example. AAAA': 'REFUSED' } },
      'lookup dns.example on 10.0.0.1:53: REFUSED',
    ],
    ['it has no addresses', { '10.0.0.1': {} }, 'no addresses found for "dns.example"'],
  ])('%s: an error', (_, servers, message) => {
    expect(() => machine(servers).find('dns.example', ['10.0.0.1'])).toThrow(message);
  });
});

describe('without', () => {
  const resolvConf = 'nameserver 10.0.0.1\nsearch a.example b.example.\noptions ndots:2\n';

  test('/etc/hosts is asked first', () => {
    const files = { '/etc/hosts': '127.0.0.1 localhost\n192.0.2.7 x DNS.Example # comment\nbad dns.example\n' };
    const { asked, find } = machine({}, files);
    expect(find('dns.example')).toEqual(['192.0.2.7']);
    expect(asked).toEqual([]);
  });

  test('then the servers of /etc/resolv.conf, with its search list for short names', () => {
    const zone = { 'dns.b.example. A': ['A 192.0.2.1'], 'dns.a.example. A': 'NXDOMAIN' };
    const { asked, find } = machine({ '10.0.0.1': zone }, { '/etc/resolv.conf': resolvConf });
    expect(find('dns')).toEqual(['192.0.2.1']);
    expect(asked.map((line) => line.split(' ')[1])).toEqual([
      ...['dns.a.example.', 'dns.a.example.'],
      ...['dns.b.example.', 'dns.b.example.'],
    ]);
  });

  test('a name with dots enough is asked as it is first; the first reason counts', () => {
    const { asked, find } = machine({}, { '/etc/resolv.conf': resolvConf });
    expect(() => find('a.b.dns')).toThrow('lookup a.b.dns on 10.0.0.1:53: i/o timeout');
    expect(asked[0]).toBe('10.0.0.1:53 a.b.dns. A');
    expect(asked).toHaveLength(6);
  });
});

describe('an exchange that blocks', () => {
  /** A server in a thread of its own, since this one sleeps. */
  async function withServer(answer: string, use: (port: number) => void): Promise<void> {
    const code = `
      const { createSocket } = require('node:dgram');
      const { parentPort } = require('node:worker_threads');
      const socket = createSocket('udp4');
      socket.on('message', (bytes, { port, address }) => { ${answer} });
      socket.bind(0, '127.0.0.1', () => parentPort.postMessage(socket.address().port));`;
    const worker = new Worker(code, { eval: true });
    const [port] = await once(worker, 'message');
    try {
      use(port as number);
    } finally {
      await worker.terminate();
    }
  }
  const packet = Uint8Array.from({ length: 12 }, (_, index) => index);

  test('has the answer when it comes, and passes over what is none', async () => {
    await withServer(
      'for (const first of [9, 8, 7]) { bytes[0] = first; socket.send(Buffer.from(bytes), port, address); }',
      (port) => {
        const answer = blockingExchange(packet, '127.0.0.1', port, (candidate) => candidate[0] === 7);
        expect(answer).toEqual(Uint8Array.from([7, ...packet.slice(1)]));
      },
    );
  });

  test('ends when nobody listens', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(blockingExchange(packet, '127.0.0.1', port, () => true)).toBeUndefined();
  });

  test('ends with its time', async () => {
    await withServer('', (port) => {
      const began = performance.now();
      expect(blockingExchange(packet, '127.0.0.1', port, () => true)).toBeUndefined();
      expect(performance.now() - began).toBeGreaterThan(1_900);
    });
  });
});
