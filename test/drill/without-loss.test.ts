/** What operators do to a cache at work, under 20,000 queries a second: not one is lost, and none fails. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { LoadResult } from '../bench/dnsperf';
import { needs } from '../support/needs';
import { CLUSTER_IPS, NAMES } from './addresses';
import { SERVING, templateFile } from './cache';
import { load, RATE } from './load';
import { tableText } from './outage';
import { untilServed } from './outage-drill';
import type { Running } from './process';
import { allStreams, Stage, wait } from './stage';

jest.setTimeout(60_000);

/** Seconds of load; the action begins after the first two. */
const [LOAD_SECONDS, BEFORE_MS] = [8, 2_000];
const CLIENTS = allStreams(CLUSTER_IPS, ['udp']);
/** What `reload` says of each Corefile that it runs. */
const RUNNING = 'plugin/reload: Running configuration SHA512';

/** One packet an hour: the first. */
const FIRST_SYN_IS_LOST = `table inet loss {
  chain from_node {
    type filter hook input priority 0;
    tcp flags syn tcp dport 53 limit rate 1/hour burst 1 packets counter drop
  }
}
`;

/** Datagrams that found a full socket, by place, since it was made. */
function drops(stage: Stage): number[] {
  return NAMES.map((name) => {
    const lines = stage.network.places[name].run('cat', '/proc/net/snmp').split('\n');
    const [titles, values] = lines.filter((line) => line.startsWith('Udp: ')).map((line) => line.split(' '));
    return Number(values[titles.indexOf('RcvbufErrors')]);
  });
}

needs('netns', 'nft', 'dnsperf').describe(`${RATE} queries a second`, () => {
  let stage: Stage;
  let cache: Running;
  const rows: string[][] = [];

  beforeAll(async () => {
    stage = await Stage.open('nft');
    await load(stage, CLUSTER_IPS[0], 2, RATE / 4); // The servers know all names: what they do not take would be lost.
    cache = stage.startCache({ addresses: CLUSTER_IPS });
    await untilServed(stage, CLIENTS);
    await load(stage, CLUSTER_IPS[0], 2, RATE / 4);
  });

  afterAll(async () => {
    process.stdout.write(
      `\n${tableText(['action', 'queries', 'lost', 'failed', 'per second', 'UDP drops: pod node dns0 dns1'], rows)}\n`,
    );
    await stage.close();
  });

  const under = async (name: string, action: () => Promise<void>): Promise<LoadResult> => {
    const before = drops(stage);
    const running = load(stage, CLUSTER_IPS[0], LOAD_SECONDS);
    const [result] = await Promise.all([running, wait(BEFORE_MS).then(action)]);
    const { completed, lost, goodShare, queriesPerSecond } = result;
    const failed = Math.round(completed * (1 - goodShare));
    const dropped = drops(stage).map((count, index) => count - before[index]);
    rows.push([name, `${completed + lost}`, `${lost}`, `${failed}`, queriesPerSecond.toFixed(0), dropped.join(' ')]);
    expect(queriesPerSecond).toBeGreaterThan(RATE / 2); // Else the machine had no room for the load.
    const unanswered = Math.max(0, lost - dropped[0]); // Answers came to the pod, and dnsperf had no room for them.
    expect({ name, unanswered, failed }).toEqual({ name, unanswered: 0, failed: 0 });
    return result;
  };

  test('a Corefile is reloaded', async () => {
    const former = cache.output.split(RUNNING).length - 1;
    await under('reload', async () => {
      appendFileSync(templateFile(stage.folder), '# changed\n');
      cache.signal('SIGUSR1');
      await cache.says(RUNNING, 8_000, former + 1);
    });
  });

  test('a Corefile with an error is refused', async () => {
    const good = `${stage.folder}/good`;
    await under('bad Corefile', async () => {
      writeFileSync(good, 'kept');
      appendFileSync(templateFile(stage.folder), '.:53 {\n  forwrad . 10.0.0.1\n}\n');
      cache.signal('SIGUSR1');
      await cache.says('forwrad', 8_000);
    });
    expect(cache.isOver).toBe(false);
  });

  test('another instance takes over while the old one is at work', async () => {
    let next = cache;
    await under('upgrade with overlap', async () => {
      next = stage.startCache({ addresses: CLUSTER_IPS, instance: 2 });
      await next.says(SERVING);
      await wait(1_000);
      await cache.stop();
    });
    cache = next;
    await untilServed(stage, CLIENTS);
    expect(cache.output).not.toMatch(/lease on \S+ lost/);
  });

  test('SIGTERM, and nobody follows', async () => {
    await under('SIGTERM', () => cache.stop());
    expect(cache.exitCode).toBe(0);
  });

  test('a cache starts where there was none', async () => {
    await under('start', async () => {
      cache = stage.startCache({ addresses: CLUSTER_IPS, instance: 3 });
      await cache.says(SERVING);
    });
    await untilServed(stage, CLIENTS);
  });

  test('SIGTERM, and another one follows', async () => {
    await under('restart', async () => {
      await cache.stop();
      cache = stage.startCache({ addresses: CLUSTER_IPS, instance: 4 });
      await cache.says(SERVING);
    });
    await untilServed(stage, CLIENTS);
  });

  test('SIGTERM; one starts, and the first SYN to each kube-dns is lost, which costs a second', async () => {
    const servers = [stage.network.places.dns0, stage.network.places.dns1];
    await under('start, SYN lost', async () => {
      await cache.stop();
      for (const server of servers) server.batch('nft', ['-f', '-'], FIRST_SYN_IS_LOST);
      cache = stage.startCache({ addresses: CLUSTER_IPS, instance: 5 });
      await cache.says(SERVING);
    });
    expect(servers.map((server) => server.run('nft', 'list', 'table', 'inet', 'loss')).join()).toMatch(/packets [1-9]/);
    for (const server of servers) server.run('nft', 'delete', 'table', 'inet', 'loss');
    await untilServed(stage, CLIENTS);
  });
});
