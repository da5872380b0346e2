import { Counters, type Series } from '../../../image/observe/counters';
import type { UpstreamEnvironment } from '../../../image/upstream/environment';
import type { PoolSettings } from '../../../image/upstream/pool-settings';
import { Upstreams, type UpstreamTarget } from '../../../image/upstream/upstreams';

const WISHES = { expireMs: 10_000, ageMsMax: 0, idleConnectionsMax: 0 };

function upstreams(): { all: Upstreams; series: Series[]; values: Float64Array } {
  const series: Series[] = [];
  const values = new Float64Array(1024);
  const counters = new Counters(values, (one) => void series.push(one));
  // Pools ask nothing of their environment before the first question.
  const environment = { timers: { stop: () => undefined } } as unknown as UpstreamEnvironment;
  return { all: new Upstreams(environment, counters), series, values };
}

const target = (port = 53, wishes: Partial<UpstreamTarget> = {}): UpstreamTarget => {
  return { address: '192.0.2.1', port, label: `192.0.2.1:${port}`, sourceAddress: '', ...wishes };
};
const TLS = { certificate: '', key: '', authorities: '', serverName: '' };

/** What the pools of an upstream are told, which share it. */
function limitsAfter(...wishes: Partial<typeof WISHES>[]): number[] {
  const upstream = upstreams().all.get(target());
  for (const wish of wishes) upstream.wish({ ...WISHES, ...wish });
  const { settings } = upstream as unknown as { settings: PoolSettings };
  return [settings.expireMs, settings.ageMsMax, settings.idleMax];
}

describe('a server has one pool, however many ask for it', () => {
  const { all } = upstreams();
  const one = all.get(target());
  test('in the same way', () => expect(all.get(target())).toBe(one));
  test.each<[string, UpstreamTarget]>([
    ['another port', target(5353)],
    ['our end at another address', target(53, { sourceAddress: '192.0.2.9' })],
    ['TLS', target(53, { tls: TLS })],
  ])('%s is another', (_, other) => expect(all.get(other)).not.toBe(one));
  test('TLS for another name is another', () => {
    const named = (serverName: string) => all.get(target(853, { tls: { ...TLS, serverName } }));
    expect(named('a.example')).not.toBe(named('b.example'));
    expect(named('a.example')).toBe(named('a.example'));
  });
});

describe('a new plan', () => {
  test('closes what it does not name, once the last plan before it is over', () => {
    const { all } = upstreams();
    const first = all.begin();
    const [kept, gone] = [all.get(target(1)), all.get(target(2))];
    const second = all.begin();
    expect(all.get(target(1))).toBe(kept);
    all.closeUnused(first);
    expect(all.get(target(1))).toBe(kept);
    all.closeUnused(second);
    expect(all.get(target(1))).toBe(kept);
    expect(all.get(target(2))).not.toBe(gone);
  });

  test('has its own wishes', () => {
    const { all } = upstreams();
    all.begin();
    all.get(target()).wish({ expireMs: 60_000, ageMsMax: 70_000, idleConnectionsMax: 2 });
    all.begin();
    const upstream = all.get(target());
    upstream.wish({ ...WISHES, expireMs: 5_000 });
    const { settings } = upstream as unknown as { settings: PoolSettings };
    expect([settings.expireMs, settings.ageMsMax, settings.idleMax]).toEqual([5_000, 0, 0]);
  });
});

describe('wishes of forwards: as patient as the most patient, as strict as the strictest', () => {
  test.each<[string, Partial<typeof WISHES>[], number[]]>([
    ['the defaults', [{}], [10_000, 0, 0]],
    ['an expire below the default is kept to', [{ expireMs: 2000 }], [2000, 0, 0]],
    ['one above it, too', [{ expireMs: 60_000 }], [60_000, 0, 0]],
    ['the longer of two', [{ expireMs: 2000 }, { expireMs: 3000 }], [3000, 0, 0]],
    ['in any order', [{ expireMs: 3000 }, { expireMs: 2000 }], [3000, 0, 0]],
    ['an age beside none', [{ ageMsMax: 5000 }, {}], [10_000, 5000, 0]],
    ['the smaller of two ages', [{ ageMsMax: 5000 }, { ageMsMax: 4000 }], [10_000, 4000, 0]],
    ['idle connections beside no limit', [{}, { idleConnectionsMax: 3 }], [10_000, 0, 3]],
    ['the smaller of two', [{ idleConnectionsMax: 2 }, { idleConnectionsMax: 3 }], [10_000, 0, 2]],
  ])('%s', (_, wishes, limits) => expect(limitsAfter(...wishes)).toEqual(limits));
});

test('answers are counted by code, with how long they took', () => {
  const { all, series, values } = upstreams();
  const upstream = all.get(target());
  upstream.answered(0, 0.5);
  upstream.answered(0, 0.25);
  upstream.answered(3, 0.001);
  const found = series.filter(({ metric }) => metric === 'coredns_proxy_request_duration_seconds');
  expect(found.map(({ labels }) => labels)).toEqual([
    ['forward', '192.0.2.1:53', 'NOERROR'],
    ['forward', '192.0.2.1:53', 'NXDOMAIN'],
  ]);
  const second = found[1].slot;
  expect(values[second - 1]).toBe(0.75); // The sum is the last slot of the histogram.
});
