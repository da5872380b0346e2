/** Hosts files: when they are read and who is told. */
import { HostsWatch } from '../../../image/agent/hosts-watch';
import type { HostsFile } from '../../../image/agent/messages';
import { HOSTS_FILE_BYTES_MAX, HOSTS_LINES_PER_TURN } from '../../../image/limits';
import { Registry } from '../../../image/observe/registry';
import { stringAt } from '../../../image/plugin/hosts/strings';
import { FakeWorld, fakeLog } from '../../support/fake-world';

function make(): {
  world: FakeWorld;
  registry: Registry;
  log: ReturnType<typeof fakeLog>;
  metric: (name: string) => number;
} {
  const registry = new Registry({ version: '1', revision: '', runtime: '' });
  const log = fakeLog();
  log.log.startRunning();
  const metric = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(registry.text())?.[1]);
  return { world: new FakeWorld(), registry, log, metric };
}

/** Path and names of the file, in their order. */
const names = ({ path, pack }: HostsFile): string[] => [
  path,
  ...Array.from(pack.names.ends, (_, number) => stringAt(pack.names, number)),
];

describe('hosts files', () => {
  function watch(reloadMs: number): ReturnType<typeof make> & { watch: HostsWatch; seen: HostsFile[] } {
    const made = make();
    const access = { ...made.world, counters: made.registry.counters, log: made.log.log };
    return { ...made, watch: new HostsWatch([{ path: '/etc/hosts', reloadMs }], access), seen: [] };
  }

  test('are read before the start; the time on the page is the time of the file', () => {
    const { watch: hosts, world, metric } = watch(5_000);
    world.files.set('/etc/hosts', '10.0.0.1 a\n', 1_790_000_000_500);
    expect(hosts.readAll().map(names)).toEqual([['/etc/hosts', 'a.']]);
    expect(metric('coredns_hosts_reload_timestamp_seconds')).toBe(1_790_000_000.5);
  });

  test('a missing file is empty, and read when it comes', async () => {
    const { watch: hosts, world, seen } = watch(5_000);
    expect(hosts.readAll().map(names)).toEqual([['/etc/hosts']]);
    hosts.start((file) => seen.push(file));
    world.files.set('/etc/hosts', '10.0.0.1 a\n');
    await world.clock.pass(5_000);
    expect(seen.map(names)).toEqual([['/etc/hosts', 'a.']]);
  });

  test('are told of when time or size changed, and not otherwise', async () => {
    const { watch: hosts, world, seen } = watch(5_000);
    world.files.set('/etc/hosts', 'one', 1_000);
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    await world.clock.pass(20_000);
    expect(seen).toEqual([]);
    world.files.set('/etc/hosts', '::1 two', 2_000);
    await world.clock.pass(5_000);
    world.files.set('/etc/hosts', '::1 three', 2_000);
    await world.clock.pass(5_000);
    expect(seen.map((file) => names(file)[1])).toEqual(['two.', 'three.']);
  });

  test('a file that disappears keeps its last content', async () => {
    const { watch: hosts, world, seen } = watch(5_000);
    world.files.set('/etc/hosts', 'one');
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    world.files.remove('/etc/hosts');
    await world.clock.pass(20_000);
    expect(seen).toEqual([]);
  });

  test('a file that is too large is one warning', async () => {
    const { watch: hosts, world, seen, log } = watch(5_000);
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    world.files.stamp = () => ({ modifiedMs: 1, bytes: HOSTS_FILE_BYTES_MAX + 1 });
    await world.clock.pass(20_000);
    expect(seen).toEqual([]);
    expect(log.late).toEqual([
      `[WARNING] plugin/hosts: /etc/hosts was not read, its last content stays: ${HOSTS_FILE_BYTES_MAX + 1} bytes, want at most ${HOSTS_FILE_BYTES_MAX}\n`,
    ]);
  });

  const LINES = 3 * HOSTS_LINES_PER_TURN - 1;
  const many = (prefix: string): string =>
    Array.from({ length: LINES }, (_, line) => `10.0.0.1 ${prefix}${line}\n`).join('');

  test('a long file is read in pieces, between which others have their turn; the last content serves until it is whole', async () => {
    const { watch: hosts, world, seen } = watch(5_000);
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    world.files.set('/etc/hosts', many('a'));
    const turns: number[] = [];
    const other = (): void => {
      turns.push(seen.length);
      if (turns.length < 4) world.clock.after(0, other);
    };
    world.clock.after(5_000, other);
    await world.clock.pass(5_000);
    expect(turns).toEqual([0, 0, 1, 1]); // Three pieces.
    expect(names(seen[0])).toHaveLength(1 + LINES);
  });

  test('a look while a long file is still being read does not begin it anew; after stop it is given up', async () => {
    const { watch: hosts, world, seen } = watch(5_000);
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    world.files.set('/etc/hosts', many('a'));
    const reads = jest.spyOn(world.files, 'read');
    world.clock.after(5_000, () => hosts.stop());
    await world.clock.pass(20_000);
    expect(reads).toHaveBeenCalledTimes(1);
    expect(seen).toEqual([]);
    expect(world.clock.waiting).toBe(0);
  });

  test('the next plan takes over what has not changed, without reading it again', () => {
    const { watch: hosts, world, log, registry } = watch(5_000);
    world.files.set('/etc/hosts', '10.0.0.1 a\n', 1_000);
    const [first] = hosts.readAll();
    const reads = jest.spyOn(world.files, 'read');
    const access = { ...world, counters: registry.counters, log: log.log };
    const next = (): HostsFile => new HostsWatch([{ path: '/etc/hosts', reloadMs: 0 }], access, hosts).readAll()[0];
    expect(next().pack).toBe(first.pack);
    expect(reads).not.toHaveBeenCalled();
    world.files.set('/etc/hosts', '10.0.0.1 b\n', 2_000);
    expect(names(next())).toEqual(['/etc/hosts', 'b.']);
    world.files.remove('/etc/hosts');
    expect(names(next())).toEqual(['/etc/hosts']); // To a new plan it says nothing, as at a start.
  });

  test.each([
    ['an interval of 0 looks never', 0, false],
    ['after stop nobody looks', 5_000, true],
  ])('%s', async (_, reloadMs, stops) => {
    const { watch: hosts, world, seen } = watch(reloadMs);
    hosts.readAll();
    hosts.start((file) => seen.push(file));
    if (stops) hosts.stop();
    world.files.set('/etc/hosts', 'new');
    await world.clock.pass(60_000);
    expect(seen).toEqual([]);
    expect(world.clock.waiting).toBe(0);
  });
});
