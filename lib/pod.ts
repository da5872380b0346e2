/** What all pods of the chart share: where they may run, whence their image comes, and rights of those that need none. */
import type { PodSpec, SecurityContext, Toleration } from 'kubernetes-types/core/v1';
import { each, optional, when } from './helm/control';
import { isExpression, operand, standIn } from './helm/token';
import type { Values } from './values';

/**
 * The nodes of the cache, and the credentials for its image. No token: none of them asks the API.
 * @param tolerations taints that the pod accepts; those of the caches are for pods that belong on dead nodes, too
 */
export function placement(
  { image, daemonSet }: Values,
  tolerations: Toleration[] = daemonSet.tolerations,
): Omit<PodSpec, 'containers'> {
  return {
    automountServiceAccountToken: false,
    nodeSelector: optional(daemonSet.nodeSelector),
    affinity: optional(daemonSet.affinity),
    tolerations: optional(tolerations),
    imagePullSecrets: when(
      image.pullSecrets,
      each(image.pullSecrets, (name) => ({ name })),
    ),
  };
}

/**
 * Taints that one pod accepts which has to run: its own, and those that the values name for the caches. Not all of the
 * caches' own: they belong on nodes that are down, where that pod would never start.
 * @param own of the values for that pod
 */
export function tolerationsOfOne(own: Toleration[], { daemonSet }: Values): Toleration[] {
  const caches = daemonSet.tolerations;
  if (isExpression(caches)) {
    const parameters = `(dict "own" ${operand(own)} "caches" ${operand(caches)})`;
    return standIn(`include "nodelocaldns.tolerationsOfOne" ${parameters} | fromYamlArray`, 'tree');
  }
  return [...own, ...caches.filter(({ key }) => key && !String(key).startsWith(NODE_CONDITION))];
}

/** Keys of the taints that Kubernetes itself gives to a node that is not well. @source Kubernetes, Taints and Tolerations */
const NODE_CONDITION = 'node.kubernetes.io/';

/** The function above as a named template. */
export const POD_HELPERS = `
{{/* Taints that one pod accepts: its own, and those that the values name for the caches. */}}
{{- define "nodelocaldns.tolerationsOfOne" -}}
{{- $all := .own }}
{{- range .caches }}
{{- if and .key (not (hasPrefix "${NODE_CONDITION}" (toString .key))) }}
{{- $all = append $all . }}
{{- end }}
{{- end }}
{{- toYaml $all }}
{{- end }}
`;

/** For a process that only asks or waits: nobody, without rights. @source Kubernetes, Pod Security Standards, Restricted */
export const RESTRICTED: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65534,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
