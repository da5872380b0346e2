/**
 * The swap: what the Go agent leaves on a node, also of versions before its rules had comments, is taken over, and when we
 * leave, the node is as it was before the first start: iptables, nftables and addresses, byte for byte.
 */
import type { Namespace } from '../support/namespace';
import { needs } from '../support/needs';
import { CLUSTER_IPS } from './addresses';
import type { Flavour } from './kube-proxy';
import { untilServed } from './outage-drill';
import { allStreams, Stage } from './stage';

jest.setTimeout(60_000);

const [SKIP, ALLOW] = ['NodeLocal DNS Cache: skip conntrack', 'NodeLocal DNS Cache: allow DNS traffic'];

/** The twelve rules of one address as the Go agent has them (cmd/node-cache/app/cache_app.go), in its order. */
function agentRules(address: string): { table: string; rule: string; comment: string }[] {
  const of = (table: string, chain: string, match: string, target: string) => ({
    table,
    rule: `${chain} ${match} -j ${target}`,
    comment: table === 'raw' ? SKIP : ALLOW,
  });
  const both = (make: (protocol: string) => ReturnType<typeof of>) => ['tcp', 'udp'].map(make);
  return [
    ...both((protocol) => of('raw', 'PREROUTING', `-p ${protocol} -d ${address} --dport 53`, 'NOTRACK')),
    ...both((protocol) => of('filter', 'INPUT', `-p ${protocol} -d ${address} --dport 53`, 'ACCEPT')),
    ...both((protocol) => of('raw', 'OUTPUT', `-p ${protocol} -s ${address} --sport 53`, 'NOTRACK')),
    ...both((protocol) => of('filter', 'OUTPUT', `-p ${protocol} -s ${address} --sport 53`, 'ACCEPT')),
    ...both((protocol) => of('raw', 'OUTPUT', `-p ${protocol} -d ${address} --dport 53`, 'NOTRACK')),
    of('raw', 'OUTPUT', `-p tcp -d ${address} --dport 8080`, 'NOTRACK'),
    of('raw', 'OUTPUT', `-p tcp -s ${address} --sport 8080`, 'NOTRACK'),
  ];
}

/** Leave behind what a Go agent that was killed leaves. @param withComments as since its 1.22.19 */
function leaveBehind(node: Namespace, program: string, withComments: boolean): void {
  const [address] = CLUSTER_IPS;
  node.sh(`ip link add nodelocaldns type dummy 2>/dev/null || ip link add nodelocaldns type ifb
    ip addr add ${address}/32 dev nodelocaldns`);
  for (const { table, rule, comment } of agentRules(address)) {
    const words = ['-w', '-t', table, '-I', ...rule.split(' ')];
    node.run(program, ...words, ...(withComments ? ['-m', 'comment', '--comment', comment] : []));
  }
}

/** What must be the same again. Counters and the elements of others' sets do not count. */
function stateOf(node: Namespace): Record<string, string> {
  const saved = (program: string): string =>
    node
      .run(program)
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => line.replace(/\[\d+:\d+\]/, '[]'))
      .join('\n');
  return {
    legacy4: saved('iptables-legacy-save'),
    legacy6: saved('ip6tables-legacy-save'),
    nft4: saved('iptables-nft-save'),
    nft6: saved('ip6tables-nft-save'),
    ruleset: node.run('nft', '-s', 'list', 'ruleset'),
    sets: node.run('ipset', 'list', '-name'),
    addresses: node.sh('ip -o addr | sort'),
    links: node.sh("ip -o link | sed 's/^[0-9]*: //' | sort"),
  };
}

/** The tables that programs make by looking are there from the start. */
function lookOnce(node: Namespace): void {
  for (const family of ['iptables', 'ip6tables'])
    for (const flavour of ['legacy', 'nft'])
      for (const table of ['raw', 'filter', 'nat']) node.run(`${family}-${flavour}`, '-w', '-t', table, '-S');
}

const WORLDS: readonly (readonly [Flavour, 'nft' | 'iptables', boolean])[] = [
  ['legacy', 'iptables', true],
  ['legacy', 'iptables', false],
  ['legacy', 'nft', true],
  ['nft', 'iptables', true],
  ['nft', 'nft', true],
  ['nft', 'nft', false],
];

needs('netns', 'nft', 'iptables').describe('from the Go agent and back', () => {
  test.each(WORLDS)(
    'kube-proxy in %s, our rules in %s, its rules with comments: %s',
    async (flavour, firewall, commented) => {
      const stage = await Stage.open(flavour);
      try {
        const { node } = stage.network.places;
        lookOnce(node);
        const before = stateOf(node);
        leaveBehind(node, `iptables-${flavour}`, commented);
        expect(stateOf(node)).not.toEqual(before);
        const cache = stage.startCache({ addresses: CLUSTER_IPS, firewall });
        await untilServed(stage, allStreams(CLUSTER_IPS, ['udp', 'tcp']));
        const rules = node
          .run(`iptables-${flavour}-save`)
          .split('\n')
          .filter((line) => line.startsWith('-A'));
        expect(rules.filter((line, index) => rules.indexOf(line) !== index)).toEqual([]); // No duplicate.
        expect(rules.filter((line) => line.includes('NOTRACK') || line.includes('--notrack')).length).toBe(
          firewall === 'nft' ? 0 : 8,
        );
        await cache.stop();
        expect(cache.exitCode).toBe(0);
        expect(stateOf(node)).toEqual(before);
      } finally {
        await stage.close();
      }
    },
  );

  test('a cache that was killed and is not started again: cleanup leaves nothing', async () => {
    const stage = await Stage.open('nft');
    try {
      const { node } = stage.network.places;
      const before = stateOf(node);
      const cache = stage.startCache({ addresses: CLUSTER_IPS });
      await untilServed(stage, allStreams(CLUSTER_IPS, ['udp']));
      await cache.kill();
      const cleanup = stage.cleanUp();
      await cleanup.ended;
      expect(cleanup.output).not.toMatch(/error/i);
      expect(stateOf(node)).toEqual(before);
      const again = stage.cleanUp();
      await again.ended;
      expect(again.exitCode).toBe(0);
      expect(stateOf(node)).toEqual(before);
    } finally {
      await stage.close();
    }
  });
});
