/** Values of Kube10K/node-local-dns. @source Kube10K/helm-charts charts/node-local-dns at b69c0a23 */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import type { Draft } from './draft';
import type { Found } from './found';
import { OWN_REGISTRY, PeerValues, type Tree } from './peer-values';

const DEFAULTS: Tree = {
  healthPort: 9252,
  metricsPort: 9253,
  serviceIP: '169.254.20.11',
  coreDnsIP: '172.0.20.10',
  ipvsMode: true,
  updateStrategy: { rollingUpdate: { maxUnavailable: '10%' } },
  priorityClassName: 'system-node-critical',
  resources: { requests: { cpu: '30m', memory: '50Mi' } },
  kubeDnsNamespace: 'kube-system',
};

const REASONS = {
  'image.tag': '', // Of the other image.
  serviceAccount: '', // It has no rights there either; no token here.
};

/** What an installation with these values runs, and remarks on the rest. Its Corefile is the one of the manifest. */
export function foundInKube10k(draft: Draft, given: Tree): Found {
  const values = new PeerValues(DEFAULTS, given);
  const [local, cluster] = [values.text('serviceIP'), values.text('coreDnsIP')];
  const isIpvs = values.isOn('ipvsMode');
  const container: Container = {
    name: 'node-cache',
    args: [`-localip=${isIpvs ? local : `${local},${cluster}`}`],
    resources: values.get('resources'),
    imagePullPolicy: values.get('image.pullPolicy'),
  };
  const pod: PodSpec = {
    containers: [container],
    hostNetwork: true,
    priorityClassName: values.text('priorityClassName'),
    tolerations: values.get('tolerations') ?? [{ operator: 'Exists' }],
    nodeSelector: values.get('nodeSelector'),
    securityContext: values.get('podSecurityContext'),
  };
  const namespace = values.text('kubeDnsNamespace');
  if (namespace !== 'kube-system')
    draft.note(
      `kubeDnsNamespace ${namespace}`,
      `install with --namespace ${namespace}, where the cluster DNS pods must be`,
    );
  draft.set('ports.health', values.get<number>('healthPort'));
  draft.set('ports.metrics', values.get<number>('metricsPort'));
  const repository = values.text('image.repository');
  if (repository !== '' && !repository.startsWith('registry.k8s.io/'))
    draft.note(`image.repository ${repository}`, OWN_REGISTRY);
  const found: Found = {
    source: 'values of Kube10K/node-local-dns',
    pod,
    container,
    podAnnotations: values.get('podAnnotations') ?? {},
    podLabels: {},
    updateStrategy: values.get('updateStrategy'),
    clusterIPs: isIpvs ? [] : [cluster],
    kubeDnsConfigMap: 'kube-dns',
    isScraped: true,
  };
  values.remarkOnRest(draft, REASONS);
  return found;
}
