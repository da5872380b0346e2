/** Changes by others as the real kernel tells them, in network namespaces of this test's own. */
import path from 'node:path';
import type { Changes, Watch } from '../../../image/node/changes';
import { type Inside, Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';

const SCRIPT = path.join(__dirname, 'inside.ts');
const NAME = 'nodelocaldns';
const ADDRESSES = ['169.254.20.10', 'fd00:53::a'];
const NOTHING: Changes = { link: false, rules: false };
const LINK: Changes = { link: true, rules: false };
const RULES: Changes = { link: false, rules: true };
const LINK_ONLY: Watch = { device: NAME, tables: [], legacy: [] };

let node: Namespace;
let inside: Inside;

beforeEach(async () => {
  node = await Namespace.open();
  inside = node.start(SCRIPT);
});

afterEach(() => node.close());

const poll = (): Promise<Changes> => inside.call('poll');

/** What the next poll says, and that the one after it says nothing. */
async function told(): Promise<Changes> {
  const changes = await poll();
  expect(await poll()).toEqual(NOTHING);
  return changes;
}

needs('netns').describe('changes of the link', () => {
  beforeEach(async () => {
    await inside.call('ensure', NAME, ADDRESSES);
    expect(await inside.call('watch', LINK_ONLY)).toEqual([]);
    expect(await poll()).toEqual(NOTHING);
  });

  test.each([
    // Ours.
    [`ip link del ${NAME}`, LINK],
    [`ip link del ${NAME} && ip link add ${NAME} type bridge`, LINK],
    [`ip link set ${NAME} name other`, LINK],
    [`ip link set ${NAME} netns $$`, NOTHING], // The same namespace: nothing happened.
    [`ip addr del 169.254.20.10/32 dev ${NAME}`, LINK],
    [`ip addr del fd00:53::a/128 dev ${NAME}`, LINK],
    [`ip addr flush dev ${NAME}`, LINK],
    [`ip link set ${NAME} up && ip link set ${NAME} down`, LINK], // IPv6 addresses go when a device goes down.
    // Harmless, or of others.
    [`ip link set ${NAME} up`, NOTHING],
    [`ip addr add 192.0.2.1/32 dev ${NAME}`, NOTHING],
    ['ip link add pod0 type veth && ip link set pod0 up && ip link del pod0', NOTHING],
    ['ip link add br0 type bridge && ip addr add 10.9.0.1/24 dev br0 && ip addr flush dev br0', NOTHING],
    // The bridge tells of a port that leaves as of a link that goes.
    ['ip link add br0 type bridge && ip link add p0 type veth && ip link set p0 master br0 && ip link del p0', NOTHING],
  ])('%s', async (line, wanted) => {
    node.sh(line);
    expect(await told()).toEqual(wanted);
  });

  test('a link that is made again is known by its new index', async () => {
    node.run('ip', 'link', 'del', NAME);
    expect(await told()).toEqual(LINK);
    node.sh(
      `ip link add filler type bridge; ip link add ${NAME} type bridge; ip addr add 169.254.20.10/32 dev ${NAME}`,
    );
    expect(await told()).toEqual(LINK);
    node.run('ip', 'addr', 'del', '169.254.20.10/32', 'dev', NAME);
    expect(await told()).toEqual(LINK);
    node.run('ip', 'link', 'del', 'filler');
    expect(await told()).toEqual(NOTHING);
  });

  test('a repair of our own is told once, and the second look finds nothing', async () => {
    node.run('ip', 'link', 'del', NAME);
    expect((await poll()).link).toBe(true);
    await inside.call('ensure', NAME, ADDRESSES);
    expect((await poll()).link).toBe(true);
    expect(await inside.call('ensure', NAME, ADDRESSES)).toEqual([]);
    expect(await poll()).toEqual(NOTHING);
  });

  test('a flood of events, too many to be kept, is a reason to look; then all is heard again', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      const address = `10.7.${index >> 8}.${index & 255}/32`;
      return `addr add ${address} dev lo\naddr del ${address} dev lo`;
    });
    node.batch('ip', ['-batch', '-'], lines.join('\n'));
    expect(await told()).toEqual(LINK);
    node.run('ip', 'addr', 'del', '169.254.20.10/32', 'dev', NAME);
    expect(await told()).toEqual(LINK);
  });
});

needs('netns', 'nft').describe('changes of nftables', () => {
  const ours = { family: 'inet', name: 'nodelocaldns' } as const;
  const table = `table inet nodelocaldns {
    set lease4 { type ipv4_addr; size 64; flags dynamic,timeout; }
    chain prerouting { type filter hook prerouting priority raw; ip daddr @lease4 udp dport 53 notrack; }
  }`;

  beforeEach(async () => {
    node.batch('nft', ['-f', '-'], table);
    expect(await inside.call('watch', { device: NAME, tables: [ours], legacy: [] })).toEqual([]);
    expect(await poll()).toEqual(NOTHING);
  });

  test.each([
    // Ours.
    ['delete table inet nodelocaldns', RULES],
    ['flush ruleset', RULES],
    ['flush chain inet nodelocaldns prerouting', RULES],
    ['add rule inet nodelocaldns prerouting accept', RULES],
    ['add chain inet nodelocaldns other', RULES],
    ['add set inet nodelocaldns other { type ipv4_addr; }', RULES],
    ['add table inet nodelocaldns { flags dormant; }', RULES],
    // The lease comes and goes by design.
    ['add element inet nodelocaldns lease4 { 169.254.20.10 timeout 1s }', NOTHING],
    // Of others.
    ['add table ip nodelocaldns', NOTHING],
    ['add table inet nodelocaldns2; add chain inet nodelocaldns2 prerouting; delete table inet nodelocaldns2', NOTHING],
    ['add table ip kube-proxy; add chain ip kube-proxy services; add rule ip kube-proxy services accept', NOTHING],
  ])('%s', async (command, wanted) => {
    node.batch('nft', ['-f', '-'], command.replaceAll(';', '\n').replace(/\{([^}]*)\n([^}]*)\}/, '{$1;$2}'));
    expect(await told()).toEqual(wanted);
  });

  test('a lease that is renewed by packets, and one that ends by itself, are no events', async () => {
    const lease = (): string => node.run('nft', 'list', 'set', 'inet', 'nodelocaldns', 'lease4');
    const renewal = `chain output { type filter hook output priority raw;
      udp dport 9 update @lease4 { ip daddr timeout 200ms }; }`;
    node.batch('nft', ['-f', '-'], `table inet nodelocaldns { ${renewal}\n}`);
    expect(await told()).toEqual(RULES);
    node.run('bash', '-c', 'echo question > /dev/udp/127.0.0.1/9');
    expect(lease()).toContain('127.0.0.1');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(lease()).not.toContain('127.0.0.1');
    expect(await told()).toEqual(NOTHING);
  });

  test('of a table that is shared, only the chains that hold rules of ours count', async () => {
    node.batch(
      'nft',
      ['-f', '-'],
      'add table ip raw\nadd chain ip raw OUTPUT\nadd chain ip raw KUBE\nadd chain ip raw cali',
    );
    const shared = { family: 'ip', name: 'raw', chains: ['PREROUTING', 'OUTPUT'] };
    await inside.call('watch', { device: NAME, tables: [ours, shared], legacy: [] });
    const rows: [string, Changes][] = [
      ['add rule ip raw KUBE accept', NOTHING],
      ['add rule ip raw OUTPUT accept', RULES],
      ['flush chain ip raw KUBE', NOTHING],
      ['add chain ip raw PREROUTING', RULES],
      ['delete chain ip raw KUBE', NOTHING],
      ['flush chain ip raw OUTPUT', RULES],
      ['delete chain ip raw OUTPUT', RULES],
      ['delete table ip raw', RULES],
    ];
    for (const [command, wanted] of rows) {
      node.run('nft', ...command.split(' '));
      expect([command, await told()]).toEqual([command, wanted]);
    }
  });

  test("a large transaction of kube-proxy's is passed over", async () => {
    const rules = Array.from({ length: 5_000 }, () => 'add rule ip kube-proxy services accept');
    node.batch(
      'nft',
      ['-f', '-'],
      ['add table ip kube-proxy', 'add chain ip kube-proxy services', ...rules].join('\n'),
    );
    for (let looks = 0; looks < 8; looks++) expect(await poll()).toEqual(NOTHING);
  });
});

needs('netns', 'iptables').describe('changes of legacy tables', () => {
  const both: Watch = { device: '', tables: [], legacy: ['ipv4', 'ipv6'] };

  test.each([
    // The tables of ours.
    ['iptables-legacy -t raw -D PREROUTING -p udp --dport 53 -j NOTRACK', true],
    ['iptables-legacy -t raw -F', true],
    ['iptables-legacy -t raw -I OUTPUT -j ACCEPT', true],
    ['iptables-legacy -P INPUT DROP', false], // A policy has a size of its own, the same each time: seen at the sync interval.
    ['iptables-legacy -I INPUT -j ACCEPT', true],
    ['ip6tables-legacy -t raw -F', true],
    ['ip6tables-legacy -I OUTPUT -j ACCEPT', true],
    // Others.
    ['iptables-legacy -t nat -I OUTPUT -j ACCEPT', false],
    ['ip6tables-legacy -t mangle -I OUTPUT -j ACCEPT', false],
    ['iptables-legacy -t raw -C PREROUTING -p udp --dport 53 -j NOTRACK', false],
  ])('%s', async (line, wanted) => {
    for (const program of ['iptables-legacy', 'ip6tables-legacy']) {
      node.sh(`${program} -t raw -I PREROUTING -p udp --dport 53 -j NOTRACK; ${program} -I INPUT -j ACCEPT`);
    }
    expect(await inside.call('watch', both)).toEqual([]);
    expect(await poll()).toEqual(NOTHING);
    node.sh(line);
    expect(await told()).toEqual({ link: false, rules: wanted });
  });

  test('watching makes no table; one that comes is seen, and watched from then on', async () => {
    await inside.call('watch', both);
    expect(await poll()).toEqual(NOTHING);
    expect(node.sh('cat /proc/net/ip_tables_names /proc/net/ip6_tables_names')).toBe('');
    node.sh('iptables-legacy -t raw -I OUTPUT -j ACCEPT');
    expect(await told()).toEqual(RULES);
    node.sh('iptables-legacy -t raw -F');
    expect(await told()).toEqual(RULES);
  });
});

needs('netns', 'nft', 'iptables').describe('what watching costs', () => {
  test('a poll without news, of everything, takes some microseconds, and closing gives all descriptors back', async () => {
    const before = await inside.call<number>('descriptors');
    await inside.call('ensure', NAME, ADDRESSES);
    node.sh('for t in raw filter; do iptables-legacy -t $t -F; ip6tables-legacy -t $t -F; done');
    const tables = [{ family: 'inet', name: 'nodelocaldns' }];
    await inside.call('watch', { device: NAME, tables, legacy: ['ipv4', 'ipv6'] });
    const microseconds = await inside.call<number>('measure', 2_000);
    process.stdout.write(`poll of link, nftables and legacy tables: ${microseconds.toFixed(1)} µs\n`);
    expect(microseconds).toBeLessThan(1_000);
    await inside.call('unwatch');
    expect(await inside.call('descriptors')).toBe(before);
  });
});
