/** Values that cannot work together. Each message says what was asked, what is wanted, and the repair. */
import type { Construct } from 'constructs';
import { refuseCorefile } from './corefile/contradictions';
import { refuse, saidOf } from './helm/app';
import { differs, endsWith, fitsAt, isBelow, not, oneOf } from './helm/conditions';
import { both, either, equals, sharesKey } from './helm/functions';
import { includes } from './helm/lists';
import type { Installation } from './installation';
import { refuseMisfits } from './misfits';
import { hasBothFamilies, hasFallback, hasOwnFlags, isOnHostNetwork, keepsLink } from './mode';
import { cacheName, eachPool, ofPool, refusePools } from './node-pools';
import { needsCleanup } from './uninstall';
import type { Values } from './values';

/** The annotations that `metrics.scrapeAnnotations` writes. */
const SCRAPED = { 'prometheus.io/port': '', 'prometheus.io/scrape': '' };

/** Where the ClusterIP of kube-dns is to be seen. */
const CLUSTER_IPS = 'kubectl --namespace kube-system get service kube-dns --output jsonpath={.spec.clusterIPs}';

/** A list whose members must differ, by the names of the values. */
type Named<T> = Readonly<Record<string, T>>;

/**
 * Refuse them: at once where they are plain, by Helm's `fail` where they are expressions.
 * @param scope the construct whose values they are
 * @param installation its values, those of its pools included
 * @throws RangeError with the message of the first, and the pool whose values they are
 */
export function refuseContradictions(scope: Construct, installation: Installation): void {
  refuseMisfits(installation.values);
  refusePools(scope, installation.values);
  refuseNamespaces(scope, installation);
  eachPool(scope, 'checks', installation, (inner, one) => refuseOne(saidOf(inner, 'Default', ofPool(one)), one));
}

/** Namespaces whose pods are to be let out, and nowhere else than to the caches. */
function refuseNamespaces(scope: Construct, { values, release }: Installation): void {
  const { networkPolicy } = values;
  refuse(
    scope,
    'networkPolicy',
    both(networkPolicy.enabled, not(networkPolicy.namespaces)),
    'networkPolicy.enabled is true and networkPolicy.namespaces empty: name the namespaces whose pods are to be let out',
  );
  refuse(
    scope,
    'networkPolicy-release',
    both(networkPolicy.enabled, includes(networkPolicy.namespaces, release.namespace)),
    `networkPolicy.namespaces has ${release.namespace}, the namespace of the cluster DNS, whose pods would reach nothing ` +
      'but the cache: remove it there',
  );
}

/** Of the values for all nodes, or for those of a pool. */
function refuseOne(scope: Construct, one: Installation): void {
  const { values } = one;
  refuseCorefile(scope, values);
  refuseImage(scope, values);
  refuseAddresses(scope, values);
  refuseLease(scope, values);
  refuseEqualNames(scope, one);
  refuseEqualPorts(scope, values);
  refuseEqualPortNames(scope, values);
  refuseEqualKeys(scope, values);
  refuseSecurity(scope, values);
  refuseRollingUpdate(scope, values);
  refuseHiddenMetrics(scope, values);
  refuseShortCleanup(scope, values);
  refuseUnknownAddress(scope, values);
}

/** An image that is told flags it does not know ends on every node. */
function refuseImage(scope: Construct, { image }: Values): void {
  const isTheirs = endsWith(image.repository, 'dns/k8s-dns-node-cache');
  refuse(
    scope,
    'flavor-nodelocaldns',
    both(equals(image.flavor, 'nodelocaldns'), isTheirs),
    `image.repository is ${image.repository} and image.flavor nodelocaldns, whose flags it does not know: set ` +
      'image.flavor to k8s-dns-node-cache',
  );
  refuse(
    scope,
    'flavor-k8s-dns-node-cache',
    both(equals(image.flavor, 'k8s-dns-node-cache'), equals(image.repository, 'nodelocaldns/node-cache')),
    'image.flavor is k8s-dns-node-cache and image.repository nodelocaldns/node-cache, which is the other one: set ' +
      'image.registry to registry.k8s.io and image.repository to dns/k8s-dns-node-cache',
  );
}

function refuseAddresses(scope: Construct, values: Values): void {
  const { mode, clusterDNS, upstreamService } = values;
  refuse(
    scope,
    'mode-iptables',
    both(equals(mode, 'iptables'), not(clusterDNS.ips)),
    'mode is iptables and clusterDNS.ips is empty, so that no pod would reach the cache: set clusterDNS.ips to what ' +
      `\`${CLUSTER_IPS}\` prints, or mode to auto`,
  );
  refuse(
    scope,
    'mode-ipvs',
    both(equals(mode, 'ipvs'), clusterDNS.ips),
    'mode is ipvs and clusterDNS.ips is set, where kube-proxy answers before any socket of the node: empty ' +
      'clusterDNS.ips, and give the kubelets the first of localIPs as --cluster-dns',
  );
  refuse(
    scope,
    'families',
    both(both(not(hasOwnFlags(values)), differs(mode, 'cilium-lrp')), hasBothFamilies(values)),
    'localIPs and clusterDNS.ips are of both address families, and k8s-dns-node-cache takes one: remove the other ' +
      'family, or set image.flavor to nodelocaldns with its image',
  );
  // The cache would hold that address on each node, and ask itself.
  refuse(
    scope,
    'upstream',
    both(equals(upstreamService.name, clusterDNS.service), either(equals(mode, 'iptables'), equals(mode, 'auto'))),
    `upstreamService.name and clusterDNS.service are both ${upstreamService.name}, whose address the cache takes: ` +
      'upstreamService needs a name of its own, kube-dns-upstream for instance',
  );
  refuseFamilies(scope, values);
}

/** @source kubernetes/kubernetes pkg/registry/core/service/storage (initIPFamilyFields); no policy is SingleStack */
function refuseFamilies(scope: Construct, { upstreamService }: Values): void {
  const { create, ipFamilies, ipFamilyPolicy } = upstreamService;
  const isSingle = not(oneOf(ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack']));
  refuse(
    scope,
    'ipFamilies',
    both(create, both(isSingle, both(includes(ipFamilies, 'IPv4'), includes(ipFamilies, 'IPv6')))),
    'upstreamService.ipFamilies has both families and ipFamilyPolicy allows one (left empty, it is SingleStack), which ' +
      'Kubernetes refuses: set ipFamilyPolicy to PreferDualStack, or leave one family',
  );
}

/** @source image/node/lease-times.ts, which refuses the same */
function refuseLease(scope: Construct, values: Values): void {
  const { leaseExpireMs, leaseRenewMs } = values.nodeCache;
  refuse(
    scope,
    'lease',
    both(both(hasOwnFlags(values), keepsLink(values)), isBelow(leaseExpireMs, leaseRenewMs, 3)),
    `nodeCache.leaseExpireMs is ${leaseExpireMs} and leaseRenewMs ${leaseRenewMs}: a lease must outlive three ` +
      'questions, so that a single lost one does not end it; raise the first or lower the second',
  );
}

function refuseEqualNames(scope: Construct, one: Installation): void {
  const { values } = one;
  const { upstreamService, fallbackService, fullnameOverride, clusterDNS, importConfigMap, kubeDNSConfigMap } = values;
  const names = { 'upstreamService.name': upstreamService.name, fullnameOverride };
  refuseEqual(
    scope,
    names,
    (name, other, value) => `${name} and ${other} are both ${value}: they name two Services, rename one`,
  );
  for (const [name, value] of Object.entries(names)) {
    const message = `fallbackService.name and ${name} are both ${value}: they name two Services, rename one`;
    const isClash = both(hasFallback(values), equals(fallbackService.name, value));
    refuse(scope, `fallback-${name}`, isClash, message);
  }
  refuse(
    scope,
    'fullnameOverride-clusterDNS.service',
    equals(clusterDNS.service, fullnameOverride),
    `fullnameOverride and clusterDNS.service are both ${fullnameOverride}, and the Service of the metrics would replace that ` +
      'of the cluster DNS: set fullnameOverride to another name',
  );
  for (const [name, value] of Object.entries({ 'kubeDNSConfigMap.name': kubeDNSConfigMap.name, importConfigMap })) {
    refuse(
      scope,
      name,
      equals(value, cacheName(one)),
      `${name} is ${value}, as the ConfigMap is called that the chart itself writes here: rename yours, or what the chart ` +
        'calls it by (fullnameOverride, the name of the pool)',
    );
  }
}

function refuseEqualPorts(scope: Construct, { ports }: Values): void {
  refuseEqual(
    scope,
    Object.fromEntries(Object.entries(ports).map(([name, port]) => [`ports.${name}`, port])),
    (name, other, port) =>
      `${name} and ${other} are both ${port}: each is a listener of its own on the node, set one to another free port`,
  );
}

/** @source Kubernetes, which refuses a pod and a Service with one name for two ports */
function refuseEqualPortNames(scope: Construct, { cilium }: Values): void {
  const { udp, tcp } = cilium.localRedirectPolicy.portNames;
  refuse(
    scope,
    'portNames',
    equals(udp, tcp),
    `cilium.localRedirectPolicy.portNames.udp and tcp are both ${udp}, and a pod has each name once: give them the names ` +
      'that the ports of clusterDNS.service have',
  );
}

/** @param say the message, of two names and what they both are */
function refuseEqual<T extends string | number>(
  scope: Construct,
  members: Named<T>,
  say: (name: string, other: string, value: T) => string,
): void {
  const entries = Object.entries(members);
  for (const [index, [name, value]] of entries.entries()) {
    for (const [other, otherValue] of entries.slice(index + 1)) {
      refuse(scope, `${name}-${other}`, equals(value, otherValue), say(name, other, value));
    }
  }
}

/** Maps that are written into one another: a key twice is YAML that some tools refuse and others read differently. */
function refuseEqualKeys(scope: Construct, values: Values): void {
  const { commonLabels, daemonSet, metrics } = values;
  refuse(
    scope,
    'daemonSet.podLabels',
    sharesKey(commonLabels, daemonSet.podLabels),
    'daemonSet.podLabels and commonLabels set the same label, which every object has already: remove it from one',
  );
  refuse(
    scope,
    'annotations',
    both(metrics.scrapeAnnotations, sharesKey(daemonSet.podAnnotations, SCRAPED)),
    `daemonSet.podAnnotations has ${Object.keys(SCRAPED).join(' or ')}, which metrics.scrapeAnnotations ` +
      `writes: set that to false to write your own`,
  );
}

/** @source kubernetes/kubernetes pkg/apis/core/validation (ValidateSecurityContext), which knows SYS_ADMIN by this name */
function refuseSecurity(scope: Construct, { daemonSet }: Values): void {
  const { securityContext } = daemonSet;
  const rights = {
    'privileged: true': fitsAt(securityContext, ['privileged'], '^true$'),
    'capabilities.add CAP_SYS_ADMIN': fitsAt(securityContext, ['capabilities', 'add'], '"CAP_SYS_ADMIN"'),
  };
  for (const [right, isGiven] of Object.entries(rights)) {
    refuse(
      scope,
      right,
      both(isGiven, fitsAt(securityContext, ['allowPrivilegeEscalation'], '^false$')),
      `daemonSet.securityContext has ${right} beside allowPrivilegeEscalation: false, the default, and Kubernetes refuses ` +
        'pods with both: set allowPrivilegeEscalation to true, or leave that right out',
    );
  }
}

/** @source kubernetes/kubernetes pkg/apis/apps/validation (ValidateRollingUpdateDaemonSet); what is not said is 1 and 0 */
function refuseRollingUpdate(scope: Construct, { daemonSet }: Values): void {
  const { updateStrategy } = daemonSet;
  const field = (name: string, pattern: string): boolean => fitsAt(updateStrategy, ['rollingUpdate', name], pattern);
  const isRolling = fitsAt(updateStrategy, ['type'], '^"RollingUpdate"$');
  refuse(
    scope,
    'maxSurge',
    both(isRolling, both(field('maxSurge', '[1-9]'), field('maxUnavailable', '^(""|null)$|[1-9]'))),
    'daemonSet.updateStrategy.rollingUpdate has maxSurge, and maxUnavailable is not 0 (left out, it is 1): Kubernetes takes ' +
      'one of them; set maxUnavailable to 0',
  );
  refuse(
    scope,
    'maxUnavailable',
    both(isRolling, both(not(field('maxSurge', '[1-9]')), field('maxUnavailable', '^"?0+%?"?$'))),
    'daemonSet.updateStrategy.rollingUpdate has maxUnavailable 0 and no maxSurge, so that no pod could be replaced: set ' +
      'maxSurge to 1, or maxUnavailable to 1 or more',
  );
}

/** An address that every node has of its own is no way from Prometheus to another node. */
function refuseHiddenMetrics(scope: Construct, values: Values): void {
  const { metrics, serviceMonitor, podMonitor, nodeCache } = values;
  const isHidden = both(isOnHostNetwork(values), equals(nodeCache.bindMetricsTo, 'local'));
  const scrapers = {
    'metrics.scrapeAnnotations (true by default)': metrics.scrapeAnnotations,
    'serviceMonitor.enabled': serviceMonitor.enabled,
    'podMonitor.enabled': podMonitor.enabled,
  };
  for (const [name, isOn] of Object.entries(scrapers)) {
    refuse(
      scope,
      `local-${name}`,
      both(isHidden, isOn),
      `nodeCache.bindMetricsTo is local, where nobody but the node itself sees the metrics, and ${name} sends Prometheus ` +
        'to them: set that to false and scrape from each node, or bindMetricsTo to hostIP',
    );
  }
}

/** A cache that hangs is killed after its grace period, and only then is there something to clean. */
function refuseShortCleanup(scope: Construct, values: Values): void {
  const { terminationGracePeriodSeconds } = values.daemonSet;
  const { waitSeconds } = values.cleanupOnUninstall;
  refuse(
    scope,
    'waitSeconds',
    both(needsCleanup(values), not(isBelow(terminationGracePeriodSeconds, waitSeconds))),
    `cleanupOnUninstall.waitSeconds is ${waitSeconds} and daemonSet.terminationGracePeriodSeconds ` +
      `${terminationGracePeriodSeconds}: nodes would have no time after a cache that hangs is killed; raise the first by ` +
      'ten above the second (240 is most), or lower the second',
  );
}

/** The ClusterIP that only the kubelet knows cannot stand in a NetworkPolicy. */
function refuseUnknownAddress(scope: Construct, values: Values): void {
  const { mode, clusterDNS, networkPolicy } = values;
  const isAsked = both(both(equals(mode, 'auto'), hasOwnFlags(values)), not(clusterDNS.ips));
  refuse(
    scope,
    'networkPolicy-address',
    both(networkPolicy.enabled, isAsked),
    'networkPolicy.enabled is true and clusterDNS.ips empty in mode auto, so that the policies would let pods out to ' +
      `localIPs only, and not to the ClusterIP that they ask: set clusterDNS.ips to what \`${CLUSTER_IPS}\` prints`,
  );
}
