/** What a plan asks of the main thread. */
import { planFacts } from '../../../image/agent/plan-facts';
import type { BlockPlan, Plan, PluginPlan } from '../../../image/corefile/plan';

const plugin = (name: string, options: unknown = {}): PluginPlan => ({ name, options });

function plan(...blocks: PluginPlan[][]): Plan {
  const made = blocks.map(
    (plugins, index): BlockPlan => ({ zones: ['.'], file: 'Corefile', line: 10 * index + 1, plugins }),
  );
  return { listeners: [], blocks: made };
}

test('the same metrics address in many blocks is one listener', () => {
  const prometheus = plugin('prometheus', { address: ':9253' });
  expect(planFacts(plan([prometheus], [prometheus])).metrics).toEqual([
    { address: { host: '', port: 9253 }, origin: 'the prometheus directive of the server block at Corefile:1' },
  ]);
});

test('health addresses keep the longest lameduck', () => {
  const health = (address: string, lameduckMs: number): PluginPlan => plugin('health', { address, lameduckMs });
  const facts = planFacts(plan([health(':8080', 5_000)], [health(':8080', 0)], [health('[::1]:8081', 1_000)]));
  expect(facts.health.map(({ address, lameduckMs }) => [address.port, lameduckMs])).toEqual([
    [8080, 5_000],
    [8081, 1_000],
  ]);
});

test.each([
  [[5_000, 2_000], 2_000],
  [[0, 5_000], 5_000],
  [[5_000, 0], 5_000],
  [[0, 0], 0],
])('one hosts file with intervals %j is looked at every %p ms', (intervals, expected) => {
  const blocks = intervals.map((reloadMs) => [plugin('hosts', { path: '/etc/hosts', reloadMs })]);
  expect(planFacts(plan(...blocks)).hosts).toEqual([{ path: '/etc/hosts', reloadMs: expected }]);
});

test('loops keep their block, and are sent to its address', () => {
  const loop = plugin('loop', { zone: 'a.', address: '169.254.20.10', port: 53 });
  expect(planFacts(plan([plugin('errors')], [loop])).loops).toEqual([
    { block: 1, zone: 'a.', target: { address: '169.254.20.10', port: 53 } },
  ]);
});

test('the last reload decides, and nothing asks for nothing', () => {
  const [first, last] = [2_000, 30_000].map((intervalMs) => ({ intervalMs, jitterMs: 1_000 }));
  expect(planFacts(plan([plugin('reload', first)], [plugin('reload', last)], [plugin('errors')])).reload).toEqual(last);
  expect(planFacts(plan([plugin('cache')]))).toEqual({
    metrics: [],
    health: [],
    ready: [],
    pprof: [],
    traces: [],
    taps: [],
    hosts: [],
    loops: [],
    reload: null,
  });
});

test('an address whose port is none is named with its directive and place', () => {
  expect(() => planFacts(plan([plugin('prometheus', { address: ':99999' })]))).toThrow(
    'plugin/prometheus: address :99999: invalid port - change the prometheus directive of the server block at Corefile:1',
  );
});
