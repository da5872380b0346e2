/**
 * Every value of the chart, once: name, default, constraint, sentence. values.yaml, values.schema.json, the table in
 * the chart's README and the type `Values` come from here (lib/helm/values.ts says how).
 */

import { expressions, flag, group, integer, list, map, type Partially, text, type ValuesOf } from './helm/values';
import * as patterns from './patterns';
import { DAEMON_SET } from './values-daemon-set';
import { MONITORING } from './values-monitoring';

/** Ports below 1 and above 65535 do not exist. */
const PORT = { minimum: 1, maximum: 65535 };
/** CoreDNS rounds what is below up to 1024; a million entries of one block would take over 3 GB there. */
const CAPACITY = { minimum: 1024, maximum: 999_999 };
/** A week: no record is worth keeping longer. */
const TTL = { minimum: 1, maximum: 604_800 };
const PROTOCOLS = ['', 'force_tcp', 'prefer_udp'];

const CAPACITY_SENTENCE = 'Most answers kept, 1024 or more.';
const TTL_SENTENCE = 'Longest time an answer is kept, in seconds.';

function zone(sentence: string, denialTtlSeconds: number, protocol: string, to: string) {
  return group(sentence, {
    cache: group('What is kept.', {
      success: group('Answers that hold records.', {
        capacity: integer(9984, CAPACITY_SENTENCE, CAPACITY),
        ttlSeconds: integer(30, TTL_SENTENCE, TTL),
      }),
      denial: group('Answers that say there is no such name or record.', {
        capacity: integer(9984, CAPACITY_SENTENCE, CAPACITY),
        ttlSeconds: integer(denialTtlSeconds, TTL_SENTENCE, TTL),
      }),
    }),
    forward: group('Who is asked for what is not kept.', {
      to: list<string>([], to, { type: 'string', pattern: patterns.UPSTREAM }, { maxItems: 15, uniqueItems: true }),
      protocol: text(
        protocol,
        'force_tcp: always over TCP. prefer_udp: over UDP even for a client that came over TCP. Empty: as the ' +
          'client came.',
        { enum: PROTOCOLS },
      ),
    }),
  });
}

const TO_CLUSTER =
  'Servers as address, address:port, tls://address or a resolv.conf file. Empty: the cluster DNS pods, through ' +
  'upstreamService.';

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
  zones: group('Cache and upstreams by zone.', {
    cluster: zone('The cluster domain.', 5, 'force_tcp', TO_CLUSTER),
    reverse: zone('Addresses to names: in-addr.arpa and ip6.arpa.', 30, 'force_tcp', TO_CLUSTER),
    external: zone(
      'Everything else.',
      30,
      '',
      'Servers as address, address:port, tls://address or a resolv.conf file. Empty: upstreamNameservers of the ' +
        'kube-dns ConfigMap, or else the resolv.conf of the node.',
    ),
  }),
  extraServerBlocks: text('', 'Corefile text after the zones. Used as it is: braces are not template code.', {
    pattern: patterns.COREFILE,
  }),
  corefile: text(
    '',
    'A whole Corefile in place of all zones above. Used as it is; the __PILLAR__ names are filled in on the node.',
    { pattern: patterns.COREFILE },
  ),
  kubeDNSConfigMap: group('stubDomains and upstreamNameservers as kube-dns reads them.', {
    name: text('kube-dns', 'Name of that ConfigMap in the release namespace. It may be missing.', {
      pattern: patterns.OBJECT_NAME,
    }),
  }),
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
