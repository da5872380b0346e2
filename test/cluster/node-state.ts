/** What a node's network holds, line for line: what an uninstall must leave as it was before the install. */
import { type Cluster, NODES } from './cluster';

const LISTS = `
echo '# links and addresses'; ip -o addr | grep -vE ': (veth|cni)' | sed 's/ *valid_lft.*//'
echo '# routes'; ip route; ip -6 route | grep -v veth
echo '# iptables-nft'; iptables-nft-save; ip6tables-nft-save
echo '# iptables-legacy'; iptables-legacy-save; ip6tables-legacy-save
echo '# nftables'; nft -s list ruleset
echo '# ipset'; ipset list
`;

/** Without counters and times, in an order of its own: kube-proxy and nft write the same rules now in this order, now in that. */
function settled(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^# (Generated|Completed|Warning)/.test(line))
    .map((line) =>
      line
        .replace(/\[\d+:\d+\]/, '')
        .replace(/ counter packets \d+ bytes \d+/, '')
        .replace(/ # handle \d+/, ''),
    )
    .sort()
    .join('\n');
}

/** Of both nodes. */
export function nodeStates(cluster: Cluster): readonly string[] {
  return NODES.map((node) => settled(cluster.onNode(node, 'sh', '-c', `${LISTS} 2>/dev/null`)));
}

/** Lines of a node that are a cache's for sure, whatever kube-proxy writes meanwhile. */
export function linesOfCache(cluster: Cluster, node: number): string {
  const isOurs = /nodelocaldns|NodeLocal|169\.254\.20\.10|notrack/i;
  return nodeStates(cluster)
    [node].split('\n')
    .filter((line) => isOurs.test(line))
    .join('\n');
}

/** The first lines that differ; '' when nothing does. */
export function difference(before: readonly string[], after: readonly string[]): string {
  return NODES.flatMap((node) => {
    const [left, right] = [before[node].split('\n'), after[node].split('\n')];
    const gone = left.filter((line) => !right.includes(line)).map((line) => `node${node}: - ${line}`);
    const come = right.filter((line) => !left.includes(line)).map((line) => `node${node}: + ${line}`);
    const isOther = gone.length + come.length === 0 && before[node] !== after[node];
    return [...gone, ...come, ...(isOther ? [`node${node}: a line stands there more or less often than before`] : [])];
  })
    .slice(0, 20)
    .join('\n');
}
