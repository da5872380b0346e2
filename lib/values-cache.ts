/** The values of the cache itself: those that a node pool may have in its own way (values.ts holds the others). */
import { flag, group, integer, list, text } from './helm/values';
import { FLAVORS, MODES } from './modes';
import * as patterns from './patterns';
import { COREFILE } from './values-corefile';
import { DAEMON_SET } from './values-daemon-set';

/** Image, addresses, Corefile, flags and pods of the cache. */
export const CACHE = {
  image: group('Image of the cache.', {
    flavor: text(
      'nodelocaldns',
      'Whose flags the image takes: nodelocaldns, or k8s-dns-node-cache for registry.k8s.io/dns/k8s-dns-node-cache, ' +
        'which is then told nothing it does not know and keeps no lease.',
      { enum: [...FLAVORS] },
    ),
    registry: text('ghcr.io', 'Registry, empty for the default of the container runtime.', {
      pattern: patterns.IMAGE_REGISTRY,
    }),
    repository: text('nodelocaldns/node-cache', 'Repository of the image.', { pattern: patterns.IMAGE_REPOSITORY }),
    tag: text(
      '',
      'Tag, empty for the appVersion in Chart.yaml; 1.26.8 for flavor k8s-dns-node-cache. A number needs quotes (or --set-string).',
      {
        pattern: patterns.IMAGE_TAG,
      },
    ),
    digest: text('', 'sha256:… pins the image and wins over the tag.', { pattern: patterns.IMAGE_DIGEST }),
    pullPolicy: text('IfNotPresent', 'Always, IfNotPresent or Never.', { enum: ['Always', 'IfNotPresent', 'Never'] }),
    pullSecrets: list<string>([], 'Names of Secrets with registry credentials, in the release namespace.', {
      type: 'string',
      pattern: patterns.SUBDOMAIN,
      maxLength: patterns.NAME_MAX,
    }),
  }),
  mode: text(
    'auto',
    'How pods reach the cache. auto: the node decides; the cache takes localIPs and the ClusterIP of kube-dns, but ' +
      'for that one where kube-proxy runs in IPVS mode. iptables: localIPs and clusterDNS.ips, on every node. ipvs: ' +
      'localIPs only. cilium-lrp: Cilium leads pods to it, no host network, no rules. bind-only: the addresses are ' +
      'on the node already, no link, no rules.',
    { enum: [...MODES] },
  ),
  localIPs: list<string>(
    ['169.254.20.10'],
    'Addresses of the cache that exist on every node and nowhere else; link-local for IPv4, unique local ' +
      '(fd00::/8) for IPv6; of one family or of both. The first answers the probes.',
    { type: 'string', pattern: patterns.IP },
    { minItems: 1, maxItems: 8, uniqueItems: true },
  ),
  clusterDNS: group('The address that pods have in their resolv.conf.', {
    ips: list<string>(
      [],
      'ClusterIPs of kube-dns, of one family or of both, where kube-proxy runs iptables or nftables: the cache ' +
        'answers on them too and no kubelet changes. Empty in mode auto: the one that the kubelet knows by the name ' +
        'below. Empty in mode ipvs: kube-proxy answers there.',
      { type: 'string', pattern: patterns.IP },
      { maxItems: 8, uniqueItems: true },
    ),
    service: text(
      'kube-dns',
      'Service of the cluster DNS in the release namespace. In mode auto the kubelet fills in its ClusterIP when a ' +
        'pod starts; where there is no such Service, localIPs are served alone.',
      { pattern: patterns.OBJECT_NAME },
    ),
  }),
  ...COREFILE,
  nodeCache: group('Flags of the cache.', {
    interfaceName: text('nodelocaldns', 'Link that holds the addresses.', { pattern: patterns.INTERFACE }),
    bindMetricsTo: text(
      'all',
      'Where the metrics are: on all addresses of the node, on hostIP (the one the kubelet calls the node by; in ' +
        'brackets when the first of localIPs is IPv6), or local (the first of localIPs: for an agent on each node, with ' +
        'metrics.scrapeAnnotations false, because nobody else gets there).',
      { enum: ['all', 'hostIP', 'local'] },
    ),
    syncIntervalSeconds: integer(60, 'How often link and rules are checked and repaired.', {
      minimum: 1,
      maximum: 86_400,
    }),
    setupInterface: flag(true, 'Create the link, in modes auto, iptables and ipvs.'),
    setupIptables: flag(
      true,
      'Write the rules that keep DNS to the cache out of connection tracking, and by which the kernel falls back to ' +
        'kube-dns; in modes auto, iptables and ipvs.',
    ),
    firewall: text(
      'auto',
      'What writes the rules: nft, iptables, or auto for the first of them that works on the node. iptables adds the ' +
        'capability NET_RAW. Flavor nodelocaldns.',
      { enum: ['auto', 'nft', 'iptables'] },
    ),
    leaseRenewMs: integer(
      250,
      'Time between two questions of the cache to itself, in milliseconds: an answer renews the lease by which pods ' +
        'reach it. Flavor nodelocaldns.',
      { minimum: 50, maximum: 10_000 },
    ),
    leaseExpireMs: integer(
      1000,
      'Time after the last answer until the kernel leads pods to kube-dns, in milliseconds; three questions at least. ' +
        'Flavor nodelocaldns.',
      { minimum: 150, maximum: 30_000 },
    ),
    skipTeardown: flag(
      false,
      'Leave link and rules behind on exit, as after a crash: kube-dns answers pods that ask a link-local address until the ' +
        'next pod does. The clean-up of an uninstall takes them away. For k8s-dns-node-cache: pods that overlap.',
    ),
    extraArgs: list<string>([], 'More flags, as -name=value.', { type: 'string' }),
  }),
  daemonSet: DAEMON_SET,
};
