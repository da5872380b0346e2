/**
 * The swap: what the Go agent leaves on a node, also of versions before its rules had comments, is taken over, and when we
 * leave, the node is as it was before the first start: iptables, nftables and addresses, byte for byte.
 */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Namespace } from '../support/namespace';
import { needs } from '../support/needs';
import { CLUSTER_IPS } from './addresses';
import { fourBlocks, SERVING } from './cache';
import { MAIN } from './cluster-dns';
import type { Flavour } from './kube-proxy';
import { untilServed } from './outage-drill';
import { Running } from './process';
import { allStreams, Stage, wait } from './stage';

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

/** Serves an address of the cache and keeps nothing of the node, so that we see no more of it than of a Go agent. */
function standIn(stage: Stage): Running {
  const conf = path.join(stage.folder, 'stand-in.Corefile');
  writeFileSync(
    conf,
    `.:53 {\n  bind ${CLUSTER_IPS[0]}\n  template IN A . {\n    answer "{{ .Name }} 7 IN A 10.96.7.7"\n  }\n}\n`,
  );
  const flags = ['-conf', conf, '-metrics-listen-address', '0', '-control', path.join(stage.folder, 'stand-in.sock')];
  const outputFile = path.join(stage.folder, 'stand-in.output');
  return stage.keep(
    new Running(stage.network.places.node, { command: [process.execPath, MAIN, ...flags], outputFile }),
  );
}

/** What a Go agent does when it ends. Rules that are not there are none of its worries. */
function takeAway(node: Namespace, program: string): void {
  for (const { table, rule, comment } of agentRules(CLUSTER_IPS[0])) {
    node.sh(`${program} -w -t ${table} -D ${rule} -m comment --comment '${comment}' 2>/dev/null || true`);
  }
  node.run('ip', 'link', 'del', 'nodelocaldns');
}

/** What is ours of the node: rules, and addresses of the link. */
function oursOn(node: Namespace): string {
  return node.sh(`for save in iptables-legacy iptables-nft ip6tables-legacy ip6tables-nft; do
      $save-save | grep '^-A.*\\(nodelocaldns\\|NodeLocal\\)' || true
    done
    nft -s -t list table inet nodelocaldns 2>/dev/null || true
    ip -o addr show nodelocaldns 2>/dev/null | grep -o 'inet.* scope global' || true`);
}

/** A link that is made again has another. */
function deviceIndex(node: Namespace): string {
  return node.run('ip', '-o', 'link', 'show', 'nodelocaldns').split(':')[0];
}

const BESIDE: readonly (readonly [Flavour, 'nft' | 'iptables'])[] = [
  ['legacy', 'iptables'],
  ['nft', 'iptables'],
  ['nft', 'nft'],
];

needs('netns', 'nft', 'iptables').describe('beside a Go agent that is at work', () => {
  let stage: Stage;

  afterEach(() => stage.close());

  /** A Go agent serves, then a cache of ours, too. */
  const open = async (flavour: Flavour, firewall: 'nft' | 'iptables'): Promise<Running[]> => {
    stage = await Stage.open(flavour);
    leaveBehind(stage.network.places.node, `iptables-${flavour}`, true);
    const agent = standIn(stage);
    await agent.says(SERVING);
    const cache = stage.startCache({ addresses: CLUSTER_IPS, firewall });
    await cache.says(`lease on ${CLUSTER_IPS[0]}: held`, 20_000);
    return [agent, cache];
  };

  test.each(BESIDE)('%s, ours in %s: it ends and takes link and rules away: back within a second', async (...world) => {
    const [agent] = await open(...world);
    const { node } = stage.network.places;
    const before = oursOn(node);
    expect(before).toMatch(/nodelocaldns[\s\S]*inet 10\.96\.0\.10/);
    const index = deviceIndex(node);
    await agent.stop();
    takeAway(node, `iptables-${world[0]}`);
    const startMs = performance.now();
    while (!node.sh('ip addr show nodelocaldns 2>/dev/null || true').includes(CLUSTER_IPS[0])) await wait(10);
    const linkMs = performance.now() - startMs;
    while (oursOn(node) !== before && performance.now() - startMs < 10_000) await wait(20);
    const allMs = performance.now() - startMs;
    expect(oursOn(node)).toBe(before);
    expect(deviceIndex(node)).not.toBe(index); // It was gone, however soon it was back.
    process.stdout.write(`${world.join(', ')}: link back after ${linkMs.toFixed()} ms, rules ${allMs.toFixed()} ms\n`);
    expect(linkMs).toBeLessThan(1_000);
    expect(allMs).toBeLessThan(1_500); // To see it takes a while.
    await untilServed(stage, allStreams(CLUSTER_IPS, ['udp', 'tcp']));
  });

  test.each(BESIDE)('%s, ours in %s: ours ends, and link and rules are left to it', async (...world) => {
    const [, cache] = await open(...world);
    const { node, pod } = stage.network.places;
    await cache.stop();
    expect(cache.output).toContain('Another program serves');
    expect(node.sh('ip -br addr show nodelocaldns')).toContain(CLUSTER_IPS[0]);
    const { legacy4, nft4, ruleset, sets } = stateOf(node);
    const rules = (world[0] === 'legacy' ? legacy4 : nft4).match(/^-A.*NodeLocal DNS Cache.*$/gm) ?? [];
    // With nft those of raw go when ours is made; the Go agent puts them back at its next look.
    expect(rules.length).toBe(world[1] === 'nft' ? 4 : 12);
    expect(`${legacy4}${nft4}${ruleset}${sets}`).not.toMatch(/nodelocaldns/);
    const answer = pod.run('dig', '+short', `@${CLUSTER_IPS[0]}`, 'who.default.svc.cluster.local');
    if (rules.length === 12) expect(answer.trim()).toBe('10.96.7.7');
    else expect(answer.trim()).not.toBe('');
  });
});

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
        expect(rules.filter((line) => line.includes(SKIP)).length).toBe(firewall === 'nft' ? 0 : 8);
        if (firewall === 'nft') expect(rules.filter((line) => /NOTRACK|--notrack/.test(line))).toEqual([]);
        await cache.stop();
        expect(cache.exitCode).toBe(0);
        expect(stateOf(node)).toEqual(before);
      } finally {
        await stage.close();
      }
    },
  );

  test.each(['iptables', 'nft'] as const)(
    'a cache that was killed, and one that ends while it waits for its upstreams: nothing is left, rules in %s',
    async (firewall) => {
      const stage = await Stage.open('nft');
      try {
        const { node } = stage.network.places;
        lookOnce(node);
        const before = stateOf(node);
        const cache = stage.startCache({ addresses: CLUSTER_IPS, firewall });
        await untilServed(stage, allStreams(CLUSTER_IPS, ['udp']));
        await cache.kill();
        const corefile = fourBlocks(2).replaceAll('__PILLAR__CLUSTER__DNS__', '10.244.0.99'); // Nobody is there.
        const next = stage.startCache({ addresses: CLUSTER_IPS, firewall, instance: 2, corefile });
        while (!existsSync(path.join(stage.folder, 'cache2/pid'))) await wait(10);
        await next.stop();
        expect(next.output).not.toContain(SERVING);
        expect(next.exitCode).toBe(0);
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
