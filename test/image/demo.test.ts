/** `npm start` end to end, on ports 21040-21043: what the README promises, asked with our own client and with dig. */
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { Daemon } from '../support/daemon';
import { type Ask, ask } from '../support/dns-client';
import { needs } from '../support/needs';

jest.setTimeout(20_000); // A process starts in well under a second, but machines are busy.

const PORT = 21040;
const METRICS_PORT = 21041;
const HEALTH_PORT = 21042;
const FLAGS = [`-dns.port=${PORT}`, `-metrics-port=${METRICS_PORT}`, `-health-port=${HEALTH_PORT}`];
const SERVICE = 'kubernetes.default.svc.cluster.local';
const SOA = 'cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 5';

const query = (name: string, options: Partial<Ask> = {}): ReturnType<typeof ask> =>
  ask({ name, port: PORT, ...options });
const addresses = (records: readonly string[]): string[] => records.map((record) => record.split(' ')[4]).sort();

async function metric(name: string, labels: string): Promise<number> {
  const page = await (await fetch(`http://127.0.0.1:${METRICS_PORT}/metrics`)).text();
  const rows = page.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(labels));
  return rows.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('started', () => {
  let demo: Daemon;
  beforeAll(async () => {
    demo = new Daemon('demo.js', FLAGS);
    await demo.says('Stop: ');
  });
  afterAll(() => demo.stop());

  test('it prints three lines and nothing else', () => {
    expect(demo.stderr).toBe('');
    expect(demo.stdout).toMatch(
      /^Ask: +dig @127\.0\.0\.1 -p 21040 kubernetes\.default\.svc\.cluster\.local.*\nMetrics: http:\/\/127\.0\.0\.1:21041\/metrics\nStop: +Ctrl-C\n$/,
    );
  });

  describe.each(['udp', 'tcp'] as const)('over %s', (over) => {
    test('a service has its address', async () => {
      const { rcode, flags, answer } = await query(SERVICE, { over });
      expect({ rcode, answer: addresses(answer) }).toEqual({ rcode: 'NOERROR', answer: ['10.96.0.1'] });
      expect(flags).toMatch(/^aa rd/);
    });

    test('and its IPv6 address', async () => {
      expect(addresses((await query(SERVICE, { over, type: 'AAAA' })).answer)).toEqual(['fd00:10:96::1']);
    });

    test('a type it does not have is an empty answer', async () => {
      expect(await query(SERVICE, { over, type: 'TXT' })).toMatchObject({ rcode: 'NOERROR', answer: [] });
    });

    test('a name that does not exist is NXDOMAIN with the SOA of the cluster', async () => {
      const told = await query('nobody.default.svc.cluster.local', { over });
      expect(told).toMatchObject({ rcode: 'NXDOMAIN', answer: [], authority: [SOA] });
      expect((await query(`_http._tcp.${SERVICE}`, { over, type: 'SRV' })).rcode).toBe('NXDOMAIN');
    });

    test('an address leads back to its name', async () => {
      const { answer } = await query('1.0.96.10.in-addr.arpa', { over, type: 'PTR' });
      expect(addresses(answer)).toEqual([`${SERVICE}.`]);
    });

    test('upper case in the question comes back as it was', async () => {
      const name = 'KUBERNETES.Default.svc.Cluster.LOCAL';
      const told = await query(name, { over });
      expect(told.question).toBe(`${name}. A`);
      expect(addresses(told.answer)).toEqual(['10.96.0.1']);
    });
  });

  describe('a large answer', () => {
    const MANY = 'many.default.svc.cluster.local';
    const ALL = Array.from({ length: 40 }, (_, index) => `10.244.1.${index + 1}`).sort();

    test.each([[undefined], [512]])('is cut with TC for a client with buffer %p', async (udpBytes) => {
      const told = await query(MANY, { udpBytes });
      expect(told.flags.split(' ')).toContain('tc');
      expect(told.messageBytes).toBeLessThanOrEqual(512);
      expect(told.answer.length).toBeGreaterThan(20);
      expect(told.answer.length).toBeLessThan(40);
    });

    test('is whole for a client with room', async () => {
      const told = await query(MANY, { udpBytes: 1232 });
      expect(told.flags.split(' ')).not.toContain('tc');
      expect(addresses(told.answer)).toEqual(ALL);
      expect(told.udpBytes).toBeGreaterThanOrEqual(512);
    });

    test('is whole over TCP', async () => {
      const told = await query(MANY, { over: 'tcp' });
      expect(told.flags.split(' ')).not.toContain('tc');
      expect(addresses(told.answer)).toEqual(ALL);
    });
  });

  test('a second query is a hit by the metrics', async () => {
    const name = 'twice.default.svc.cluster.local';
    const labels = `server="dns://127.0.0.1:${PORT}",type="denial",zones="cluster.local."`;
    const before = await metric('coredns_cache_hits_total', labels);
    const first = await query(name);
    expect(await metric('coredns_cache_hits_total', labels)).toBe(before);
    const second = await query(name);
    expect(await metric('coredns_cache_hits_total', labels)).toBe(before + 1);
    expect(second.authority).toEqual(first.authority);
  });

  test('queries are counted by zone, protocol and type', async () => {
    const labels = 'zone="cluster.local.",view="",proto="tcp",family="1",type="MX"';
    const before = await metric('coredns_dns_requests_total', labels);
    await query('counted.default.svc.cluster.local', { over: 'tcp', type: 'MX' });
    expect(await metric('coredns_dns_requests_total', labels)).toBe(before + 1);
  });

  test('/health says OK', async () => {
    const response = await fetch(`http://127.0.0.1:${HEALTH_PORT}/health`);
    expect([response.status, await response.text()]).toEqual([200, 'OK']);
  });

  test.each([
    ['dns.port', PORT],
    ['metrics-port', METRICS_PORT],
    ['health-port', HEALTH_PORT],
  ])('a second one says that the port of -%s is taken, and which flag moves it', async (flag, port) => {
    const free = { 'dns.port': 21045, 'metrics-port': 21046, 'health-port': 21047 };
    const ports = Object.entries({ ...free, [flag]: port }).map(([name, value]) => `-${name}=${value}`);
    const second = new Daemon('demo.js', ports);
    expect((await second.ended).code).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toMatch(
      new RegExp(
        `^listen (udp|tcp) 127\\.0\\.0\\.1:${port}: bind: address already in use - .*npm start -- -${flag} ${port + 1}\\n$`,
      ),
    );
  });

  needs('dig').describe('the commands of the README, with dig', () => {
    const dig = (...words: string[]): string =>
      execFileSync('dig', ['@127.0.0.1', '-p', String(PORT), '+tries=1', ...words], { encoding: 'utf8' });

    test.each([
      [[SERVICE], ['status: NOERROR', '10.96.0.1']],
      [
        ['+tcp', SERVICE],
        ['status: NOERROR', '10.96.0.1', '(TCP)'],
      ],
      [
        ['AAAA', SERVICE],
        ['status: NOERROR', 'fd00:10:96::1'],
      ],
      [
        ['no-such-service.default.svc.cluster.local'],
        ['status: NXDOMAIN', 'ns.dns.cluster.local. hostmaster.cluster.local.'],
      ],
      [['KUBERNETES.DEFAULT.SVC.CLUSTER.LOCAL'], [';KUBERNETES.DEFAULT.SVC.CLUSTER.LOCAL.', '10.96.0.1']],
      [
        ['+bufsize=512', '+ignore', 'many.default.svc.cluster.local'],
        ['status: NOERROR', 'flags: qr aa tc rd'],
      ],
      [
        ['+bufsize=512', 'many.default.svc.cluster.local'],
        ['Truncated, retrying in TCP mode', 'ANSWER: 40'],
      ],
      [
        ['-x', '10.96.0.1'],
        ['status: NOERROR', `${SERVICE}.`],
      ],
    ])('dig %j', (words, expected) => {
      const output = dig(...words);
      for (const text of expected) expect(output).toContain(text);
    });
  });
});

test('Ctrl-C ends it with 0 and frees the ports', async () => {
  const demo = new Daemon('demo.js', FLAGS);
  await demo.says('Stop: ');
  demo.signal('SIGINT');
  expect(await demo.ended).toEqual({ code: 0, signal: null });
  expect(demo.stdout.split('\n').slice(3)).toEqual(['[INFO] SIGINT: Shutting down', '']);
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind({ port: PORT, address: '127.0.0.1', exclusive: true }, resolve));
  await new Promise<void>((resolve) => socket.close(resolve));
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(PORT, '127.0.0.1', resolve));
  await new Promise((resolve) => server.close(resolve));
});
