/** Back-ends of the rules on the real kernel, each in a network namespace of its own. */
import { chooseFirewall } from '../../../image/node/choose';
import type { Firewall } from '../../../image/node/firewall';
import { Iptables } from '../../../image/node/iptables';
import { IptablesFirewall } from '../../../image/node/iptables-firewall';
import { removeLeftovers } from '../../../image/node/leftovers';
import { NftFirewall } from '../../../image/node/nft';
import type { Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';
import { eachOnNode, goRules, type NodeTools, PLAN, snapshot } from './firewall-kit';

jest.setTimeout(60_000);

let node: Namespace;
let access: NodeTools;
eachOnNode((...opened) => {
  [node, access] = opened;
});

const tools = (): Iptables[] => [new Iptables(access, 'iptables-nft'), new Iptables(access, 'iptables-legacy')];
const MAKERS: Record<string, () => Firewall> = {
  nft: () => new NftFirewall(access, tools()),
  'iptables-nft': () => new IptablesFirewall(access, tools()[0], true, [tools()[1]]),
  'iptables-legacy': () => new IptablesFirewall(access, tools()[1], true, [tools()[0]]),
};
/** Legacy tables, once there, stay for the life of a namespace: only in a node that has them is nothing left behind. */
const LEGACY_TABLES =
  'for t in raw filter nat; do iptables-legacy -t $t -L -n; ip6tables-legacy -t $t -L -n; done >/dev/null';

/** What the Go agent does with a rule at its start and at its end: `-C`, and `-D` until there is none. */
const goChecks = (variant: string): string => goRules(variant, PLAN.addresses).replace(/ -I /g, ' -C ');
const goDeletes = (variant: string): string => goRules(variant, PLAN.addresses).replace(/ -I /g, ' -D ');

needs('netns', 'nft', 'iptables').describe.each(Object.keys(MAKERS))('rules by %s', (name) => {
  const isIptables = name !== 'nft';
  const variant = name === 'iptables-legacy' ? 'legacy' : 'nft';
  /** A few rules that are in a node before us, of kube-proxy and of others. */
  const furnish = (): void => {
    node.sh(LEGACY_TABLES);
    node.sh(`iptables-${variant} -t raw -A PREROUTING -s 192.0.2.1 -j DROP
      iptables-${variant} -t nat -N KUBE-SERVICES; iptables-${variant} -t nat -A PREROUTING -j KUBE-SERVICES
      iptables-${variant} -N KUBE-FIREWALL; iptables-${variant} -A KUBE-FIREWALL -m mark --mark 0x8000 -j DROP
      iptables-${variant} -A INPUT -j KUBE-FIREWALL; iptables-${variant} -A OUTPUT -j KUBE-FIREWALL
      ip6tables-${variant} -P INPUT DROP
      nft add table inet other; nft 'add chain inet other input { type filter hook input priority 0; policy drop; }'
      nft add rule inet other input ct state established accept`);
  };

  test('what is made stays, and nothing is written while nothing differs', async () => {
    furnish();
    const firewall = MAKERS[name]();
    expect((await firewall.ensure(PLAN)).length).toBeGreaterThan(0);
    const made = snapshot(node);
    const writes = (): number =>
      ['iptables', 'ip6tables'].reduce((sum, tool) => sum + (access.runs.get(`${tool}-${variant}-restore`) ?? 0), 0);
    const before = writes();
    expect(await firewall.ensure(PLAN)).toEqual([]);
    expect(writes()).toBe(before);
    expect(await MAKERS[name]().ensure(PLAN)).toEqual([]); // A process after this one.
    expect(snapshot(node)).toBe(made);
  });

  test('what is removed leaves the node as it was before', async () => {
    furnish();
    const before = snapshot(node);
    const firewall = MAKERS[name]();
    await firewall.ensure(PLAN);
    expect(snapshot(node)).not.toBe(before);
    await firewall.remove();
    expect(snapshot(node)).toBe(before);
    await firewall.remove();
    expect(snapshot(node)).toBe(before);
  });

  test('an empty node is left empty', async () => {
    if (name === 'iptables-legacy') node.sh(LEGACY_TABLES);
    const before = snapshot(node);
    const firewall = MAKERS[name]();
    await firewall.ensure(PLAN);
    await firewall.remove();
    expect(snapshot(node)).toBe(before);
  });

  test.each([
    ['all is flushed', 'nft flush ruleset'],
    [
      'all of iptables is flushed',
      `for t in raw filter nat; do iptables-${variant} -t $t -F; ip6tables-${variant} -t $t -F; done`,
    ],
    [
      'one rule is gone',
      isIptables
        ? `iptables-${variant} -t raw -D OUTPUT 3`
        : 'nft flush chain inet nodelocaldns output; nft add rule inet nodelocaldns output udp dport 5 drop',
    ],
    ['a foreign rule is in our chains', 'nft insert rule inet nodelocaldns prerouting accept 2>/dev/null || true'],
  ])('%s: put back as it was', async (_, line) => {
    const firewall = MAKERS[name]();
    await firewall.ensure(PLAN);
    const made = snapshot(node);
    node.sh(`(${line}) 2>/dev/null`);
    const isHarmed = snapshot(node) !== made;
    expect((await firewall.ensure(PLAN)).length > 0).toBe(isHarmed);
    expect(snapshot(node)).toBe(made);
  });

  test('addresses that are served no more, all of a family even, have no rule that keeps packets from their goal', async () => {
    const firewall = MAKERS[name]();
    await firewall.ensure(PLAN);
    expect(snapshot(node)).toContain('10.96.0.10');
    await firewall.ensure({ ...PLAN, addresses: PLAN.addresses.filter((address) => address.includes(':')) });
    expect(snapshot(node)).not.toMatch(/10\.96\.0\.10|169\.254\.20\.10/);
    expect(snapshot(node)).toContain('fd00:10:96::a');
    await firewall.ensure({ ...PLAN, addresses: [] });
    expect(snapshot(node)).not.toContain('fd00:10:96::a');
    await firewall.remove();
  });

  test('other endpoints are one change, and a lease that is held stays held', async () => {
    const firewall = MAKERS[name]();
    await firewall.ensure({ ...PLAN, leaseMs: 30_000 });
    const set = isIptables
      ? 'ipset add nodelocaldns4 10.96.0.10 timeout 30'
      : 'nft add element inet nodelocaldns lease4 { 10.96.0.10 timeout 30s }';
    node.sh(set);
    const held = (): boolean =>
      node.sh('nft list set inet nodelocaldns lease4 2>/dev/null; ipset list 2>/dev/null').includes('10.96.0.10 ');
    expect(held()).toBe(true);
    const endpoints = ['10.244.9.9', 'fd00:244::9'];
    const changed = await firewall.ensure({ ...PLAN, leaseMs: 30_000, fallback: { ...PLAN.fallback, endpoints } });
    expect(changed.length).toBeGreaterThan(0);
    expect(held()).toBe(true);
    const text = snapshot(node);
    expect(text).toContain('10.244.9.9');
    expect(text).not.toContain('10.244.1.2');
    await firewall.endLease(PLAN.addresses);
    expect(held()).toBe(false);
  });

  test.each(['nft', 'legacy'])(
    'rules that the Go agent left by iptables-%s are taken over, duplicates removed',
    async (world) => {
      node.sh(LEGACY_TABLES);
      const before = snapshot(node);
      node.sh(goRules(world, PLAN.addresses));
      node.sh(goRules(world, PLAN.addresses));
      node.sh(goRules(world, PLAN.addresses, false));
      const firewall = MAKERS[name]();
      await firewall.ensure(PLAN);
      if (isIptables && world === variant) {
        node.sh(`set -e; ${goChecks(world)}`); // The Go agent finds each of its rules …
        node.sh(`set -e; ${goDeletes(world)}`); // … once, and deletes it:
        expect(node.sh(`iptables-${world}-save; ip6tables-${world}-save`)).not.toContain('NodeLocal');
        expect((await firewall.ensure(PLAN)).length).toBeGreaterThan(0); // put back, while we live.
        node.sh(`set -e; ${goChecks(world)}`);
      } else {
        expect(node.sh(`iptables-${world}-save; ip6tables-${world}-save`)).not.toContain('NOTRACK');
      }
      await firewall.remove();
      await removeLeftovers(PLAN.addresses, access.run, access.read);
      expect(snapshot(node)).toBe(before);
    },
  );

  test('cleanup knows rules by their comments, without addresses, and finds nothing the second time', async () => {
    furnish();
    const before = snapshot(node);
    await MAKERS[name]().ensure(PLAN);
    node.sh(goRules('legacy', ['198.51.100.1']));
    const removed = await removeLeftovers([], access.run, access.read);
    expect(removed.join('\n')).toContain(isIptables ? 'set nodelocaldns6' : 'table inet nodelocaldns');
    expect(removed.join('\n')).toContain('iptables-legacy rule - {raw PREROUTING');
    expect(snapshot(node)).toBe(before);
    expect(await removeLeftovers([], access.run, access.read)).toEqual([]);
  });

  test('somebody who flushes all the time costs no process too many: repairs that wait become one', async () => {
    const firewall = MAKERS[name]();
    await firewall.ensure(PLAN);
    node.sh('nft flush ruleset');
    access.runs.clear();
    const lines = await Promise.all(Array.from({ length: 50 }, () => firewall.ensure(PLAN)));
    expect(new Set(lines).size).toBeLessThanOrEqual(2);
    expect([...access.runs.values()].reduce((sum, count) => sum + count)).toBeLessThan(60);
  });
});

needs('netns', 'nft', 'iptables').describe('which back-end', () => {
  const said: string[] = [];
  const log = { info: (text: string) => void said.push(text), error: (text: string) => void said.push(text) };

  test.each([
    ['auto', '', 'nft'],
    ['nft', '', 'nft'],
    ['iptables', '', 'iptables-nft'],
    ['iptables', 'iptables-legacy -A INPUT -j ACCEPT', 'iptables-legacy'],
    ['iptables', 'iptables-nft -t mangle -N KUBE-KUBELET-CANARY; iptables-legacy -A INPUT', 'iptables-nft'],
    ['iptables', 'ip6tables-legacy -t mangle -N KUBE-IPTABLES-HINT; iptables-nft -A INPUT', 'iptables-legacy'],
  ] as const)('-firewall %s on a node with "%s": %s', async (choice, line, wanted) => {
    node.sh(line);
    const before = node.sh('cat /proc/net/ip_tables_names');
    expect((await chooseFirewall({ choice, log, ...access })).name).toBe(wanted);
    expect(node.sh('cat /proc/net/ip_tables_names')).toBe(before);
  });
});
