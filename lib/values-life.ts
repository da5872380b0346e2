/** The values of what surrounds the cache: who leads pods to it, what cleans up after it, what tries it out. */
import type { Toleration } from 'kubernetes-types/core/v1';
import type { KubernetesObject } from './extra-manifests';
import { flag, group, integer, list, map, text } from './helm/values';
import * as patterns from './patterns';

/**
 * Of one pod that has to run: catch-all ones let it onto a node that is down, where it never starts. The default has what
 * CoreDNS accepts, so that there is a node wherever there is a cluster DNS.
 * @source kubernetes/kubernetes cmd/kubeadm/app/phases/addons/dns; clusters before 1.24 call control planes masters
 */
function tolerations(pod: string) {
  const roles = ['control-plane', 'master'].map((role) => ({
    key: `node-role.kubernetes.io/${role}`,
    operator: 'Exists',
    effect: 'NoSchedule',
  }));
  return list<Toleration>(
    [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, ...roles],
    `Taints that ${pod} accepts, besides those that daemonSet.tolerations names by key; one node that takes it is enough. ` +
      '{operator: Exists} would let it onto a dead one.',
    { type: 'object' },
  );
}

/** Groups at the top of values.yaml. */
export const LIFE = {
  cilium: group('For mode cilium-lrp, with localRedirectPolicies enabled in Cilium 1.12 or later.', {
    localRedirectPolicy: group('The CiliumLocalRedirectPolicy that leads pods to the cache of their node.', {
      create: flag(true, 'Create it. False: you bring your own.'),
      matcher: text(
        'service',
        'service: what pods ask of clusterDNS.service. address: what they ask of the first of localIPs.',
        { enum: ['service', 'address'] },
      ),
      portNames: group(
        'Names of the ports in the policy and in the pod, as clusterDNS.service has them: Cilium goes by them. rke2-coredns ' +
          'has udp-53 and tcp-53; `kubectl --namespace kube-system get service NAME --output jsonpath={.spec.ports}` tells.',
        {
          udp: text('dns', 'Port 53 over UDP.', { pattern: patterns.PORT_NAME, maxLength: patterns.PORT_NAME_MAX }),
          tcp: text('dns-tcp', 'Port 53 over TCP.', { pattern: patterns.PORT_NAME, maxLength: patterns.PORT_NAME_MAX }),
        },
      ),
      skipRedirectFromBackend: flag(
        false,
        'Let the cache itself pass the redirection, for one that asks clusterDNS.service; Cilium 1.16 or later.',
      ),
    }),
  }),
  verticalPodAutoscaler: group(
    'A VerticalPodAutoscaler per DaemonSet, where the cluster has its controller. Those of nodePools find their pods by ' +
      'one and the same selector, so that the advice of each is made of the usage of all.',
    {
      enabled: flag(false, 'Make it.'),
      updateMode: text(
        'Initial',
        'Off: advice only. Initial: new pods get it. InPlaceOrRecreate: running ones too, without a restart where the ' +
          'cluster can. Recreate and Auto evict pods, which interrupts what they do not hand over.',
        { enum: ['Off', 'Initial', 'InPlaceOrRecreate', 'Recreate', 'Auto'] },
      ),
      minAllowed: map<Record<string, string>>({ cpu: '10m', memory: '48Mi' }, 'Least requests.', patterns.QUANTITIES),
      maxAllowed: map<Record<string, string>>({ memory: '1Gi' }, 'Largest requests.', patterns.QUANTITIES),
    },
  ),
  networkPolicy: group(
    'A NetworkPolicy per namespace that lets its pods ask the cache, for namespaces that deny what is not allowed: ' +
      'rules for the pods of kube-dns do not let through what never reaches them.',
    {
      enabled: flag(false, 'Make them.'),
      namespaces: list<string>(
        [],
        'The namespaces, that of the release not among them: its pods would reach nothing else. Addresses are localIPs ' +
          'and clusterDNS.ips, so name the ClusterIP there; mode auto wants that.',
        { type: 'string', pattern: patterns.LABEL_NAME },
        { maxItems: 1000, uniqueItems: true },
      ),
    },
  ),
  extraManifests: list<KubernetesObject>([], 'More objects, used as they are: braces are not template code.', {
    type: 'object',
    required: ['apiVersion', 'kind', 'metadata'],
    properties: { metadata: { type: 'object', required: ['name'] } },
  }),
  cleanupOnUninstall: group(
    'After helm uninstall (Argo CD: deletion of the Application), a DaemonSet runs `node-cache cleanup` on every node: ' +
      'a cache that ended cleans up after itself, one that was killed could not. Flavor nodelocaldns, modes auto, ' +
      'iptables and ipvs.',
    {
      enabled: flag(true, 'Do so.'),
      waitSeconds: integer(
        40,
        'How long nodes have for it before the DaemonSet goes, in seconds: more than terminationGracePeriodSeconds, ' +
          'after which a cache that hangs is killed. helm uninstall gives up after its --timeout, 300 by default.',
        { minimum: 5, maximum: 240 },
      ),
      tolerations: tolerations('the pod that Helm waits for'),
    },
  ),
  helmTest: group('helm test asks through the cache, by the names that a pod has: over UDP, over TCP, backwards.', {
    enabled: flag(true, 'Make the pod for it, on a node of no pool. Flavor nodelocaldns.'),
    tolerations: tolerations('the pod'),
    externalName: text('', 'A name outside of the cluster to ask for, too; empty for none.', {
      pattern: patterns.DOMAIN_OR_EMPTY,
      maxLength: patterns.NAME_MAX,
    }),
  }),
};
