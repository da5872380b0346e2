/**
 * Every value of the chart, once: name, default, constraint, sentence. values.yaml, values.schema.json, the table in
 * the chart's README and the type `Values` come from here (lib/helm/values.ts says how).
 */

import { expressions, flag, group, integer, list, map, type Partially, text, type ValuesOf } from './helm/values';
import * as patterns from './patterns';
import { COREFILE } from './values-corefile';
import { DAEMON_SET } from './values-daemon-set';
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
    registry: text('registry.k8s.io', 'Registry, empty for the default of the container runtime.', {
      pattern: patterns.IMAGE_REGISTRY,
    }),
    repository: text(
      'dns/k8s-dns-node-cache',
      'Repository of any image that takes the flags of k8s-dns-node-cache 1.26; the default is that program.',
      { pattern: patterns.IMAGE_REPOSITORY },
    ),
    tag: text('', 'Tag, empty for the appVersion in Chart.yaml. A number needs quotes (or --set-string).', {
      pattern: patterns.IMAGE_TAG,
    }),
    digest: text('', 'sha256:… pins the image and wins over the tag.', { pattern: patterns.IMAGE_DIGEST }),
    pullPolicy: text('IfNotPresent', 'Always, IfNotPresent or Never.', { enum: ['Always', 'IfNotPresent', 'Never'] }),
    pullSecrets: list<string>([], 'Names of Secrets with registry credentials, in the release namespace.', {
      type: 'string',
    }),
  }),
  clusterDomain: text('cluster.local', 'DNS domain of the cluster, without a final dot.', { pattern: patterns.DOMAIN }),
  localIPs: list<string>(
    ['169.254.20.10'],
    'Addresses of the cache that exist on every node and nowhere else; link-local for IPv4, unique local ' +
      '(fd00::/8) for IPv6. The first answers the probes. k8s-dns-node-cache takes one IP family only.',
    { type: 'string', pattern: patterns.IP },
    { minItems: 1, maxItems: 8, uniqueItems: true },
  ),
  clusterDNS: group('The address that pods have in their resolv.conf.', {
    ips: list<string>(
      [],
      'ClusterIP of kube-dns, where kube-proxy runs iptables or nftables: the cache answers on it too and no ' +
        'kubelet changes. Empty with kube-proxy in IPVS mode, and for an image that finds it on the node in ' +
        'KUBE_DNS_SERVICE_HOST; k8s-dns-node-cache does not look there and serves localIPs only.',
      { type: 'string', pattern: patterns.IP },
      { maxItems: 8, uniqueItems: true },
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
  }),
  ...COREFILE,
  ports: group('TCP ports on the node besides 53. Each must be free on every node.', {
    health: integer(8080, 'Probes, on the first of localIPs.', PORT),
    metrics: integer(9253, 'Prometheus metrics, on every address of the node.', PORT),
    nodeCacheMetrics: integer(
      9353,
      'The same metrics on 127.0.0.1, also where the Corefile has no prometheus line.',
      PORT,
    ),
  }),
  nodeCache: group('Flags of the cache.', {
    interfaceName: text('nodelocaldns', 'Link that holds the addresses.', { pattern: patterns.INTERFACE }),
    syncIntervalSeconds: integer(60, 'How often link and rules are checked and repaired.', {
      minimum: 1,
      maximum: 86_400,
    }),
    setupInterface: flag(true, 'Create the link. False where something else holds the addresses.'),
    setupIptables: flag(true, 'Write the rules that keep DNS to the cache out of connection tracking.'),
    skipTeardown: flag(false, 'Leave link and rules behind on exit: for two overlapping DaemonSets only.'),
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
