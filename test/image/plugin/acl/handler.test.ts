import { handler } from '../../../../image/plugin/acl/handler';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { FakeWorker } from '../../../support/fake-worker';
import { HandlerWorld } from '../../../support/query';
import { packetOf, textOf } from '../recorded/ask';

const world = (block: string, remote: string) =>
  new HandlerWorld(`. {\n${block}\n}`, { remote }, (query) => query.fail(4, '')); // NOTIMP: it went on.
const LABELS = ['dns://:53', 'example.org.', ''] as const;
const FINE =
  'acl example.org {\nallow net 10.0.0.0/24\nblock net 10.0.0.0/16\nfilter type MX net fd00::/8\ndrop type TXT\n}';

test.each([
  ['10.0.0.1', 'A', 'NOTIMP', 'the first that fits allows'],
  ['10.0.1.1', 'A', 'REFUSED', 'the next one blocks'],
  ['fd00::1', 'MX', 'NOERROR', 'filtered: no such data'],
  ['fd00::1', 'A', 'NOTIMP', 'another type'],
  ['fd00::1%eth0', 'MX', 'NOERROR', 'the zone of an address does not count'],
  ['192.0.2.1', 'A', 'NOTIMP', 'nothing fits: allowed'],
])('%s asking for %s: %s, %s', (remote, type, rcode) => {
  expect(HANDLERS.acl).toBe(handler);
  expect(world(FINE, remote).ask('a.example.org.', { type })).toMatchObject({
    rcode,
    isAuthoritative: false,
    answer: [],
  });
});

test('names outside the zones go on', () => {
  expect(world(FINE, '10.0.1.1').ask('example.net.').rcode).toBe('NOTIMP');
});

test('what is done is counted', () => {
  const acl = world(FINE, '10.0.1.1');
  acl.ask('a.example.org.');
  acl.ask('example.net.');
  expect(acl.counted('coredns_acl_blocked_requests_total', ...LABELS)).toBe(1);
  expect(acl.counted('coredns_acl_allowed_requests_total', 'dns://:53', '')).toBe(1);
  const filtered = world(FINE, 'fd00::1');
  filtered.ask('example.org.', { type: 'MX' });
  expect(filtered.counted('coredns_acl_filtered_requests_total', ...LABELS)).toBe(1);
  filtered.ask('example.org.', { type: 'TXT' });
  expect(filtered.counted('coredns_acl_dropped_requests_total', ...LABELS)).toBe(1);
});

test('drop is silence, over UDP and TCP, and the connection goes on', () => {
  const worker = new FakeWorker('. {\nbind 127.0.0.1\nacl {\ndrop type MX\n}\nwhoami\n}\n');
  const server = { address: '127.0.0.1', port: 53 };
  const client = worker.kernel.network.udpPeer('127.0.0.1');
  client.send(server, packetOf('example.org. MX'));
  const end = worker.kernel.network.tcpConnect(server, '127.0.0.1')!;
  const frame = (question: string) => Buffer.concat([Buffer.from([0, packetOf(question).length]), packetOf(question)]);
  end.write(frame('example.org. MX'));
  worker.pass(10);
  expect([client.received.length, end.read().length]).toEqual([0, 0]);
  end.write(frame('example.org. A'));
  worker.pass(10);
  expect(textOf(end.read().subarray(2))).toContain('NOERROR');
});

describe('CVE-2026-26017: a name that is rewritten does not open what is closed', () => {
  const rewriting = (rule: string, remote: string) =>
    world(`acl secret.example {\nallow net 10.0.0.0/24\nblock\n}\nacl {\nfilter type MX\n}\nrewrite ${rule}`, remote);
  test.each([
    ['name exact alias.example secret.example', '10.0.1.1', 'alias.example.', 'A', 'REFUSED'],
    ['name exact alias.example secret.example', '10.0.0.1', 'alias.example.', 'A', 'NOTIMP'],
    ['name suffix .alias.example .secret.example', '10.0.1.1', 'a.b.Alias.example.', 'A', 'REFUSED'],
    ['continue name exact a.example b.example\nrewrite name exact b.example secret.example', '10.0.1.1'].concat([
      'a.example.',
      'A',
      'REFUSED',
    ]),
    ['type TXT MX', '10.0.1.1', 'open.example.', 'TXT', 'NOERROR'], // Filtered.
    ['type TXT MX', '10.0.1.1', 'open.example.', 'A', 'NOTIMP'],
    ['name exact secret.example open.example', '10.0.1.1', 'secret.example.', 'A', 'REFUSED'], // As it was asked, too.
  ])('%j, %s asks for %s %s: %s', (rule, remote, name, type, rcode) => {
    expect(rewriting(rule, remote).ask(name, { type }).rcode).toBe(rcode);
  });
});

test('coredns #8289: an answer in the cache is not handed out around it', () => {
  const lines = [
    'acl {',
    'block net 127.0.0.2',
    '}',
    'cache 30',
    'template IN A . {',
    'answer "{{ .Name }} 60 IN A 192.0.2.1"',
    '}',
  ];
  const worker = new FakeWorker(`. {\nbind 127.0.0.1\n${lines.join('\n')}\n}\n`);
  const ask = (from: string) => {
    const client = worker.kernel.network.udpPeer(from);
    client.send({ address: '127.0.0.1', port: 53 }, packetOf('example.org. A'));
    worker.pass(10);
    return textOf(client.received[0].bytes).split(' ')[0];
  };
  expect(['127.0.0.1', '127.0.0.2', '127.0.0.1', '127.0.0.2'].map(ask)).toEqual([
    'NOERROR',
    'REFUSED',
    'NOERROR',
    'REFUSED',
  ]);
  expect(worker.metric('coredns_cache_hits_total')).toBe(1);
});
