/** The values of the DaemonSet and its pods (values.ts holds the others). */

import type { DaemonSetUpdateStrategy } from 'kubernetes-types/apps/v1';
import type {
  Affinity,
  Container,
  ContainerResizePolicy,
  EnvVar,
  HostAlias,
  Lifecycle,
  PodDNSConfig,
  PodSecurityContext,
  ResourceRequirements,
  SecurityContext,
  Toleration,
  Volume,
  VolumeMount,
} from 'kubernetes-types/core/v1';
import { flag, group, integer, list, map, text } from './helm/values';
import { ANNOTATIONS, LABELS, OWN_LABELS } from './patterns';

const NAMED = { type: 'object', required: ['name'], properties: { name: { type: 'string' } } };
const SECONDS = { minimum: 1, maximum: 3600 };

function probe(sentence: string, { periodSeconds = 10, timeoutSeconds = 5, failureThreshold = 3 } = {}) {
  return group(sentence, {
    enabled: flag(true, 'False: none, for a Corefile without the health directive.'),
    initialDelaySeconds: integer(0, 'Before the first.', { minimum: 0, maximum: 3600 }),
    periodSeconds: integer(periodSeconds, 'Between two.', SECONDS),
    timeoutSeconds: integer(timeoutSeconds, 'Before one counts as failed.', SECONDS),
    failureThreshold: integer(failureThreshold, 'Failures in a row that count.', { minimum: 1, maximum: 1000 }),
  });
}

/** Fargate and virtual-kubelet nodes look like nodes but run no DaemonSet pods: those would stay pending for ever. */
const REAL_NODES: Affinity = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate'] },
            { key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] },
          ],
        },
      ],
    },
  },
};

const MINIMAL: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const UPDATE_STRATEGY = {
  required: ['type'],
  additionalProperties: false,
  properties: {
    type: { enum: ['OnDelete', 'RollingUpdate'] },
    rollingUpdate: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxUnavailable: { type: ['integer', 'string'], pattern: '^[0-9]+%$', minimum: 0 },
        maxSurge: { type: ['integer', 'string'], pattern: '^[0-9]+%$', minimum: 0 },
      },
    },
  },
};

/** The DaemonSet's values, of Kubernetes' own types where the API server checks them. */
export const DAEMON_SET = group('The DaemonSet and its pods.', {
  updateStrategy: map<DaemonSetUpdateStrategy>(
    { type: 'OnDelete' },
    'OnDelete: a pod is replaced when you (or a new node) replace it, so that no upgrade interrupts DNS by ' +
      'surprise. Or {type: RollingUpdate, rollingUpdate: {maxUnavailable: 10%}}; with {maxSurge: 1, maxUnavailable: 0} ' +
      'two caches of flavor nodelocaldns overlap on a node, and no question is lost.',
    UPDATE_STRATEGY,
  ),
  annotations: map<Record<string, string>>({}, 'Annotations of the DaemonSet.', ANNOTATIONS),
  podAnnotations: map<Record<string, string>>({}, 'Annotations of the pods.', ANNOTATIONS),
  podLabels: map<Record<string, string>>({}, 'Labels of the pods.', OWN_LABELS),
  priorityClassName: text(
    'system-node-critical',
    'Priority class. The default is evicted last; it needs kube-system or a quota.',
  ),
  tolerations: list<Toleration>(
    [{ operator: 'Exists' }],
    'Taints the pods accept. Every node needs DNS: all of them.',
    {
      type: 'object',
    },
  ),
  nodeSelector: map<Record<string, string>>({ 'kubernetes.io/os': 'linux' }, 'Labels a node must have.', LABELS),
  affinity: map<Affinity>(REAL_NODES, 'Where pods may run. The default keeps off Fargate and virtual-kubelet nodes.'),
  terminationGracePeriodSeconds: integer(
    30,
    'Time to answer what is in flight and to remove link and rules, in seconds.',
    {
      minimum: 0,
      maximum: 3600,
    },
  ),
  resources: map<ResourceRequirements>(
    { requests: { cpu: '25m', memory: '64Mi' } },
    'Requests, and no limits: a cache killed for memory or throttled takes the DNS of its whole node with it.',
  ),
  podSecurityContext: map<PodSecurityContext>({}, 'Security context of the pod.'),
  securityContext: map<SecurityContext>(
    MINIMAL,
    'Security context of the cache. capabilities.add is filled in by what the mode needs: NET_BIND_SERVICE for port ' +
      '53, NET_ADMIN for link and rules, NET_RAW for iptables. Your own list takes its place.',
  ),
  startupProbe: probe('How long a start may take, in seconds; the others wait for it.', {
    periodSeconds: 2,
    timeoutSeconds: 2,
    failureThreshold: 60,
  }),
  livenessProbe: probe('When the kubelet restarts the cache, in seconds.', { failureThreshold: 5 }),
  readinessProbe: probe('When a pod counts as ready, in seconds.'),
  lifecycle: map<Lifecycle>({}, 'Hooks of the container, in the words of Kubernetes.'),
  resizePolicy: list<ContainerResizePolicy>(
    [],
    'What a change of resources in place does: [{resourceName: memory, restartPolicy: NotRequired}]. Kubernetes 1.33.',
    { type: 'object', required: ['resourceName', 'restartPolicy'] },
  ),
  hostAliases: list<HostAlias>([], 'Lines of /etc/hosts in the pods; the hosts of the Corefile are another thing.', {
    type: 'object',
    required: ['ip'],
  }),
  dnsConfig: map<PodDNSConfig>({}, 'Whom the cache asks besides the resolvers of its node, and how.'),
  minReadySeconds: integer(0, 'How long a pod must be ready to count, for RollingUpdate, in seconds.', {
    minimum: 0,
    maximum: 3600,
  }),
  revisionHistoryLimit: integer(10, 'Former templates kept for kubectl rollout undo.', { minimum: 0, maximum: 100 }),
  env: list<EnvVar>([], 'More environment variables of the cache.', NAMED),
  extraVolumes: list<Volume>([], 'More volumes of the pod.', NAMED),
  extraVolumeMounts: list<VolumeMount>([], 'Where the cache mounts them.', NAMED),
  initContainers: list<Container>([], 'Containers that run before the cache.', NAMED),
  extraContainers: list<Container>([], 'Containers beside the cache.', NAMED),
});
