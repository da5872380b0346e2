import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { lookUpLater, UpstreamNames, upstreamNames } from '../../../image/agent/upstream-names';
import { UPSTREAM_NAMES_MS, UPSTREAM_NAMES_QUIET_MS } from '../../../image/limits';
import { typeText } from '../../../image/wire/codes';
import { decodeMessage } from '../../../image/wire/message';
import { nameToText } from '../../../image/wire/name-text';
import { planOf } from '../../support/corefile';
import { FakeClock } from '../../support/fake-world';
import { encodeSays, type Says } from '../../support/resolver';

type Known = Record<string, readonly string[] | undefined>;

/** A process with this Corefile; `known` is what resolvers say, and may change. */
function running(corefile: string, known: Known) {
  const clock = new FakeClock();
  const asked: string[] = [];
  const reloads: string[] = [];
  const find = (name: string, resolvers: readonly string[]): readonly string[] => {
    asked.push([name, ...resolvers].join(' '));
    const found = known[name];
    if (found === undefined) throw new Error('i/o timeout');
    return found;
  };
  const load = () => planOf(corefile, { lookUpHost: find });
  let plan = load();
  asked.length = 0;
  const names = new UpstreamNames({
    clock,
    plan: () => plan,
    lookUp: async (name, resolvers) => find(name, resolvers),
    reload: async (reason) => {
      reloads.push(reason);
      plan = load();
    },
  });
  names.start();
  const pass = (ms: number) => clock.pass(ms);
  return { names, asked, reloads, pass, plan: () => plan };
}

const COREFILE = `a.test {
  forward . dns.example 192.0.2.9 {
    resolver 10.0.0.1
  }
}
b.test {
  forward . tls://dns.example {
    resolver 10.0.0.1
  }
  forward c.b.test other.example
}
`;

test('the names of a plan, each once', () => {
  const { plan } = running(COREFILE, { 'dns.example': ['192.0.2.1'], 'other.example': ['192.0.2.2'] });
  expect(upstreamNames(plan()).map(({ name, resolvers }) => [name, ...resolvers])).toEqual([
    ['dns.example', '10.0.0.1'],
    ['other.example'],
  ]);
});

test('nothing is loaded while they have the same addresses, in whatever order and spelling', async () => {
  const known: Known = { 'dns.example': ['192.0.2.1', '2001:db8::1'], 'other.example': ['192.0.2.2'] };
  const { asked, reloads, pass } = running(COREFILE, known);
  known['dns.example'] = ['2001:DB8:0::1', '192.0.2.1'];
  await pass(3 * UPSTREAM_NAMES_MS);
  expect(asked).toEqual(Array.from({ length: 3 }, () => ['dns.example 10.0.0.1', 'other.example']).flat());
  expect(reloads).toEqual([]);
});

test('the Corefile is loaded anew when one has others, once', async () => {
  const known: Known = { 'dns.example': ['192.0.2.1'], 'other.example': ['192.0.2.2'] };
  const { reloads, pass, plan } = running(COREFILE, known);
  known['other.example'] = ['192.0.2.3'];
  await pass(3 * UPSTREAM_NAMES_MS);
  expect(reloads).toEqual(['upstream other.example has other addresses']);
  expect(upstreamNames(plan())[1].addresses).toEqual(['192.0.2.3']);
});

test.each<[string, readonly string[] | undefined]>([
  ['cannot be asked for', undefined],
  ['has no address any more', []],
])('one that %s keeps what it had', async (_, found) => {
  const known: Known = { 'dns.example': ['192.0.2.1'], 'other.example': ['192.0.2.2'] };
  const { reloads, pass } = running(COREFILE, known);
  known['dns.example'] = found;
  await pass(2 * UPSTREAM_NAMES_MS);
  expect(reloads).toEqual([]);
});

test('one that has others in every answer is left alone for a while after each', async () => {
  const known: Known = { 'dns.example': ['192.0.2.1'], 'other.example': ['192.0.2.2'] };
  const { reloads, pass } = running(COREFILE, known);
  for (let minute = 0; minute < 20; minute++) {
    known['dns.example'] = [`192.0.2.${100 + minute}`];
    await pass(60_000);
  }
  expect(reloads.length).toBe(Math.ceil(20 / (UPSTREAM_NAMES_QUIET_MS / 60_000)));
});

test('nobody looks after the end, or without names', async () => {
  const { names, asked, pass } = running(COREFILE, { 'dns.example': ['192.0.2.1'], 'other.example': ['192.0.2.2'] });
  names.stop();
  await pass(3 * UPSTREAM_NAMES_MS);
  expect(asked).toEqual([]);
});

describe('asking without holding up the process', () => {
  const zone: Record<string, Says> = {
    'both.example. A': { answer: ['@ 60 IN A 192.0.2.1'] },
    'both.example. AAAA': { answer: ['@ 60 IN AAAA 2001:db8::1'] },
    'four.example. A': { answer: ['@ 60 IN A 192.0.2.1'] },
    'half.example. A': { answer: ['@ 60 IN A 192.0.2.1'] },
    'half.example. AAAA': { rcode: 'SERVFAIL' },
  };
  const server = createSocket('udp4');
  let resolver: string;
  beforeAll(async () => {
    server.on('message', (bytes, { port, address }) => {
      const query = decodeMessage(bytes, 0, bytes.length)!;
      const { name, type } = query.question!;
      server.send(encodeSays(zone[`${nameToText(name, 0)} ${typeText(type)}`] ?? {}, query), port, address);
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    resolver = `127.0.0.1:${server.address().port}`;
  });
  afterAll(() => new Promise<void>((resolve) => server.close(resolve)));

  test('both families', async () =>
    expect(await lookUpLater('both.example', [resolver])).toEqual(['192.0.2.1', '2001:db8::1']));
  test('one family', async () => expect(await lookUpLater('four.example', [resolver])).toEqual(['192.0.2.1']));
  test.each(['half.example', 'none.example'])('%s: an error, not half the truth', async (name) => {
    await expect(lookUpLater(name, [resolver])).rejects.toThrow();
  });
  test('the system’s way', async () => expect(await lookUpLater('localhost', [])).toContain('127.0.0.1'));
});
