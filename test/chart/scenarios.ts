/** What people install: values by scenario. Their manifests are in golden/, and API servers of every age take them. */
import type { UserValues } from '../../lib/values';

const GPU = { name: 'gpu', nodeLabel: { key: 'cloud.example/pool', values: ['gpu'] } };

/** The hooks of Helm are in other scenarios. */
const WITHOUT_HOOKS: UserValues = { cleanupOnUninstall: { enabled: false }, helmTest: { enabled: false } };

/** Monitoring by objects that are long: rules and dashboards. */
const MONITORED: UserValues = {
  ...WITHOUT_HOOKS,
  commonLabels: { team: 'net' },
  metrics: { scrapeAnnotations: false },
  serviceMonitor: { enabled: true, interval: '30s', scrapeTimeout: '10s', labels: { release: 'prometheus' } },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' }, alertLabels: { team: 'net' } },
  dashboard: { enabled: true, folder: 'DNS', grafanaOperator: { enabled: true, resyncPeriod: '10m' } },
};

/** By the name of their file in golden/. */
export const SCENARIOS: Readonly<Record<string, UserValues>> = {
  default: {},
  'iptables-dual-stack': {
    mode: 'iptables',
    localIPs: ['169.254.20.10', 'fd00:90de:d95::1'],
    clusterDNS: { ips: ['10.96.0.10', 'fd00:10:96::a'] },
    upstreamService: { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] },
  },
  'ipvs-ipv6': {
    mode: 'ipvs',
    localIPs: ['fd00:90de:d95::1'],
    nodeCache: { bindMetricsTo: 'hostIP', firewall: 'iptables' },
  },
  'cilium-lrp': { mode: 'cilium-lrp', cilium: { localRedirectPolicy: { skipRedirectFromBackend: true } } },
  'cilium-lrp-by-address': {
    ...WITHOUT_HOOKS,
    mode: 'cilium-lrp',
    cilium: { localRedirectPolicy: { matcher: 'address' } },
  },
  'bind-only': {
    mode: 'bind-only',
    serviceAccount: { create: false },
    fallbackService: { create: false },
    helmTest: { externalName: 'www.example.org' },
  },
  'go-agent': {
    image: { flavor: 'k8s-dns-node-cache', registry: 'registry.k8s.io', repository: 'dns/k8s-dns-node-cache' },
    clusterDNS: { ips: ['10.96.0.10'] },
  },
  'node-pools': {
    helmTest: { enabled: false },
    nodePools: [
      {
        ...GPU,
        values: {
          mode: 'ipvs',
          zones: { external: { cache: { success: { capacity: 50_000 } } } },
          daemonSet: { resources: { requests: { cpu: '100m', memory: '128Mi' } } },
        },
      },
      { name: 'edge', nodeLabel: { key: 'node-role.kubernetes.io/edge', values: [''] } },
    ],
  },
  'all-around': {
    ...WITHOUT_HOOKS,
    clusterDNS: { ips: ['10.96.0.10'] },
    networkPolicy: { enabled: true, namespaces: ['shop', 'bank'] },
    verticalPodAutoscaler: { enabled: true, updateMode: 'InPlaceOrRecreate' },
    podMonitor: { enabled: true, sampleLimit: 5000, honorLabels: true },
    extraManifests: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-dns' },
        data: { stubDomains: '{"a": ["192.0.2.1"]}' },
      },
    ],
  },
  'pods-of-ones-own': {
    image: { digest: `sha256:${'0123456789abcdef'.repeat(4)}`, pullPolicy: 'Always', pullSecrets: ['registry'] },
    ...WITHOUT_HOOKS,
    daemonSet: {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      annotations: { 'example.org/owner': 'net' },
      podAnnotations: { 'example.org/log': 'json' },
      podLabels: { tier: 'node' },
      tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }],
      podSecurityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      minReadySeconds: 5,
      lifecycle: { preStop: { exec: { command: ['/node-cache', 'status'] } } },
      hostAliases: [{ ip: '192.0.2.1', hostnames: ['a.example'] }],
      dnsConfig: { nameservers: ['192.0.2.53'], options: [{ name: 'ndots', value: '1' }] },
      env: [{ name: 'A', value: 'b' }],
      extraVolumes: [{ name: 'zones', configMap: { name: 'zones' } }],
      extraVolumeMounts: [{ name: 'zones', mountPath: '/zones', readOnly: true }],
      initContainers: [{ name: 'wait', image: 'busybox:1.37', command: ['true'] }],
      extraContainers: [{ name: 'tap', image: 'busybox:1.37', command: ['sleep', 'inf'] }],
    },
  },
  monitored: MONITORED,
};
