/**
 * Every expression of the dashboard has data: a Prometheus scraped a cache under load on a node that had a bad half
 * minute.
 */
import { wait } from '../drill/stage';
import { needs } from '../support/needs';
import { filledIn, PANELS } from './expressions';
import { Lab, queriesOf } from './lab';

jest.setTimeout(90_000);

const ASKED = PANELS.flatMap(({ title, targets, panels = [] }) => [{ title, targets }, ...panels]).flatMap(
  ({ title, targets = [] }) => targets.map(({ expr }): [string, string] => [title, expr]),
);

describe('an expression', () => {
  test('has none of the variables of Grafana left when they are filled in', () => {
    expect(ASKED.length).toBeGreaterThan(40);
    for (const [, expr] of ASKED) expect(filledIn(expr, '10s')).not.toContain('$');
  });
});

/** Everything that the dashboard has a panel for, in half a minute. */
async function badHalfMinute(lab: Lab): Promise<void> {
  const [node] = lab.nodes;
  const { dns0, dns1 } = node.stage.network.places;
  const load = node.load(queriesOf(20_000), 24, 600);
  await wait(8_000);
  node.junk();
  node.sh('nft delete table inet nodelocaldns 2>/dev/null; ip addr flush dev nodelocaldns'); // Repaired.
  await wait(3_000);
  for (const server of [dns0, dns1]) server.sh('ip link set eth0 down'); // Time-outs, stale answers, SERVFAIL.
  await wait(6_000);
  for (const server of [dns0, dns1]) server.sh('ip link set eth0 up');
  node.cache.signal('SIGSTOP'); // The lease is lost.
  await wait(2_500);
  node.cache.signal('SIGCONT');
  await load;
}

needs('netns', 'nft', 'dnsperf', 'prometheus').describe('after a bad half minute', () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.open(1);
    await badHalfMinute(lab);
  });

  afterAll(() => lab?.close());

  test.each(ASKED)('%s has data: %s', async (_, expr) => {
    const series = await lab.prometheus.now(filledIn(expr, '60s'));
    expect(series.length).toBeGreaterThan(0);
    expect(series.some(({ values }) => Number.isFinite(values[0][1]))).toBe(true);
  });

  test('a metric that is not there has none: these tests can fail', async () => {
    expect(await lab.prometheus.now('sum(coredns_no_such_total)')).toEqual([]);
  });
});
