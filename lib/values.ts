/**
 * Every value of the chart, once: name, default, constraint, sentence. values.yaml, values.schema.json, the table in
 * the chart's README and the type `Values` come from here (lib/helm/values.ts says how).
 */

import { expressions, flag, group, integer, list, map, type Partially, text, type ValuesOf } from './helm/values';
import { FLAVORS, MODES } from './modes';
import * as patterns from './patterns';
import { COREFILE } from './values-corefile';
import { DAEMON_SET } from './values-daemon-set';
import { LIFE } from './values-life';
import { MONITORING } from './values-monitoring';

/** Ports below 1 and above 65535 do not exist. */
const PORT = { minimum: 1, maximum: 65535 };
const CHART_VALUES = group('Values of the chart nodelocaldns.', {
  fullnameOverride: text(
    'node-local-dns',
    'Name of the DaemonSet, the ConfigMap, the metrics Service and the account. The default is the one of the ' +
      'Kubernetes manifest, which tools look for.',
    { pattern: patterns.OBJECT_NAME },
  ),
  commonLabels: map<Record<string, string>>(
    {},
    'Labels for every object; never part of a selector.',
    patterns.OWN_LABELS,
  ),
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
    }),
  }),
  clusterDomain: text('cluster.local', 'DNS domain of the cluster, without a final dot.', { pattern: patterns.DOMAIN }),
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
  upstreamService: group('A second Service before the cluster DNS pods, so that the cache reaches them past itself.', {
    create: flag(true, 'Create it. False: name one that exists in the release namespace.'),
    name: text('kube-dns-upstream', 'Its name. The cache reads the address from <NAME>_SERVICE_HOST when it starts.', {
      pattern: patterns.OBJECT_NAME,
    }),
    selector: map<Record<string, string>>(
      { 'k8s-app': 'kube-dns' },
      'Labels of the cluster DNS pods. Helm adds yours to this one: set k8s-app to null where the pods do not have it.',
      { additionalProperties: { type: 'string' } },
    ),
    targetPort: integer(53, 'Port the cluster DNS pods listen on.', PORT),
    ipFamilyPolicy: text(
      '',
      'SingleStack, PreferDualStack or RequireDualStack; empty for the default of the cluster.',
      {
        enum: ['', 'SingleStack', 'PreferDualStack', 'RequireDualStack'],
      },
    ),
    ipFamilies: list<string>(
      [],
      'IPv4, IPv6 or both, the first for the cache; empty for the default of the cluster.',
      { type: 'string', enum: ['IPv4', 'IPv6'] },
      { maxItems: 2, uniqueItems: true },
    ),
  }),
  fallbackService: group(
    'A headless Service with the cluster DNS pods, by which the cache learns who answers for localIPs while it cannot: ' +
      'kube-proxy does not know those addresses. For flavor nodelocaldns, where the pods listen on port 53.',
    {
      create: flag(true, 'Create it, with the selector of upstreamService. False: name one that exists.'),
      name: text('kube-dns-endpoints', 'Its name; empty for none: localIPs fall silent when the cache does.', {
        pattern: patterns.OBJECT_NAME_OR_EMPTY,
      }),
    },
  ),
  ...COREFILE,
  ports: group('TCP ports on the node besides 53. Each must be free on every node.', {
    health: integer(8080, 'Probes, on the first of localIPs.', PORT),
    metrics: integer(9253, 'Prometheus metrics.', PORT),
    nodeCacheMetrics: integer(
      9353,
      'The same metrics on 127.0.0.1, also where the Corefile has no prometheus line.',
      PORT,
    ),
  }),
  nodeCache: group('Flags of the cache.', {
    interfaceName: text('nodelocaldns', 'Link that holds the addresses.', { pattern: patterns.INTERFACE }),
    bindMetricsTo: text(
      'all',
      'Where the metrics are: on all addresses of the node, on hostIP (the one the kubelet calls the node by; in ' +
        'brackets when the first of localIPs is IPv6), or local (the first of localIPs).',
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
      'Leave link and rules behind on exit: for pods of k8s-dns-node-cache that overlap. Flavor nodelocaldns sees them.',
    ),
    extraArgs: list<string>([], 'More flags, as -name=value.', { type: 'string' }),
  }),
  serviceAccount: group('Account of the pods. It has no rights and no token: the cache asks the API nothing.', {
    create: flag(true, 'Create it. False: use the one named below, or default.'),
    name: text('', 'Its name, empty for fullnameOverride.', { pattern: `^$|${patterns.DOMAIN}` }),
    annotations: map<Record<string, string>>({}, 'Annotations of the account.', {
      additionalProperties: { type: 'string' },
    }),
  }),
  daemonSet: DAEMON_SET,
  ...LIFE,
  ...MONITORING,
});

/** The declaration: fields for the files, schema for Helm. */
export const DECLARATION = CHART_VALUES;

/** The fields of the declaration, group by group. */
export const FIELDS = CHART_VALUES.fields as NonNullable<typeof CHART_VALUES.fields>;

/** Values of the chart, all of them. */
export type Values = typeof CHART_VALUES.initial;

/** Values as a user gives them: only what differs from the defaults. */
export type UserValues = Partially<Values>;

/** What holds where the user says nothing. */
export const DEFAULTS: Values = CHART_VALUES.initial;

/** Every value as the expression that Helm evaluates. */
export const EXPRESSIONS: Values = expressions(FIELDS) as ValuesOf<typeof FIELDS> as Values;
