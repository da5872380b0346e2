/** What operators do to a cache at work, under 20,000 queries a second: not one is lost, and none fails. */
import { appendFileSync } from 'node:fs';
import { needs } from '../support/needs';
import { CLUSTER_IPS, NAMES } from './addresses';
import { SERVING, templateFile } from './cache';
import { load, RATE } from './load';
import { tableText } from './outage';
import { untilServed } from './outage-drill';
import type { Running } from './process';
import { allStreams, Stage, wait } from './stage';
import { complaintsAwake } from './stalls';

jest.setTimeout(180_000); // Three times, when the machine stands still in the first two.

/** Seconds of load; the action begins after the first two. */
const [LOAD_SECONDS, BEFORE_MS] = [8, 2_000];
const CLIENTS = allStreams(CLUSTER_IPS, ['udp']);
/** What `reload` says of each Corefile that it runs. */
const RUNNING = 'plugin/reload: Running configuration SHA512';

/** One packet an hour: the first. A table of before goes. */
const FIRST_SYN_IS_LOST = `table inet loss
delete table inet loss
table inet loss {
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
  let instance = 0;
  const rows: string[][] = [];

  const next = (): Running => {
    instance += 1;
    return stage.startCache({ addresses: CLUSTER_IPS, instance });
  };

  /** A cache is at work, all clients are on it. */
  const someone = async (): Promise<void> => {
    if (cache.isOver) cache = next();
    await untilServed(stage, CLIENTS);
  };

  const nobody = async (): Promise<void> => {
    await cache.stop();
  };

  beforeAll(async () => {
    stage = await Stage.open('nft');
    await load(stage, CLUSTER_IPS[0], 2, RATE / 4); // The servers know all names: what they do not take would be lost.
    cache = next();
    await untilServed(stage, CLIENTS);
    await load(stage, CLUSTER_IPS[0], 2, RATE / 4);
  });

  afterAll(async () => {
    process.stdout.write(
      `\n${tableText(['action', 'queries', 'lost', 'failed', 'per second', 'UDP drops: pod node dns0 dns1'], rows)}\n`,
    );
    await stage.close();
  });

  /** What the load lost by the action. */
  const under = async (name: string, before: () => Promise<void>, action: () => Promise<void>): Promise<void> => {
    const measure = async (): Promise<string[]> => {
      await before();
      const dropsBefore = drops(stage);
      const running = load(stage, CLUSTER_IPS[0], LOAD_SECONDS);
      const [{ completed, lost, goodShare, queriesPerSecond }] = await Promise.all([
        running,
        wait(BEFORE_MS).then(action),
      ]);
      const failed = Math.round(completed * (1 - goodShare));
      const dropped = drops(stage).map((count, index) => count - dropsBefore[index]);
      rows.push([name, `${completed + lost}`, `${lost}`, `${failed}`, queriesPerSecond.toFixed(0), dropped.join(' ')]);
      const unanswered = Math.max(0, lost - dropped[0]); // Answers came to the pod, and dnsperf had no room for them.
      const complaints: string[] = [];
      if (queriesPerSecond <= RATE / 2) complaints.push(`the load was ${queriesPerSecond} queries a second only`);
      if (unanswered > 0) complaints.push(`${unanswered} questions were not answered`);
      if (failed > 0) complaints.push(`${failed} answers were SERVFAIL or the like`);
      return complaints;
    };
    expect(await complaintsAwake(measure, (complaints) => complaints)).toEqual([]);
  };

  /** How often the cache has said it. */
  const said = (text: string): number => cache.output.split(text).length - 1;

  test('a Corefile is reloaded', async () => {
    await under('reload', someone, async () => {
      const former = said(RUNNING);
      appendFileSync(templateFile(stage.folder, instance), '# changed\n');
      cache.signal('SIGUSR1');
      await cache.says(RUNNING, 8_000, former + 1);
    });
  });

  test('a Corefile with an error is refused', async () => {
    await under('bad Corefile', someone, async () => {
      const former = said('forwrad');
      appendFileSync(templateFile(stage.folder, instance), '.:53 {\n  forwrad . 10.0.0.1\n}\n');
      cache.signal('SIGUSR1');
      await cache.says('forwrad', 8_000, former + 1);
    });
    expect(cache.isOver).toBe(false);
  });

  test('another instance takes over while the old one is at work', async () => {
    await under('upgrade with overlap', someone, async () => {
      const former = cache;
      cache = next();
      await cache.says(SERVING);
      await wait(1_000);
      await former.stop();
    });
    await untilServed(stage, CLIENTS);
    expect(cache.output).not.toMatch(/lease on \S+ lost/);
  });

  test('SIGTERM, and nobody follows', async () => {
    await under('SIGTERM', someone, () => cache.stop());
    expect(cache.exitCode).toBe(0);
  });

  test('a cache starts where there was none', async () => {
    await under('start', nobody, async () => {
      cache = next();
      await cache.says(SERVING);
    });
    await untilServed(stage, CLIENTS);
  });

  test('SIGTERM, and another one follows', async () => {
    await under('restart', someone, async () => {
      await cache.stop();
      cache = next();
      await cache.says(SERVING);
    });
    await untilServed(stage, CLIENTS);
  });

  test('SIGTERM; one starts, and the first SYN to each kube-dns is lost, which costs a second', async () => {
    const servers = [stage.network.places.dns0, stage.network.places.dns1];
    await under('start, SYN lost', someone, async () => {
      await cache.stop();
      for (const server of servers) server.batch('nft', ['-f', '-'], FIRST_SYN_IS_LOST);
      cache = next();
      await cache.says(SERVING);
    });
    expect(servers.map((server) => server.run('nft', 'list', 'table', 'inet', 'loss')).join()).toMatch(/packets [1-9]/);
    for (const server of servers) server.run('nft', 'delete', 'table', 'inet', 'loss');
    await untilServed(stage, CLIENTS);
  });
});
