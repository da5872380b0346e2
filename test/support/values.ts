/** Values of the chart, made up from their declaration: what the schema allows is what is tried. */
import type { Field, Fields, Schema } from '../../lib/helm/values';
import { FIELDS, type UserValues } from '../../lib/values';
import { CACHE } from '../../lib/values-cache';
import type { NodePool } from '../../lib/values-node-pools';
import { corefileText, corefileTogether, objectsOf } from './corefile-values';
import fc from './property';

/** Words that YAML, Go templates or shells read as something else. */
const TRICKY = [
  '',
  'true',
  '1',
  '1e3',
  'null',
  'y',
  'a: b',
  '# x',
  '{{ .Values.x }}',
  '"q"',
  "it's",
  '10%',
  'ü',
  'a\\b',
];
/** Not e0: the yaml package takes that for a number of version 1.1, Go's parser does not. */
const isText = (text: string): boolean => !/^e[0-9]+$/i.test(text);
const word = fc.oneof(fc.constantFrom(...TRICKY), fc.stringMatching(/^[a-df-z][a-z0-9./-]{0,20}$/));
/** Objects as a YAML parser makes them: cdk8s takes one without Object's prototype for a class. */
const PLAIN = { noNullPrototype: true };
const key = fc.stringMatching(/^[a-df-z][a-z0-9]{0,8}(\/[a-z]{1,8})?$/);

/** One of them, or rarely one with null, which is as if it were not there. */
const objects = (some: unknown[], nulls: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...some) },
    { weight: nulls.length, arbitrary: fc.constantFrom(...nulls) },
  );
const PREFERRED = { weight: 1, preference: { matchExpressions: [{ key: 'zone', operator: 'Exists' }] } };
const SPREAD = { labelSelector: { matchLabels: { a: 'y' } }, topologyKey: 'kubernetes.io/hostname' };

/** Objects that only the API server checks, by the name of their value. */
const OBJECTS: Record<string, fc.Arbitrary<unknown>> = {
  affinity: objects(
    [
      {},
      { podAntiAffinity: {} },
      { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [PREFERRED] } },
      { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}, {}] } } },
      { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [SPREAD] } },
    ],
    [{ nodeAffinity: null, podAffinity: null }],
  ),
  podSecurityContext: fc.constantFrom({}, { fsGroup: 0 }, { seccompProfile: { type: 'RuntimeDefault' } }),
  resources: objects(
    [
      ...[{}, { limits: { memory: '1Gi' } }, { requests: { cpu: 1 } }],
      { requests: { cpu: '0.5', memory: '1e3', 'hugepages-2Mi': '0' } },
    ],
    [null, { limits: null, requests: null }],
  ),
  securityContext: objects(
    [{}, { capabilities: { add: ['NET_RAW'] } }, { readOnlyRootFilesystem: false }],
    [{ capabilities: null }],
  ),
  updateStrategy: fc.constantFrom(
    {},
    { type: 'OnDelete' },
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
  ),
};

/** Lists of objects that have to have certain fields. */
const LISTS: Record<string, object[]> = {
  extraManifests: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { b: '{{ c }}' } }],
  hostAliases: [{ ip: '192.0.2.1', hostnames: ['a', 'y'] }, { ip: '::1' }],
  resizePolicy: [{ resourceName: 'memory', restartPolicy: 'NotRequired' }],
};

function scalar(name: string, schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...(schema.enum as unknown[]));
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum as number, max: schema.maximum as number });
  const known = corefileText(name, schema);
  if (known) return known;
  return schema.pattern ? matching(schema) : word;
}

/** Texts of a pattern, as long as they may be. */
function matching({ pattern, maxLength = Infinity }: Schema): fc.Arbitrary<string> {
  return fc.stringMatching(new RegExp(pattern as string)).filter((text) => text.length <= (maxLength as number));
}

/** Texts by key, as the schema of a map wants them. */
function texts({ propertyNames, additionalProperties }: Schema): fc.Arbitrary<unknown> {
  const wanted = (limits: unknown): RegExp => new RegExp((limits as { pattern?: string } | undefined)?.pattern ?? '');
  const [keys, values] = [wanted(propertyNames), wanted(additionalProperties)];
  const tricky = TRICKY.filter((text) => values.test(text));
  const text =
    values.source === '(?:)' ? word : fc.oneof(fc.constantFrom(...tricky), fc.stringMatching(values).filter(isText));
  const name = key.filter((one) => keys.test(one));
  return fc.dictionary(name, text, { maxKeys: 3, ...PLAIN });
}

function leaf(name: string, field: Field<unknown>): fc.Arbitrary<unknown> {
  const { schema } = field;
  if (name === 'nodePools') return pools();
  if (field.items) return objectsOf(field, leaf);
  if (name in LISTS) return fc.subarray(LISTS[name]);
  if (schema.type === 'object') return OBJECTS[name] ?? texts(schema);
  if (schema.type !== 'array') return scalar(name, schema);
  const items = schema.items as Schema;
  const item = items.type === 'object' ? fc.record({ name: word, value: word }, PLAIN) : scalar('', items);
  const limits = { minLength: (schema.minItems as number | undefined) ?? 0, maxLength: 3 };
  return schema.uniqueItems ? fc.uniqueArray(item, limits) : fc.array(item, limits);
}

function some(fields: Fields): fc.Arbitrary<object> {
  const entries = Object.entries(fields).map(([name, field]) => [
    name,
    field.fields ? some(field.fields) : leaf(name, field),
  ]);
  return fc.record(Object.fromEntries(entries) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
    ...PLAIN,
  });
}

/** Pools with values of their own: all that a pool may say. */
function pools(): fc.Arbitrary<NodePool[]> {
  const { interfaceName, ...flags } = CACHE.nodeCache.fields as Fields;
  const modes = (CACHE.mode.schema.enum as string[]).filter((one) => one !== 'cilium-lrp');
  const fields = {
    ...CACHE,
    mode: { ...CACHE.mode, schema: { ...CACHE.mode.schema, enum: modes } },
    nodeCache: { ...CACHE.nodeCache, fields: flags },
  };
  const pool = fc.record(
    {
      name: fc.constantFrom('a', 'b-2', '3'),
      nodeLabel: fc.record(
        { key: fc.constantFrom('pool', 'x.example/y'), values: fc.constantFrom(['a'], ['b', ''], ['1', 'true']) },
        PLAIN,
      ),
      values: some(fields) as fc.Arbitrary<NodePool['values']>,
    },
    { requiredKeys: ['name', 'nodeLabel'], ...PLAIN },
  );
  const label = ({ nodeLabel }: NodePool): string => nodeLabel.key + nodeLabel.values.join();
  return fc.uniqueArray(pool as fc.Arbitrary<NodePool>, {
    maxLength: 3,
    comparator: (left, right) => left.name === right.name || label(left) === label(right),
  });
}

/** The values of a pool, made to go together with those of the chart; null is no way to empty a map there. */
function poolTogether(pool: NodePool, { corefile, image }: UserValues): NodePool {
  if (pool.values === undefined) return pool;
  const isOld = image?.flavor === 'k8s-dns-node-cache';
  const { extraServerBlocks, stubDomains, rewrites, hosts, lameduckSeconds, localIPs, ...values } = pool.values;
  const { mode, clusterDNS, image: own, nodeCache, daemonSet } = values;
  const { flavor: _, repository: __, ...reference } = own ?? {};
  const { updateStrategy, ...pod } = daemonSet ?? {};
  const updates = updateStrategy?.type === undefined ? {} : { updateStrategy: { type: updateStrategy.type } };
  const beside = corefile ? {} : { extraServerBlocks, stubDomains, rewrites, hosts };
  const given = Object.entries({
    ...values,
    ...beside,
    corefile: undefined,
    localIPs: isOld ? undefined : localIPs,
    mode: mode === undefined || mode === 'auto' ? mode : 'bind-only',
    clusterDNS: clusterDNS?.service === undefined ? undefined : { service: clusterDNS.service },
    image: own && reference,
    nodeCache: nodeCache && { ...nodeCache, bindMetricsTo: 'hostIP', leaseExpireMs: 30_000 },
    daemonSet: daemonSet && {
      ...Object.fromEntries(Object.entries(pod).filter(([, value]) => value !== null)),
      ...updates,
    },
  }).filter(([, value]) => value !== undefined);
  return { ...pool, values: Object.fromEntries(given) as NodePool['values'] };
}

/** What is refused as soon as it is made up at random, made to go together: that leaves nothing to compare otherwise. */
function together(given: UserValues): UserValues {
  const values = corefileTogether(given);
  const { mode, clusterDNS, nodeCache, image } = values;
  const ips = clusterDNS?.ips?.length ? clusterDNS.ips : ['10.96.0.10'];
  const isIptables = mode === 'iptables' && { clusterDNS: { ...clusterDNS, ips } };
  const goAgent = image?.flavor === 'k8s-dns-node-cache' && {
    image: { ...image, repository: 'dns/k8s-dns-node-cache' },
    localIPs: ['169.254.20.10'],
    clusterDNS: { ...clusterDNS, ips: mode === 'ipvs' ? [] : ['10.96.0.10'] },
  };
  const isIpvs = mode === 'ipvs' && { clusterDNS: { ...clusterDNS, ips: [] } };
  const hidden = nodeCache?.bindMetricsTo === 'local' && {
    metrics: { scrapeAnnotations: false },
    serviceMonitor: { ...values.serviceMonitor, enabled: false },
    podMonitor: { ...values.podMonitor, enabled: false },
  };
  const seconds = values.daemonSet?.terminationGracePeriodSeconds;
  const waited = {
    cleanupOnUninstall: { ...values.cleanupOnUninstall, waitSeconds: 240 },
    daemonSet: {
      ...values.daemonSet,
      ...(seconds === undefined ? {} : { terminationGracePeriodSeconds: Math.min(seconds, 239) }),
    },
  };
  const watched = values.serviceMonitor?.enabled && { podMonitor: { ...values.podMonitor, enabled: false } };
  const namespaces = values.networkPolicy?.enabled && {
    networkPolicy: { enabled: true, namespaces: ['a', 'b'] },
    ...((mode ?? 'auto') === 'auto' && { clusterDNS: { ...clusterDNS, ips } }),
  };
  const policy = values.cilium?.localRedirectPolicy;
  const cilium = policy?.portNames && {
    cilium: { localRedirectPolicy: { ...policy, portNames: { udp: 'udp-53', tcp: 'y' } } },
  };
  const nodePools = values.nodePools && { nodePools: values.nodePools.map((pool) => poolTogether(pool, values)) };
  const upstream = values.upstreamService?.ipFamilies?.length === 2 && {
    upstreamService: { ...values.upstreamService, ipFamilyPolicy: 'PreferDualStack' },
  };
  return {
    ...values,
    ...nodePools,
    ...upstream,
    ...cilium,
    ...namespaces,
    ...isIptables,
    ...isIpvs,
    ...goAgent,
    ...watched,
    ...hidden,
    ...waited,
    nodeCache: { ...nodeCache, leaseExpireMs: 30_000 },
  };
}

/**
 * Any values that the schema allows, each given or left out; a whole Corefile or blocks beside the zones, not both. Most
 * of them go together.
 */
export const anyValues = fc
  .tuple(some(FIELDS) as fc.Arbitrary<UserValues>, fc.boolean(), fc.integer({ min: 0, max: 4 }))
  .map(([values, whole, odd]) => {
    const one = { ...values, ...(whole ? { extraServerBlocks: '' } : { corefile: '' }) };
    return odd === 0 ? one : together(one);
  });
