/** What kube-proxy keeps on a node for the Services of cluster DNS, in its three ways of writing it, and the kubelet's firewall. */
import { CLUSTER_IPS, ENDPOINTS, UPSTREAM_IP } from './addresses';

/** How the node's rules are written: by either iptables, or by nft as kube-proxy's nftables mode does. */
export const FLAVOURS = ['legacy', 'nft', 'native'] as const;
/** One of {@link FLAVOURS}. */
export type Flavour = (typeof FLAVOURS)[number];

/** Clusters in each family: pods' network, Services, servers. */
const FAMILIES = [
  { pods: '10.244.0.0/16', services: [CLUSTER_IPS[0], UPSTREAM_IP], endpoints: ENDPOINTS[0], ip: 'ip' },
  { pods: 'fd00:10:244::/48', services: [CLUSTER_IPS[1]], endpoints: ENDPOINTS[1], ip: 'ip6' },
] as const;

/** Kubelets and kube-proxies let nothing but answers come to 127.0.0.0/8 from elsewhere; for IPv6 there is no such rule. */
const FIREWALL = [
  '*filter',
  ':KUBE-FIREWALL - [0:0]',
  '-A INPUT -j KUBE-FIREWALL',
  '-A OUTPUT -j KUBE-FIREWALL',
  '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
  'COMMIT',
];

/**
 * Input of iptables-restore or ip6tables-restore: chains with kube-proxy's names and shape.
 * @param six for IPv6
 */
export function iptablesText(six: boolean): string {
  const { pods, services, endpoints } = FAMILIES[six ? 1 : 0];
  const chains = ['SERVICES', 'POSTROUTING', 'MARK-MASQ', 'SVC-DNS', 'SEP-0', 'SEP-1'].map(
    (name) => `:KUBE-${name} - [0:0]`,
  );
  const protocols = ['udp', 'tcp'];
  return [
    '*nat',
    ...chains,
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE',
    ...services.flatMap((service) =>
      protocols.flatMap((protocol) => [
        `-A KUBE-SERVICES ! -s ${pods} -d ${service} -p ${protocol} --dport 53 -j KUBE-MARK-MASQ`,
        `-A KUBE-SERVICES -d ${service} -p ${protocol} --dport 53 -j KUBE-SVC-DNS`,
      ]),
    ),
    '-A KUBE-SVC-DNS -m statistic --mode random --probability 0.5 -j KUBE-SEP-0',
    '-A KUBE-SVC-DNS -j KUBE-SEP-1',
    ...endpoints.flatMap((endpoint, index) =>
      protocols.map(
        (protocol) =>
          `-A KUBE-SEP-${index} -p ${protocol} -m ${protocol} -j DNAT --to-destination ${six ? `[${endpoint}]` : endpoint}:53`,
      ),
    ),
    'COMMIT',
    ...(six ? [] : FIREWALL),
    '',
  ].join('\n');
}

/** The same for `nft -f`, as kube-proxy's nftables mode has it: a table of its own. */
export function nftText(): string {
  const service = FAMILIES.flatMap(({ ip, pods, services, endpoints }) => {
    const to = `{ ${services.join(', ')} }`;
    const map = `numgen random mod 2 map { 0 : ${endpoints[0]}, 1 : ${endpoints[1]} }`;
    return [
      `${ip} saddr != ${pods} ${ip} daddr ${to} meta l4proto { tcp, udp } th dport 53 meta mark set meta mark | 0x4000`,
      `${ip} daddr ${to} meta l4proto { tcp, udp } th dport 53 dnat ${ip} to ${map}`,
    ];
  });
  return [
    'table inet kube-proxy {',
    `  chain services {\n    ${service.join('\n    ')}\n  }`,
    '  chain firewall {',
    '    type filter hook input priority filter;',
    '    ip saddr != 127.0.0.0/8 ip daddr 127.0.0.0/8 ct state != { established, related } ct status & dnat == 0 drop',
    '  }',
    '  chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }',
    '  chain nat-output { type nat hook output priority -100; jump services; }',
    '  chain nat-postrouting { type nat hook postrouting priority srcnat; meta mark & 0x4000 != 0 masquerade; }',
    '}',
    '',
  ].join('\n');
}
