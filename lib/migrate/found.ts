/** A cache as it runs somewhere, whoever installed it: the common ground of manifests and values of other charts. */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';

/** What is known of it. Objects are of Kubernetes' own types, as in the API server or in a file. */
export interface Found {
  /** What was read, for the head of the values: `DaemonSet kube-system/node-local-dns`. */
  readonly source: string;
  /** Its pod; the container of the cache is {@link container}. */
  readonly pod: PodSpec;
  readonly container: Container;
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly updateStrategy?: object;
  /** Text of its Corefile; undefined when it was not in what was read. */
  readonly corefile?: string;
  /** ClusterIPs of kube-dns, where they were to be seen. */
  readonly clusterIPs: readonly string[];
  /** Labels of the cluster DNS pods and their port, where the upstream Service was to be seen. */
  readonly upstream?: { readonly selector: Readonly<Record<string, string>>; readonly targetPort: number };
  /** Name of the ConfigMap with stubDomains; undefined: none is read. */
  readonly kubeDnsConfigMap?: string;
  /** Whether annotations let a Prometheus find it. */
  readonly isScraped: boolean;
}
