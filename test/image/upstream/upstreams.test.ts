import { Counters, type Series } from '../../../image/observe/counters';
import type { UpstreamEnvironment } from '../../../image/upstream/environment';
import { Upstreams } from '../../../image/upstream/upstreams';

const WISHES = { expireMs: 10_000, ageMsMax: 0, idleConnectionsMax: 0 };

function upstreams(): { all: Upstreams; series: Series[]; values: Float64Array } {
  const series: Series[] = [];
  const values = new Float64Array(1024);
  const counters = new Counters(values, (one) => void series.push(one));
  // Pools ask nothing of their environment before the first question.
  return { all: new Upstreams({} as UpstreamEnvironment, counters), series, values };
}

interface Limits {
  readonly expireMs: number;
  readonly ageMsMax: number;
  readonly idleMax: number;
}

/** What the pools of an upstream were told, which is the same for both. */
function limitsAfter(...wishes: Partial<typeof WISHES>[]): number[] {
  const upstream = upstreams().all.get('192.0.2.1', 53, '192.0.2.1:53');
  for (const wish of wishes) upstream.wish({ ...WISHES, ...wish });
  const { tcp, udp } = upstream as unknown as { tcp: Limits; udp: Limits };
  expect([udp.expireMs, udp.ageMsMax, udp.idleMax]).toEqual([tcp.expireMs, tcp.ageMsMax, tcp.idleMax]);
  return [tcp.expireMs, tcp.ageMsMax, tcp.idleMax];
}

test('a server has one pool, however many ask for it', () => {
  const { all } = upstreams();
  const one = all.get('192.0.2.1', 53, '192.0.2.1:53');
  expect(all.get('192.0.2.1', 53, '192.0.2.1:53')).toBe(one);
  expect(all.get('192.0.2.1', 5353, '192.0.2.1:5353')).not.toBe(one);
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
  const upstream = all.get('192.0.2.1', 53, '192.0.2.1:53');
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
