/**
 * The lease on the real kernel: the shipped cache behind rules of nftables, and the keeper beside it. The element that lets
 * pods come is there while the cache answers, and goes by itself when it does not.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../../../image/limits';
import { elementTimeoutMs } from '../../../image/node/lease';
import { type Inside, Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';

jest.setTimeout(60_000);

const [V4, V6] = ['10.96.0.10', 'fd00:10:96::a'];
const TIMES = { renewMs: 250, expireMs: 1000 };
const RENEWAL_PORTS = `${RENEWAL_PORT_FIRST}-${RENEWAL_PORT_LAST}`;
const TIMEOUT = `timeout ${elementTimeoutMs(TIMES)}ms`;
/** Twice what it takes: other tests run on the same cores. */
const RETURN_MS = 4000;
/** The rules of the lease alone; the whole table is made by nft.ts. */
const RULES = `table inet nodelocaldns {
  set lease4 { type ipv4_addr; size 64; flags dynamic,timeout; }
  set lease6 { type ipv6_addr; size 64; flags dynamic,timeout; }
  chain output { type filter hook output priority raw; policy accept;
    ip saddr ${V4} ip daddr ${V4} udp sport 53 udp dport ${RENEWAL_PORTS} update @lease4 { ip saddr ${TIMEOUT} }
    ip6 saddr ${V6} ip6 daddr ${V6} udp sport 53 udp dport ${RENEWAL_PORTS} update @lease6 { ip6 saddr ${TIMEOUT} }
  }
}`;
const COREFILE = `.:53 {
  bind ${V4} ${V6}
  whoami
}
`;
const MAIN = path.join(__dirname, '../../../image/dist/main.js');

needs('netns', 'nft').describe('the lease on the real kernel', () => {
  let node: Namespace;
  let keeper: Inside;
  let folder: string;
  let caches: ChildProcess[];

  const elements = (): string[] =>
    ['lease4', 'lease6'].flatMap(
      (set) => node.run('nft', '-j', 'list', 'set', 'inet', 'nodelocaldns', set).match(/"val": "[^"]+"/g) ?? [],
    );
  const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  /**
   * Look until so many elements are there.
   * @returns milliseconds from now to the last look that saw another number: looking takes time, too
   */
  const until = async (count: number, withinMs: number): Promise<number> => {
    const start = performance.now();
    let seenMs = 0;
    for (;;) {
      const atMs = performance.now() - start;
      const found = elements().length;
      if (found === count) return seenMs;
      if (atMs > withinMs) throw new Error(`${found} elements after ${withinMs} ms`);
      seenMs = atMs;
      await wait(5);
    }
  };
  /** Both leases are held, as the keeper sees it. */
  const untilHeld = async (withinMs: number): Promise<void> => {
    const start = performance.now();
    while ((await keeper.call<string[]>('held')).length < 2) {
      if (performance.now() - start > withinMs) throw new Error(`not held after ${withinMs} ms`);
      await wait(50);
    }
  };
  const startCache = async (): Promise<ChildProcess> => {
    const flags = ['-conf', path.join(folder, 'Corefile'), '-setupinterface=false', '-setupiptables=false'];
    const enter = ['-t', node.pid, '-n', process.execPath, MAIN, ...flags, '-metrics-listen-address', '0'];
    const cache = spawn('nsenter', enter, { stdio: ['ignore', 'pipe', 'ignore'] });
    caches.push(cache);
    await once(cache.stdout!, 'data');
    return cache;
  };
  const kill = async (cache: ChildProcess): Promise<void> => {
    const ended = once(cache, 'exit');
    cache.kill('SIGKILL');
    await ended;
  };

  beforeEach(async () => {
    caches = [];
    folder = mkdtempSync(path.join(tmpdir(), 'lease-'));
    writeFileSync(path.join(folder, 'Corefile'), COREFILE);
    node = await Namespace.open();
    node.sh(`ip addr add ${V4}/32 dev lo && ip -6 addr add ${V6}/128 dev lo nodad`);
    node.batch('nft', ['-f', '-'], RULES);
    keeper = node.start(path.join(__dirname, 'lease-inside.ts'));
  });

  afterEach(async () => {
    for (const cache of caches) if (cache.exitCode === null && cache.signalCode === null) await kill(cache);
    await node.close();
    rmSync(folder, { recursive: true });
  });

  const keep = (): Promise<unknown> => keeper.call('start', [V4, V6], TIMES.renewMs, TIMES.expireMs);

  test('it is taken when the cache answers, kept without a gap, and let go at the end', async () => {
    await keep();
    await wait(500);
    expect(elements()).toEqual([]); // Nobody answers yet.
    await startCache();
    await until(2, RETURN_MS);
    for (let look = 0; look < 100; look++) {
      expect(elements()).toHaveLength(2);
      await wait(20);
    }
    expect(await keeper.call('told')).toEqual([
      `lease on ${V4}: held; pods are answered by this cache`,
      `lease on ${V6}: held; pods are answered by this cache`,
    ]);
    await keeper.call('end');
    await until(0, TIMES.expireMs);
  });

  test('a cache that is killed loses it within a second, and has it again soon after its return', async () => {
    const cache = await startCache();
    await keep();
    await until(2, RETURN_MS);
    await wait(300);
    await kill(cache);
    expect(await until(0, 3000)).toBeLessThan(1000);
    await wait(200);
    expect(await keeper.call('held')).toEqual([]);
    await startCache();
    expect(await until(2, RETURN_MS)).toBeLessThan(RETURN_MS);
  });

  test('a cache that is stopped loses it within a second; continued, it has it again', async () => {
    const cache = await startCache();
    await keep();
    await until(2, RETURN_MS);
    cache.kill('SIGSTOP');
    expect(await until(0, 3000)).toBeLessThan(1000);
    await wait(3000);
    expect(elements()).toEqual([]);
    cache.kill('SIGCONT');
    await untilHeld(RETURN_MS);
    expect(elements()).toHaveLength(2);
  });

  test('of two instances on the address one hangs: half of the queries would be lost, so the lease is', async () => {
    const first = await startCache();
    await startCache();
    await keep();
    await until(2, RETURN_MS);
    expect(await keeper.call('told')).toHaveLength(2);
    first.kill('SIGSTOP');
    await wait(4000);
    const lines = await keeper.call<string[]>('told');
    for (const address of [V4, V6]) {
      expect(lines).toContainEqual(
        expect.stringMatching(`^lease on ${address}: lost after 1\\d{3} ms without an answer`),
      );
    }
    await kill(first); // Its sockets are gone: the other one has all questions.
    await until(2, 10_000);
  });

  test('questions that prove renew nothing', async () => {
    await startCache();
    const asker = node.start(path.join(__dirname, 'lease-inside.ts'));
    await asker.call('start', [V4, V6], 10_000, 30_000);
    await wait(600); // Three answers each: one more and the next would renew.
    expect(await asker.call('results')).toEqual({ answered: 6 });
    expect(elements()).toEqual([]);
  });
});
