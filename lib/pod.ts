/** What all pods of the chart share: where they may run, whence their image comes, and rights of those that need none. */
import type { PodSpec, SecurityContext, Toleration } from 'kubernetes-types/core/v1';
import { each, optional, when } from './helm/control';
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

/** For a process that only asks or waits: nobody, without rights. @source Kubernetes, Pod Security Standards, Restricted */
export const RESTRICTED: SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  runAsUser: 65534,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};
