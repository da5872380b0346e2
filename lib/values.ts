/**
 * Every value of the chart, once: name, default, constraint, sentence. values.yaml, values.schema.json, the table in
 * the chart's README and the type `Values` come from here (lib/helm/values.ts says how).
 */

import { expressions, flag, group, integer, list, map, type Partially, text, type ValuesOf } from './helm/values';
import * as patterns from './patterns';
import { CACHE } from './values-cache';
import { LIFE } from './values-life';
import { MONITORING } from './values-monitoring';
import { NODE_POOLS } from './values-node-pools';

/** Ports below 1 and above 65535 do not exist. */
const PORT = { minimum: 1, maximum: 65535 };
const CHART_VALUES = group('Values of the chart nodelocaldns.', {
  fullnameOverride: text(
    'node-local-dns',
    'Name of the DaemonSet, the ConfigMap, the metrics Service and the account. The default is the one of the ' +
      'Kubernetes manifest, which tools look for. At most 50 characters: the names of other objects begin with it.',
    { pattern: patterns.OWN_NAME },
  ),
  commonLabels: map<Record<string, string>>(
    {},
    'Labels for every object; never part of a selector.',
    patterns.OWN_LABELS,
  ),
  clusterDomain: text('cluster.local', 'DNS domain of the cluster, without a final dot.', {
    pattern: patterns.DOMAIN,
    maxLength: patterns.NAME_MAX,
  }),
  ...CACHE,
  upstreamService: group('A second Service before the cluster DNS pods, so that the cache reaches them past itself.', {
    create: flag(true, 'Create it. False: name one that exists in the release namespace.'),
    name: text('kube-dns-upstream', 'Its name. The cache reads the address from <NAME>_SERVICE_HOST when it starts.', {
      pattern: patterns.OBJECT_NAME,
    }),
    selector: map<Record<string, string>>(
      { 'k8s-app': 'kube-dns' },
      'Labels of the cluster DNS pods. Helm adds yours to this one: set k8s-app to null where the pods do not have it.',
      patterns.LABELS,
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
  ports: group('TCP ports on the node besides 53. Each must be free on every node.', {
    health: integer(8080, 'Probes, on the first of localIPs.', PORT),
    metrics: integer(9253, 'Prometheus metrics.', PORT),
    nodeCacheMetrics: integer(
      9353,
      'The same metrics on 127.0.0.1, also where the Corefile has no prometheus line.',
      PORT,
    ),
  }),
  serviceAccount: group('Account of the pods. It has no rights and no token: the cache asks the API nothing.', {
    create: flag(true, 'Create it. False: use the one named below, or default.'),
    name: text('', 'Its name, empty for fullnameOverride.', {
      pattern: patterns.SUBDOMAIN_OR_EMPTY,
      maxLength: patterns.NAME_MAX,
    }),
    annotations: map<Record<string, string>>({}, 'Annotations of the account.', patterns.ANNOTATIONS),
  }),
  nodePools: NODE_POOLS,
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
