/** Values that fit the schema one by one and cannot work together: one set for each refusal of the constructs. */
import type { UserValues } from '../../lib/values';

const TO = { to: ['192.0.2.1'] };
const GPU = { name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } };
const OLD: UserValues = { image: { flavor: 'k8s-dns-node-cache', repository: 'dns/k8s-dns-node-cache' } };
const strategy = (rollingUpdate: object): UserValues => ({
  daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate } },
});

/** By what contradicts. */
export const CONTRADICTIONS: Readonly<Record<string, UserValues>> = {
  'an image of the other flavor': { image: { repository: 'mirror/dns/k8s-dns-node-cache' } },
  'a flavor of the other image': { image: { flavor: 'k8s-dns-node-cache' } },
  'iptables without the ClusterIP': { mode: 'iptables' },
  'IPVS with the ClusterIP': { mode: 'ipvs', clusterDNS: { ips: ['10.96.0.10'] } },
  'two families for the Go agent': { ...OLD, localIPs: ['169.254.20.10', 'fd00::10'] },
  'an upstream that is the cache': { upstreamService: { name: 'kube-dns' } },
  'a lease too short': { nodeCache: { leaseRenewMs: 500 } },
  'a name for two Services': { fullnameOverride: 'kube-dns-upstream' },
  'the fallback under the name of another': { fallbackService: { name: 'kube-dns-upstream' } },
  'a port twice': { ports: { health: 9253 } },
  'another port twice': { ports: { nodeCacheMetrics: 9253 } },
  'a name of a port twice': { mode: 'cilium-lrp', cilium: { localRedirectPolicy: { portNames: { tcp: 'dns' } } } },
  'a label twice': { commonLabels: { a: 'b' }, daemonSet: { podLabels: { a: 'c' } } },
  'a scrape annotation twice': { daemonSet: { podAnnotations: { 'prometheus.io/scrape': 'true' } } },
  'all rights and no more': { daemonSet: { securityContext: { privileged: true } } },
  'a right by its old name': { daemonSet: { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } } },
  'a surge beside what is unavailable': strategy({ maxSurge: 1 }),
  'a surge in percent beside what is unavailable': strategy({ maxSurge: '10%', maxUnavailable: '5%' }),
  'an update of nothing': strategy({ maxUnavailable: 0 }),
  'metrics that nobody sees': { nodeCache: { bindMetricsTo: 'local' } },
  'a monitor of metrics that nobody sees': {
    nodeCache: { bindMetricsTo: 'local' },
    metrics: { scrapeAnnotations: false },
    serviceMonitor: { enabled: true },
  },
  'a clean-up that is too short': { daemonSet: { terminationGracePeriodSeconds: 60 } },
  'policies without the ClusterIP': { networkPolicy: { enabled: true, namespaces: ['shop'] } },
  'policies of no namespace': { networkPolicy: { enabled: true } },
  'policies of the release namespace': {
    clusterDNS: { ips: ['10.96.0.10'] },
    networkPolicy: { enabled: true, namespaces: ['kube-system'] },
  },
  'two monitors': { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
  'a Corefile and blocks': { corefile: '. {\n}', extraServerBlocks: 'a {\n}' },
  'a Corefile and hosts': { corefile: '. {\n}', hosts: [{ ip: '192.0.2.1', names: ['a'] }] },
  'a domain for two': { stubDomains: { a: TO }, rewrites: { a: { to: 'b' } } },
  'a domain that the cluster has': { stubDomains: { 'cluster.local': TO } },
  'a cluster domain twice': { extraClusterDomains: ['cluster.local'] },
  'a directive that nobody knows': { zones: { external: { extraPlugins: 'loadbalance\nkubernetes' } } },
  'a directive that the Go agent does not know': { ...OLD, extraServerBlocks: 'a {\n  ready\n}' },
  'a block that is not closed': { extraServerBlocks: 'a {\n  whoami\n' },
  'a brace too many in the lines of a domain': { stubDomains: { a: { ...TO, extraPlugins: '}' } } },
  'a domain that is backwards': { rewrites: { 'in-addr.arpa': { to: 'a' } } },
  'a cache that asks itself': { zones: { reverse: { forward: { to: ['169.254.20.10'] } } } },
  'an option that the Go agent does not know': { ...OLD, zones: { external: { forward: { readTimeoutMs: 500 } } } },
  'connections older than they may get': { zones: { external: { forward: { maxAgeSeconds: 5 } } } },
  'a lame duck that outlives its pod': { lameduckSeconds: 60 },
  'two pools of one name': { nodePools: [GPU, { ...GPU, nodeLabel: { key: 'pool', values: ['b'] } }] },
  'two pools of one label': { nodePools: [GPU, { ...GPU, name: 'b' }] },
  'a pool with a port twice': { nodePools: [{ ...GPU, values: { mode: 'iptables' } }] },
};
