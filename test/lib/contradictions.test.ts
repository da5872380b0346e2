import { Chart, Testing } from 'cdk8s';
import { refuseContradictions } from '../../lib/contradictions';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';

const check = (values: UserValues) => () =>
  refuseContradictions(new Chart(Testing.app(), 'chart'), {
    values: merge<Values>(DEFAULTS, values),
    release: { name: 'cache', namespace: 'kube-system', service: 'Helm' },
  });

const THEIRS = { flavor: 'k8s-dns-node-cache', repository: 'dns/k8s-dns-node-cache' };
const BOTH = ['169.254.20.10', 'fd00::10'];
const CLUSTER = { ips: ['10.96.0.10'] };
const POLICY = { enabled: true, namespaces: ['shop'] };

describe('values that work together', () => {
  test.each<[string, UserValues]>([
    ['nothing', {}],
    ['both families', { localIPs: BOTH, clusterDNS: { ips: ['10.96.0.10', 'fd00:96::a'] } }],
    ['the Go agent', { image: THEIRS, clusterDNS: CLUSTER }],
    ['the Go agent on a pod network', { image: THEIRS, mode: 'cilium-lrp', localIPs: BOTH }],
    ['the addresses that iptables needs', { mode: 'iptables', clusterDNS: CLUSTER }],
    ['the cluster DNS itself as upstream, where its address is not taken', upstream('ipvs')],
    ['all rights', { daemonSet: { securityContext: { privileged: true, allowPrivilegeEscalation: true } } }],
    ['no security context', { daemonSet: { securityContext: null as never } }],
    ['one pod more at once', rolling({ maxSurge: 1, maxUnavailable: 0 })],
    ['one pod more in percent', rolling({ maxSurge: '1%', maxUnavailable: '0%' })],
    ['one pod less at once', rolling({ maxSurge: 0, maxUnavailable: '10%' })],
    ['what Kubernetes makes of nothing', rolling({})],
    ['numbers that OnDelete has no use for', { daemonSet: { updateStrategy: { rollingUpdate: { maxSurge: 1 } } } }],
    ['metrics for an agent of the node', local(false)],
    ['metrics of a pod with an address of its own', { ...local(), mode: 'cilium-lrp' }],
    ['a clean-up just after a cache that hangs is killed', { cleanupOnUninstall: { waitSeconds: 31 } }],
    ['a long grace period and no clean-up', { ...grace(600), cleanupOnUninstall: { enabled: false } }],
    ['a long grace period where nothing is to clean', { mode: 'bind-only', ...grace(600) }],
    ['policies with the address that pods ask', { networkPolicy: POLICY, clusterDNS: CLUSTER }],
    ['policies for local addresses', { networkPolicy: POLICY, mode: 'ipvs' }],
    ['policies for the Go agent, which takes no other address', { networkPolicy: POLICY, image: THEIRS }],
    ['namespaces that get no policy', { networkPolicy: { namespaces: ['kube-system'] } }],
    ['two families for a Service of both', families('PreferDualStack')],
    ['two families for a Service of others', { upstreamService: { create: false, ipFamilies: ['IPv4', 'IPv6'] } }],
    ['one family', { upstreamService: { ipFamilies: ['IPv6'] } }],
    ['the shortest lease', { nodeCache: { leaseRenewMs: 50, leaseExpireMs: 150 } }],
    ['a lease that the image does not know', { image: THEIRS, nodeCache: { leaseRenewMs: 10_000 } }],
  ])('%s', (_, values) => {
    expect(check(values)).not.toThrow();
  });
});

describe('values that contradict each other are refused with the repair', () => {
  test.each<[string, UserValues, string]>([
    [
      'the image of the Go agent with our flags',
      { image: { repository: 'a/dns/k8s-dns-node-cache' } },
      'set image.flavor',
    ],
    ['our image as the Go agent', { image: { flavor: 'k8s-dns-node-cache' } }, 'set image.registry to registry.k8s.io'],
    ['iptables without the address', { mode: 'iptables' }, 'set clusterDNS.ips to what `kubectl'],
    ['IPVS with the address', { mode: 'ipvs', clusterDNS: CLUSTER }, 'empty clusterDNS.ips'],
    ['both families for the Go agent', { image: THEIRS, localIPs: BOTH }, 'remove the other family'],
    ['a cache that asks itself', upstream('auto'), 'needs a name of its own'],
    ['a lease of two questions', { nodeCache: { leaseRenewMs: 400 } }, 'outlive three questions'],
    ['two listeners on one port', { ports: { metrics: 9353 } }, 'ports.nodeCacheMetrics are both 9353'],
    [
      'two ports of one name',
      { cilium: { localRedirectPolicy: { portNames: { udp: 'dns-tcp' } } } },
      'are both dns-tcp, and a pod has each name once',
    ],
    ['two Services of one name', { upstreamService: { name: 'node-local-dns' } }, 'rename one'],
    [
      'a fall-back of the same name',
      { fallbackService: { name: 'kube-dns-upstream' } },
      'upstreamService.name are both',
    ],
    [
      'the name of the cluster DNS for what is its cache',
      { fullnameOverride: 'kube-dns' },
      'fullnameOverride and clusterDNS.service are both kube-dns',
    ],
    [
      'a Corefile in a ConfigMap of yours',
      { importConfigMap: 'node-local-dns' },
      'importConfigMap is node-local-dns, as',
    ],
    [
      'the Corefile of a pool in a ConfigMap of yours',
      {
        importConfigMap: 'node-local-dns-custom',
        nodePools: [{ name: 'custom', nodeLabel: { key: 'a', values: ['a'] } }],
      },
      'nodePools.custom: importConfigMap is node-local-dns-custom, as the ConfigMap is called that the chart itself writes',
    ],
    [
      'a Corefile in the ConfigMap of kube-dns',
      { kubeDNSConfigMap: { name: 'node-local-dns' } },
      'kubeDNSConfigMap.name is node-local-dns, as the ConfigMap is called',
    ],
    ['two families and no policy', families(''), 'set ipFamilyPolicy to PreferDualStack'],
    ['two families where one is meant', families('SingleStack'), 'upstreamService.ipFamilies has both families'],
    ['one label twice', { commonLabels: { a: 'b' }, daemonSet: { podLabels: { a: 'c' } } }, 'remove it from one'],
    ['one annotation twice', { daemonSet: { podAnnotations: { 'prometheus.io/port': '1' } } }, 'set that to false'],
    [
      'all rights, and no more than there are',
      { daemonSet: { securityContext: { privileged: true } } },
      'privileged: true beside allowPrivilegeEscalation: false, the default',
    ],
    [
      'the right of rights, and no more than there are',
      { daemonSet: { securityContext: { capabilities: { add: ['NET_ADMIN', 'CAP_SYS_ADMIN'] } } } },
      'set allowPrivilegeEscalation to true',
    ],
    ['more pods and fewer at once', rolling({ maxSurge: 1 }), 'left out, it is 1'],
    ['the same in percent', rolling({ maxSurge: '10%', maxUnavailable: '5%' }), 'set maxUnavailable to 0'],
    ['neither more pods nor fewer', rolling({ maxUnavailable: '0%', maxSurge: 0 }), 'set maxSurge to 1'],
    ['hidden metrics', local(), 'metrics.scrapeAnnotations (true by default) sends Prometheus'],
    [
      'hidden metrics for a ServiceMonitor',
      { ...local(false), serviceMonitor: { enabled: true } },
      'serviceMonitor.enabled sends',
    ],
    [
      'hidden metrics for a PodMonitor',
      { ...local(false), podMonitor: { enabled: true } },
      'podMonitor.enabled sends Prometheus to them: set that to false',
    ],
    [
      'hidden metrics of a pool',
      {
        nodePools: [
          { name: 'a', nodeLabel: { key: 'a', values: ['a'] }, values: { nodeCache: { bindMetricsTo: 'local' } } },
        ],
      },
      'or bindMetricsTo to hostIP',
    ],
    [
      'a clean-up that ends when a cache that hangs is killed',
      { cleanupOnUninstall: { waitSeconds: 30 } },
      'waitSeconds is 30 and daemonSet.terminationGracePeriodSeconds 30',
    ],
    ['a grace period beyond the clean-up', grace(600), '(240 is most), or lower the second'],
    ['policies without an address', { networkPolicy: POLICY }, 'set clusterDNS.ips to what `kubectl'],
    [
      'policies for the pods of the cluster DNS',
      { mode: 'ipvs', networkPolicy: { ...POLICY, namespaces: ['shop', 'kube-system'] } },
      'networkPolicy.namespaces has kube-system, the namespace of the cluster DNS',
    ],
    ['a Corefile and blocks beside it', { corefile: 'a', extraServerBlocks: 'b' }, 'leave extraServerBlocks empty'],
  ])('%s', (_, values, message) => {
    expect(check(values)).toThrow(message);
  });
});

function upstream(mode: string): UserValues {
  return { mode, upstreamService: { name: 'kube-dns', create: false } };
}

function families(ipFamilyPolicy: string): UserValues {
  return { upstreamService: { ipFamilyPolicy, ipFamilies: ['IPv6', 'IPv4'] } };
}

function rolling(rollingUpdate: { maxSurge?: number | string; maxUnavailable?: number | string }): UserValues {
  return { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: rollingUpdate as never } } };
}

function local(scrapeAnnotations = true): UserValues {
  return { nodeCache: { bindMetricsTo: 'local' }, metrics: { scrapeAnnotations } };
}

function grace(terminationGracePeriodSeconds: number): UserValues {
  return { daemonSet: { terminationGracePeriodSeconds } };
}
