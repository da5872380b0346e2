/** How rules go: beside a Go agent at work, after a process that could not take them away itself, and while others write. */
import type { Firewall } from '../../../image/node/firewall';
import { Iptables, type NodeAccess } from '../../../image/node/iptables';
import { IptablesFirewall } from '../../../image/node/iptables-firewall';
import { removeLeftovers } from '../../../image/node/leftovers';
import { NftFirewall } from '../../../image/node/nft';
import type { Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';
import { eachOnNode, failing, goRules, type NodeTools, PLAN, snapshot } from './firewall-kit';

jest.setTimeout(60_000);

let node: Namespace;
let access: NodeTools;
eachOnNode((...opened) => {
  [node, access] = opened;
});

const MAKERS: Record<string, (inside: NodeAccess) => Firewall> = {
  nft: (inside) => new NftFirewall(inside, [new Iptables(inside, 'iptables-nft')]),
  iptables: (inside) => new IptablesFirewall(inside, new Iptables(inside, 'iptables-nft'), true),
};
const goRulesOf = (table: 'filter' | 'raw'): string[] =>
  node.sh(`iptables-nft-save -t ${table}; ip6tables-nft-save -t ${table}`).match(/^-A.*NodeLocal.*/gm) ?? [];
const dropAll = (): string => node.sh('for t in iptables ip6tables; do $t-nft -P INPUT DROP; done');

needs('netns', 'nft', 'iptables').describe.each(Object.keys(MAKERS))('rules by %s', (name) => {
  const make = MAKERS[name];

  test('are taken away, but what a Go agent at work has in filter stays', async () => {
    dropAll();
    node.sh(goRules('nft', PLAN.addresses));
    const before = goRulesOf('filter');
    expect(before).toHaveLength(16);
    const firewall = make(access);
    await firewall.ensure(PLAN);
    await firewall.remove(true);
    expect(goRulesOf('filter').sort()).toEqual(before.sort());
    expect(snapshot(node)).not.toMatch(/nodelocaldns/);
  });

  test('are taken away, but what a Go agent has put back in raw meanwhile stays', async () => {
    const firewall = make(access);
    await firewall.ensure(PLAN);
    await removeLeftovers([], access.run, access.read);
    node.sh(goRules('nft', PLAN.addresses));
    const before = goRulesOf('raw');
    await firewall.remove(true);
    expect(goRulesOf('raw').sort()).toEqual(before.sort());
  });

  test('that a killed process left go with one that wrote none itself', async () => {
    dropAll();
    const before = snapshot(node);
    await make(access).ensure(PLAN);
    expect(snapshot(node)).not.toBe(before);
    await make(access).remove(false, PLAN.addresses);
    expect(snapshot(node)).toBe(before);
  });

  test.each(Object.keys(MAKERS))('go when a process by %s stops before it wrote any', async (other) => {
    const before = snapshot(node);
    await MAKERS[other](access).ensure(PLAN);
    await make(access).remove(false, PLAN.addresses);
    expect(snapshot(node)).toBe(before);
  });

  /** Somebody puts one rule back after each of the first `times` writes to IPv4's tables. */
  const stubborn = (times: number): NodeAccess => {
    let left = times;
    return {
      read: access.read,
      run: async (program, parameters, options) => {
        const result = await access.run(program, parameters, options);
        if (program === 'iptables-nft-restore' && left-- > 0) node.sh(goRules('nft', ['10.96.0.10']));
        return result;
      },
    };
  };

  test('go, though somebody puts some back meanwhile', async () => {
    dropAll();
    const before = snapshot(node);
    await make(access).ensure(PLAN);
    await make(stubborn(2)).remove(false, PLAN.addresses);
    expect(snapshot(node)).toBe(before);
  });

  test('of which some cannot be taken away: it is said, and all others go', async () => {
    dropAll();
    await make(access).ensure(PLAN);
    await expect(make(stubborn(99)).remove(false, PLAN.addresses)).rejects.toThrow('another program changes them');
    const left = snapshot(node);
    expect(left).toContain('NodeLocal');
    expect(left).not.toContain('fd00:10:96::a');
    expect(left).not.toMatch(/nodelocaldns/);
  });
});

needs('netns', 'nft', 'iptables').describe('cleanup', () => {
  test('goes on past what it cannot take away', async () => {
    await MAKERS.iptables(access).ensure(PLAN);
    await MAKERS.nft(access).ensure({ ...PLAN, addresses: ['192.0.2.1'] });
    const run = failing(access, (parameters) => parameters.startsWith('delete '));
    await expect(removeLeftovers([], run, access.read)).rejects.toThrow('nft delete table inet nodelocaldns');
    expect(node.sh('iptables-nft-save; ip6tables-nft-save')).not.toMatch(/NodeLocal|nodelocaldns/);
  });
});
