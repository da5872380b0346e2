/** What tests of the rules share: tools run in a test's network namespace, a plan, and what a node looks like before and after. */
import { type RunCommand, runCommand } from '../../../image/node/command';
import type { RulePlan } from '../../../image/node/firewall';
import type { NodeAccess } from '../../../image/node/iptables';
import { Namespace } from '../../support/namespace';

/** ClusterIP mode with a link-local address beside it, both families. */
export const PLAN: RulePlan = {
  addresses: ['10.96.0.10', '169.254.20.10', 'fd00:10:96::a', 'fd00:53::10'],
  dnsPort: 53,
  healthPort: 8080,
  leaseMs: 1000,
  fallback: {
    addresses: ['169.254.20.10', 'fd00:53::10'],
    endpoints: ['10.244.1.2', '10.244.2.2', '10.244.3.2', 'fd00:244::2'],
  },
};

/** Tools inside, and how many times each was run. */
export type NodeTools = NodeAccess & { readonly runs: Map<string, number> };

/**
 * A node of its own for each test of a file.
 * @param use is given it before each
 */
export function eachOnNode(use: (node: Namespace, access: NodeTools) => void): void {
  let node: Namespace;
  beforeEach(async () => {
    node = await Namespace.open();
    use(node, accessTo(node));
  });
  afterEach(() => node.close());
}

/** Tools of which some end with status 1: those whose parameters, with blanks between, are as the test says. */
export function failing({ run }: NodeAccess, isIll: (parameters: string) => boolean): RunCommand {
  return (program, parameters, options) => run(isIll(parameters.join(' ')) ? 'false' : program, parameters, options);
}

/** The tools of a node. */
export function accessTo(node: Namespace): NodeTools {
  const runs = new Map<string, number>();
  const run: RunCommand = (program, parameters, options) => {
    runs.set(program, (runs.get(program) ?? 0) + 1);
    return runCommand('nsenter', ['-t', node.pid, '-n', program, ...parameters], options);
  };
  return { run, runs, read: (file) => node.sh(`cat ${file} 2>/dev/null || true`) };
}

/** All that rules of any tool leave: without dates and counters. */
export function snapshot(node: Namespace): string {
  const lines = node.sh(
    'for v in nft legacy; do iptables-$v-save; ip6tables-$v-save; done 2>/dev/null; nft list ruleset; ipset save',
  );
  return lines
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/\[\d+:\d+\]/, '').replace(/ initval \S+/, ''))
    .join('\n');
}

/** As the Go agent puts it: one insertion at the top after the other. */
export function goRules(variant: string, addresses: readonly string[], hasComments = true): string {
  const [skip, allow] = ['NodeLocal DNS Cache: skip conntrack', 'NodeLocal DNS Cache: allow DNS traffic'];
  return addresses
    .flatMap((ip) => {
      const tool = `${ip.includes(':') ? 'ip6tables' : 'iptables'}-${variant}`;
      const rule = (table: string, chain: string, match: string): string => {
        const comment = hasComments ? ` -m comment --comment "${table === 'raw' ? skip : allow}"` : '';
        return `${tool} -w 5 -I ${chain} -t ${table} ${match} -j ${table === 'raw' ? 'NOTRACK' : 'ACCEPT'}${comment}`;
      };
      const both = (table: string, chain: string, match: string): string[] =>
        ['tcp', 'udp'].map((protocol) => rule(table, chain, `-p ${protocol} ${match}`));
      return [
        ...both('raw', 'PREROUTING', `-d ${ip} --dport 53`),
        ...both('filter', 'INPUT', `-d ${ip} --dport 53`),
        ...both('raw', 'OUTPUT', `-s ${ip} --sport 53`),
        ...both('filter', 'OUTPUT', `-s ${ip} --sport 53`),
        ...both('raw', 'OUTPUT', `-d ${ip} --dport 53`),
        rule('raw', 'OUTPUT', `-p tcp -d ${ip} --dport 8080`),
        rule('raw', 'OUTPUT', `-p tcp -s ${ip} --sport 8080`),
      ];
    })
    .join('\n');
}
