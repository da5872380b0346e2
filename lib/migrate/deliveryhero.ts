/** Values of deliveryhero/node-local-dns. @source deliveryhero/helm-charts stable/node-local-dns 2.9.2 */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { type Draft, setMonitor } from './draft';
import type { Found } from './found';
import { indented, OWN_REGISTRY, PeerValues, type Tree } from './peer-values';

/** Defaults of that chart that say something about the cache. */
const DEFAULTS: Tree = {
  'config.dnsDomain': 'cluster.local',
  'config.dnsServer': '172.20.0.10',
  'config.localDns': '169.254.20.25',
  'config.upstreamServiceSelector': { 'k8s-app': 'kube-dns' },
  'config.commProtocol': 'force_tcp',
  'config.cacheTTL': 30,
  'config.prefetch.amount': 3,
  'config.prefetch.duration': '30s',
  'config.prefetch.percentage': '20%',
  'config.serveStale.duration': '1h',
  'config.serveStale.mode': 'verify',
  'config.healthPort': 8080,
  'config.setupInterface': true,
  'config.setupIptables': true,
  'config.skipTeardown': false,
  'config.upstreamServers': '__PILLAR__UPSTREAM__SERVERS__',
  updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
  'prometheusScraping.enabled': true,
  'serviceMonitor.prometheusNamespace': 'kube-system',
  'dashboard.namespace': 'kube-system',
  'dashboard.label': 'grafana_dashboard',
  resources: { requests: { cpu: '25m', memory: '128Mi' }, limits: { memory: '128Mi' } },
};

const REASONS = {
  nameOverride: 'names are those of the Kubernetes manifest here; fullnameOverride changes them',
  fullnameOverride:
    'names are those of the Kubernetes manifest here; set fullnameOverride when something looks for yours',
  dashboard: '',
  serviceMonitor: '', // Its name and its path.
  'config.port': '', // Of the pod's ports only: the Corefile has 53.
  serviceAccount: '', // It has no rights there either; no token here.
  'image.tag': '', // Of the other image.
  livenessProbe: 'the chart asks the first of localIPs; daemonSet.livenessProbe has the times',
};

/** What an installation with these values runs, and remarks on the rest. */
export function foundInDeliveryhero(draft: Draft, given: Tree): Found {
  const values = new PeerValues(DEFAULTS, given);
  const container: Container = {
    name: 'node-cache',
    args: flags(values),
    resources: values.get('resources'),
    lifecycle: values.get('lifecycle'),
    ...{ resizePolicy: values.get('resizePolicy') },
    securityContext: values.get('securityContext'),
  };
  const pod: PodSpec = {
    containers: [container],
    hostNetwork: true, // As `setupIptables` there, but without it nothing of that chart resolved (its issue 663).
    priorityClassName: 'system-node-critical',
    tolerations: values.get('tolerations') ?? [{ operator: 'Exists' }],
    affinity: values.get('affinity'),
    imagePullSecrets: values.get('imagePullSecrets'),
    initContainers: filled(values.get<PodSpec['initContainers']>('initContainers')),
  };
  carryMonitoring(draft, values);
  const repository = values.text('image.repository');
  if (repository !== '' && !repository.startsWith('registry.k8s.io/'))
    draft.note(`image.repository ${repository}`, OWN_REGISTRY);
  const found: Found = {
    source: 'values of deliveryhero/node-local-dns',
    pod,
    container,
    podAnnotations: values.get('podAnnotations') ?? {},
    podLabels: values.get('podLabels') ?? {},
    updateStrategy: values.get('updateStrategy'),
    corefile: corefile(draft, values),
    clusterIPs: [values.text('config.dnsServer')],
    upstream: upstream(draft, values),
    isScraped: values.isOn('prometheusScraping.enabled') && !values.isOn('serviceMonitor.enabled'),
  };
  if (!values.isOn('config.setupIptables'))
    draft.note(
      'config.setupIptables',
      'also turned the host network off there, and no query came in; here it stays on',
    );
  values.remarkOnRest(draft, REASONS);
  return found;
}

function filled<T>(list: T[] | undefined): T[] | undefined {
  return list?.length ? list : undefined;
}

function flags(values: PeerValues): string[] {
  const local = values.text('config.localDns');
  const both = values.isOn('config.setupIptables') ? `${local},${values.text('config.dnsServer')}` : local;
  return [
    `-localip=${both}`,
    `-skipteardown=${values.isOn('config.skipTeardown')}`,
    `-setupinterface=${values.isOn('config.setupInterface')}`,
    `-setupiptables=${values.isOn('config.setupIptables')}`,
  ];
}

function upstream(draft: Draft, values: PeerValues): Found['upstream'] {
  const name = values.text('config.customUpstreamsvc');
  if (name === '')
    return { selector: values.get<Record<string, string>>('config.upstreamServiceSelector')!, targetPort: 53 };
  draft.set('upstreamService.create', false);
  draft.set('upstreamService.name', name);
  return undefined;
}

function carryMonitoring(draft: Draft, values: PeerValues): void {
  if (values.isOn('serviceMonitor.enabled')) {
    const namespace = values.text('serviceMonitor.prometheusNamespace');
    const given = values.get<Tree>('serviceMonitor')!;
    setMonitor(draft, 'serviceMonitor', { ...given, namespace: namespace === 'kube-system' ? '' : namespace });
  }
  if (!values.isOn('dashboard.enabled')) return;
  draft.set('dashboard.enabled', true);
  const namespace = values.text('dashboard.namespace');
  if (namespace !== 'kube-system') draft.set('dashboard.namespace', namespace);
  const label = values.text('dashboard.label');
  if (label !== 'grafana_dashboard') draft.set('dashboard.labels', { [label]: '1' });
  draft.note('dashboard', 'is another one, of the same metrics and more');
}

/** The Corefile as that chart writes it. */
function corefile(draft: Draft, values: PeerValues): string {
  const whole = values.text('config.customConfig');
  if (/\{\{.*\}\}/.test(whole))
    draft.note('config.customConfig', 'was a template there; here text is used as it is. Undo what escaped braces');
  if (whole !== '') return whole;
  const [prefetch, stale] = ['prefetch', 'serveStale'].map(
    (name) => (option: string) => values.text(`config.${name}.${option}`),
  );
  const options = [
    ...(values.isOn('config.prefetch.enabled')
      ? [`prefetch ${prefetch('amount')} ${prefetch('duration')} ${prefetch('percentage')}`]
      : []),
    ...(values.isOn('config.serveStale.enabled')
      ? [`serve_stale ${stale('duration')} ${stale('mode')}`.trimEnd()]
      : []),
  ];
  const cache = [`cache ${values.text('config.cacheTTL')} {`, ...options, '}'];
  const log = values.isOn('config.enableLogging') ? ['log'] : [];
  const bind = values.isOn('config.bindIp')
    ? `${values.text('config.localDns')} ${values.text('config.dnsServer')}`
    : '0.0.0.0';
  const aaaa = values.isOn('config.noIPv6Lookups') ? ['template IN AAAA {', 'rcode NOERROR', '}'] : [];
  const toCluster = ['forward . __PILLAR__CLUSTER__DNS__ {', values.text('config.commProtocol'), '}'];
  const external = ['forward . ' + values.text('config.upstreamServers') + ' {', ...forwardOptions(values), '}'];
  const zone = (name: string, ...lines: string[]): string =>
    indented([`${name}:53 {`, 'errors', ...lines, 'reload', 'loop', `bind ${bind}`, ...aaaa, 'prometheus :9253', '}']);
  const health = `health :${values.text('config.healthPort')}`;
  return [
    zone(
      values.text('config.dnsDomain'),
      ...log,
      'cache {',
      'success 9984 30',
      'denial 9984 5',
      ...options,
      '}',
      ...toCluster,
      health,
    ),
    zone('in-addr.arpa', ...cache, ...toCluster),
    zone('ip6.arpa', ...cache, ...toCluster),
    zone('.', ...log, ...cache, ...external),
    values.text('config.extraServerBlocks'),
  ].join('');
}

/** A list of lines; of a map that chart prints the values without their names, and no cache would start. */
function forwardOptions(values: PeerValues): string[] {
  const options = values.get<string[] | Record<string, unknown>>('config.upstreamForwardConfig') ?? [];
  return Array.isArray(options) ? options : Object.entries(options).map(([name, value]) => `${name} ${value}`);
}
