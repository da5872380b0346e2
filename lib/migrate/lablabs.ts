/** Values of lablabs/k8s-nodelocaldns. @source lablabs/k8s-nodelocaldns-helm charts/node-local-dns 2.1.0 */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { type Draft, setMonitor } from './draft';
import type { Found } from './found';
import { indented, OWN_REGISTRY, PeerValues, type Tree } from './peer-values';

const DEFAULTS: Tree = {
  'image.args.interfaceName': 'nodelocaldns',
  'image.args.healthPort': 8080,
  'image.args.setupInterface': true,
  'image.args.skipTeardown': true,
  'image.args.setupIptables': false,
  'image.args.syncInterval': '1ns',
  'image.args.upstreamSvc': 'kube-dns',
  'config.localDnsIp': '169.254.20.11',
  'metrics.port': 9253,
  'metrics.prometheusScrape': 'true',
  priorityClassName: 'system-node-critical',
  updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } },
  useHostNetwork: true,
  resources: { requests: { cpu: '30m', memory: '50Mi' } },
};

const REASONS = {
  'image.tag': '', // Of the other image.
  securityContext: 'is not carried over: the cache needs what the chart adds, no more',
  serviceAccount: '', // It has no rights there either; no token here.
  readinessProbe: 'the chart has a readiness probe; daemonSet.readinessProbe has its times',
  'config.cilium': 'the ports of the redirect are those of the chart',
};

interface Zone {
  readonly [plugin: string]: unknown;
}

/** What an installation with these values runs, and remarks on the rest. */
export function foundInLablabs(draft: Draft, given: Tree): Found {
  const values = new PeerValues(DEFAULTS, given);
  const hasCilium = values.get('config.cilium') !== undefined;
  const container: Container = {
    name: 'node-cache',
    args: flags(values),
    resources: values.get('resources'),
    imagePullPolicy: values.get('image.pullPolicy'),
  };
  const pod: PodSpec = {
    containers: [container],
    hostNetwork: !hasCilium && values.isOn('useHostNetwork'),
    priorityClassName: values.text('priorityClassName'),
    tolerations: values.get('tolerations') ?? [{ operator: 'Exists' }],
    nodeSelector: values.get('nodeSelector'),
    affinity: values.get('affinity'),
    securityContext: values.get('podSecurityContext'),
    imagePullSecrets: values.get('imagePullSecrets'),
  };
  const repository = values.text('image.repository');
  if (repository !== '' && !repository.startsWith('registry.k8s.io/'))
    draft.note(`image.repository ${repository}`, OWN_REGISTRY);
  if (hasCilium) {
    draft.set('cilium.localRedirectPolicy.matcher', values.text('config.cilium.redirectType') || 'service');
    draft.set('localIPs', [values.text('config.localDnsIp')]);
  }
  if (values.isOn('podmonitor.enabled')) setMonitor(draft, 'podMonitor', values.get<Tree>('podmonitor')!);
  const service = values.text('image.args.upstreamSvc');
  if (service !== 'kube-dns')
    draft.note(
      `image.args.upstreamSvc ${service}`,
      'is not asked any more: the chart makes kube-dns-upstream; check upstreamService.selector',
    );
  const found: Found = {
    source: 'values of lablabs/k8s-nodelocaldns',
    pod,
    container,
    podAnnotations: values.get('podAnnotations') ?? {},
    podLabels: values.get('podLabels') ?? {},
    updateStrategy: values.get('updateStrategy'),
    corefile: corefile(draft, values, hasCilium),
    clusterIPs: [],
    isScraped: values.text('metrics.prometheusScrape') === 'true',
  };
  values.remarkOnRest(draft, REASONS);
  return found;
}

function flags(values: PeerValues): string[] {
  const args = (name: string): string => values.text(`image.args.${name}`);
  return [
    `-localip=${values.text('config.localDnsIp')}`,
    ...['skipTeardown', 'setupInterface', 'setupIptables'].map(
      (name) => `-${name.toLowerCase()}=${values.isOn(`image.args.${name}`)}`,
    ),
    `-health-port=${args('healthPort')}`,
    `-interfacename=${args('interfaceName')}`,
    // A second is what that chart says where nobody chose; a minute is what ours says.
    ...(args('syncInterval') === '1ns' ? [] : [`-syncinterval=${args('syncInterval')}`]),
    ...(values.isOn('image.args.quiet') ? ['-quiet'] : []),
  ];
}

/** The Corefile of the zones; undefined for the chart's own, which are the default ones but for the cluster domain. */
function corefile(draft: Draft, values: PeerValues, hasCilium: boolean): string | undefined {
  const zones = values.get<Record<string, { plugins?: Zone }>>('config.zones');
  if (zones === undefined) {
    draft.note(
      'config.zones',
      'has no zone for the cluster domain in that chart, so names of the cluster went to the resolvers of the node; here they go to the cluster DNS',
    );
    return undefined;
  }
  const address = values.text('config.localDnsIp');
  const port = values.text('metrics.port');
  const blocks = Object.entries(zones).map(([key, zone]) => {
    const plugins = zone.plugins ?? {};
    const health = plugins.health as Tree | undefined;
    return indented([
      `${key} {`,
      ...['errors', 'reload', 'debug'].filter((name) => plugins[name]),
      ...cacheLines(draft, key, (plugins.cache ?? {}) as Tree),
      ...templateLines((plugins.template ?? {}) as Tree),
      ...hostsLines((plugins.hosts ?? {}) as Tree),
      ...logLines(plugins.log as Tree | undefined),
      'loop',
      `bind ${hasCilium ? '0.0.0.0' : address}`,
      ...forwardLines(draft, key, (plugins.forward ?? {}) as Tree),
      ...(plugins.prometheus ? [`prometheus :${port}`] : []),
      ...(health ? [hasCilium ? 'health' : `health ${address}:${health.port}`] : []),
      '}',
    ]);
  });
  return blocks.join('');
}

/** `name a b`, of what is given. */
function line(name: string, ...parameters: unknown[]): string {
  return [
    name,
    ...parameters.filter((parameter) => parameter !== undefined && parameter !== '' && parameter !== null),
  ].join(' ');
}

function cacheLines(draft: Draft, key: string, cache: Tree): string[] {
  const given = (name: string): Tree | undefined => {
    const tree = cache[name] as Tree | undefined;
    return tree && Object.keys(tree).length > 0 ? tree : undefined;
  };
  const [denial, success, prefetch] = ['denial', 'success', 'prefetch'].map(given);
  if (cache.serve_stale)
    draft.note(
      `serve_stale of ${key}`,
      'was never written into the Corefile by that chart; from now on it is in force',
    );
  return [
    line('cache', cache.parameters, '{'),
    ...(denial ? [line('denial', denial.size, denial.ttl)] : []),
    ...(success ? [line('success', success.size, success.ttl)] : []),
    ...(prefetch ? [line('prefetch', prefetch.amount, prefetch.duration, prefetch.percentage)] : []),
    ...(cache.serve_stale ? ['serve_stale'] : []),
    '}',
  ];
}

function templateLines(template: Tree): string[] {
  const names = ['match', 'answer', 'additional', 'authority', 'rcode', 'ederror', 'fallthrough'].filter(
    (name) => template[name],
  );
  if (names.length === 0 && !template.parameters) return [];
  return [line('template', template.parameters, '{'), ...names.map((name) => line(name, template[name])), '}'];
}

function hostsLines(hosts: Tree): string[] {
  const entries = (hosts.entries ?? []) as { ip: string; name: string }[];
  if (Object.keys(hosts).length === 0) return [];
  return [
    'hosts {',
    ...entries.map(({ ip, name }) => line(ip, name)),
    ...(hosts.ttl ? [line('ttl', hosts.ttl)] : []),
    ...(hosts.no_reverse ? ['no_reverse'] : []),
    ...(hosts.reload ? [line('reload', hosts.reload)] : []),
    ...(hosts.fallthrough ? ['fallthrough'] : []),
    '}',
  ];
}

function logLines(log: Tree | undefined): string[] {
  if (!log) return [];
  return [line('log', '.', log.format || 'combined', '{'), line('class', log.classes), '}'];
}

function forwardLines(draft: Draft, key: string, forward: Tree): string[] {
  if (forward.health_check)
    draft.note(`health_check of ${key}`, 'was written as expire by that chart; from now on it is health_check');
  const options = ['policy', 'max_fails', 'expire', 'health_check', 'except'].filter((name) => forward[name]);
  return [
    line('forward', '.', forward.parameters || '/etc/resolv.conf', '{'),
    ...['force_tcp', 'prefer_udp'].filter((name) => forward[name]),
    ...options.map((name) => line(name, forward[name])),
    '}',
  ];
}
