/** The container of the cache: flags, probes, environment and mounts, each with its reason. */
import type { Container, ContainerPort, EnvVar, Probe, VolumeMount } from 'kubernetes-types/core/v1';
import { IMPORT_FOLDER } from './corefile';
import { differs } from './helm/conditions';
import { each, elements, itemsWhen, optional, when } from './helm/control';
import { both, either, equals, first } from './helm/functions';
import { type Installation, image } from './installation';
import {
  bindsHostIP,
  HOST_IP,
  hasFallback,
  hasOwnFlags,
  isOnHostNetwork,
  keepsLink,
  localAddresses,
  POD_IPS,
  securityContext,
} from './mode';
import type { Values } from './values';

/** Folder of the Corefile's template; the cache watches it. */
const TEMPLATE_FOLDER = '/etc/coredns';
/** Folder of stubDomains and upstreamNameservers; k8s-dns-node-cache looks nowhere else. */
const KUBE_DNS_FOLDER = '/etc/kube-dns';
/** The one writable place: Corefile, process id, and the socket that `node-cache status` looks for here. */
const RUN_FOLDER = '/tmp';
/** iptables programs of the whole node take turns by a lock on this file. */
export const XTABLES_LOCK = '/run/xtables.lock';

/**
 * Flags of the cache. Those of k8s-dns-node-cache 1.26 come first; an image of that flavor is told no others.
 * @returns the list as the kubelet gets it, which fills in `$(NAME)`
 */
export function cacheArguments({ values, release }: Installation): string[] {
  const { upstreamService, fallbackService, nodeCache, ports, clusterDomain } = values;
  const isKept = keepsLink(values);
  return [
    `-localip=${localAddresses(values)}`,
    `-conf=${RUN_FOLDER}/Corefile`,
    `-basecorefile=${TEMPLATE_FOLDER}/Corefile.base`,
    `-upstreamsvc=${upstreamService.name}`,
    // Without a pid file to wait for, k8s-dns-node-cache writes its rules a whole sync interval after its start.
    `-pidfile=${RUN_FOLDER}/node-cache.pid`,
    `-interfacename=${nodeCache.interfaceName}`,
    // A Go duration that is multiplied by a second: 60ns is a minute, 60s is 148 years.
    `-syncinterval=${nodeCache.syncIntervalSeconds}ns`,
    `-health-port=${ports.health}`,
    // Opened before the link exists, so that it cannot be one of localIPs.
    `-metrics-listen-address=127.0.0.1:${ports.nodeCacheMetrics}`,
    `-setupinterface=${both(isKept, nodeCache.setupInterface)}`,
    `-setupiptables=${both(isKept, nodeCache.setupIptables)}`,
    `-skipteardown=${nodeCache.skipTeardown}`,
    ...itemsWhen(both(hasOwnFlags(values), isKept), [
      `-firewall=${nodeCache.firewall}`,
      `-leaserenew=${nodeCache.leaseRenewMs}ms`,
      `-leaseexpire=${nodeCache.leaseExpireMs}ms`,
    ]),
    ...itemsWhen(hasFallback(values), [
      `-fallbacksvc=${fallbackService.name}.${release.namespace}.svc.${clusterDomain}`,
    ]),
    ...each(nodeCache.extraArgs, (argument) => argument),
  ];
}

/**
 * The kubelet asks from the node itself, where 127.0.0.1 is not the cache: `host` names the cache's own address. In a
 * network of its own the pod is asked at its address, as any other.
 */
function probe(values: Values, { enabled, ...timing }: Values['daemonSet']['livenessProbe']): Probe {
  const host = when(isOnHostNetwork(values), first(values.localIPs));
  return when(enabled, { httpGet: { path: '/health', port: values.ports.health, host }, ...timing });
}

function environment(values: Values): EnvVar[] {
  const { env } = values.daemonSet;
  const isOnPodNetwork = equals(values.mode, 'cilium-lrp');
  const isNode = bindsHostIP(values);
  // Both families of the pod's addresses are for an image that takes both.
  const fieldPath = when(hasOwnFlags(values), 'status.podIPs', 'status.podIP');
  return when(either(either(isOnPodNetwork, isNode), env), [
    ...itemsWhen(isOnPodNetwork, [{ name: POD_IPS, valueFrom: { fieldRef: { fieldPath } } }]),
    ...itemsWhen(isNode, [{ name: HOST_IP, valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } }]),
    ...elements(env),
  ]);
}

function mounts(values: Values): VolumeMount[] {
  return [
    { name: 'corefile', mountPath: TEMPLATE_FOLDER, readOnly: true },
    { name: 'kube-dns', mountPath: KUBE_DNS_FOLDER, readOnly: true },
    ...itemsWhen(differs(values.importConfigMap, ''), [{ name: 'import', mountPath: IMPORT_FOLDER, readOnly: true }]),
    { name: 'run', mountPath: RUN_FOLDER },
    ...itemsWhen(keepsLink(values), [{ name: 'xtables-lock', mountPath: XTABLES_LOCK }]),
    ...elements(values.daemonSet.extraVolumeMounts),
  ];
}

/**
 * Where Cilium leads pods: since 1.18 it knows a backend by the ports of its containers alone, before by their names. On
 * the host network there are none: each would count as taken, and a second pod could not come up beside the first.
 */
function ports({ mode, cilium }: Values): ContainerPort[] {
  const { udp, tcp } = cilium.localRedirectPolicy.portNames;
  return when(equals(mode, 'cilium-lrp'), [
    { name: udp, containerPort: 53, protocol: 'UDP' },
    { name: tcp, containerPort: 53, protocol: 'TCP' },
  ]);
}

/** @param installation values, and the namespace in which Services are looked up */
export function cacheContainer(installation: Installation): Container {
  const { values } = installation;
  const { daemonSet } = values;
  return {
    name: 'node-cache',
    image: image(values.image),
    imagePullPolicy: values.image.pullPolicy,
    args: cacheArguments(installation),
    env: environment(values),
    ports: ports(values),
    startupProbe: probe(values, daemonSet.startupProbe),
    livenessProbe: probe(values, daemonSet.livenessProbe),
    readinessProbe: probe(values, daemonSet.readinessProbe),
    lifecycle: optional(daemonSet.lifecycle),
    resources: optional(daemonSet.resources),
    resizePolicy: optional(daemonSet.resizePolicy),
    securityContext: securityContext(values),
    volumeMounts: mounts(values),
  };
}
