/** Nodes that are not as they should be: each is said by name, tried again and counted; the cache answers all the while. */
import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { needs } from '../support/needs';
import { CLUSTER_IPS } from './addresses';
import { type CacheOptions, SERVING } from './cache';
import { untilServed } from './outage-drill';
import { Running } from './process';
import { allStreams, Stage, wait } from './stage';

jest.setTimeout(60_000);

const CLIENTS = allStreams(CLUSTER_IPS, ['udp']);

needs('netns', 'nft', 'iptables').describe('a node that is not as it should be', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await Stage.open('legacy');
  });

  afterEach(() => stage.close());

  /** Value of a metric of the agent, all labels together. */
  const metric = (name: string): number => {
    const text = stage.network.places.node.run('curl', '-s', 'http://127.0.0.1:9353/metrics');
    return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (sum, [, one]) => sum + Number(one),
      0,
    );
  };
  /** What to start a cache with so that it finds these programs for rules and links, and no others. */
  const only = (...programs: string[]): CacheOptions => {
    const folder = path.join(stage.folder, 'sbin');
    mkdirSync(folder);
    for (const program of programs) copyFileSync(`/usr/sbin/${program}`, path.join(folder, program));
    const through = ['unshare', '-m', 'sh', '-c', `mount --bind ${folder} /usr/sbin && exec "$@"`, 'sh'];
    return { addresses: CLUSTER_IPS, through };
  };

  test('somebody flushes all tables every second: they are put back, and no memory leaks', async () => {
    const { node } = stage.network.places;
    const cache = stage.startCache({ addresses: CLUSTER_IPS });
    await untilServed(stage, CLIENTS);
    const before = metric('nodelocaldns_repairs_total');
    for (let round = 0; round < 8; round++) {
      node.sh('nft delete table inet nodelocaldns');
      await wait(1_000);
      expect(node.run('nft', 'list', 'tables')).toContain('nodelocaldns');
    }
    expect(metric('nodelocaldns_repairs_total')).toBeGreaterThanOrEqual(before + 8);
    expect(cache.isOver).toBe(false);
    await untilServed(stage, CLIENTS);
  });

  test('the link is removed: it is back within a second', async () => {
    const { node } = stage.network.places;
    stage.startCache({ addresses: CLUSTER_IPS });
    await untilServed(stage, CLIENTS);
    node.run('ip', 'link', 'del', 'nodelocaldns');
    await wait(1_000);
    expect(node.run('ip', '-br', 'addr', 'show', 'nodelocaldns')).toContain(CLUSTER_IPS[0]);
    await untilServed(stage, CLIENTS);
  });

  test('no program for rules at all: it says so, and serves whoever asks it', async () => {
    const cache = stage.startCache(only());
    await cache.says(SERVING);
    await wait(1_000);
    expect(cache.output).toContain('cannot fail over in the kernel');
    expect(cache.isOver).toBe(false);
    expect(
      stage.network.places.node.run('dig', '+short', `@${CLUSTER_IPS[0]}`, 'who.default.svc.cluster.local'),
    ).toContain('10.');
    await cache.stop();
    expect(cache.exitCode).toBe(0);
  });

  test.each([
    ['nft', ['nft']],
    [
      'iptables',
      [
        'iptables-legacy',
        'iptables-legacy-save',
        'iptables-legacy-restore',
        'ip6tables-legacy',
        'ip6tables-legacy-save',
        'ip6tables-legacy-restore',
        'ipset',
      ],
    ],
  ] as const)('only the programs of %s are there: they do', async (_name, programs) => {
    const cache = stage.startCache(only(...programs));
    await untilServed(stage, CLIENTS);
    expect(cache.output).not.toContain('[ERROR]');
  });

  test('the lock of iptables is held: it is tried again, counted, and done when the lock is free', async () => {
    const { node } = stage.network.places;
    const command = ['flock', '/run/xtables.lock', 'sleep', '9'];
    stage.keep(new Running(node, { command, outputFile: path.join(stage.folder, 'flock') }));
    const cache = stage.startCache({ addresses: CLUSTER_IPS, firewall: 'iptables' });
    await cache.says(SERVING, 30_000);
    expect(cache.isOver).toBe(false);
    await untilServed(stage, CLIENTS);
    expect(metric('coredns_nodecache_setup_errors_total')).toBeGreaterThan(0);
  });
});
