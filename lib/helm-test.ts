/** `helm test`: a pod that asks as every pod does, and each question a container, so that one sees which failed. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Container, Pod } from 'kubernetes-types/core/v1';
import { itemsWhen, optional } from './helm/control';
import { first } from './helm/functions';
import { hookAnnotations } from './hooks';
import { type Installation, image, labels } from './installation';
import { isOnHostNetwork } from './mode';
import { affinity } from './node-pools';
import { placement, RESTRICTED, tolerationsOfOne } from './pod';
import type { Values } from './values';

/** Asks one question; fails when there are no records. */
function question(values: Values, name: string, ...words: readonly string[]): Container {
  return {
    name,
    image: image(values.image),
    imagePullPolicy: values.image.pullPolicy,
    args: ['query', ...words, '+found'],
    securityContext: RESTRICTED,
  };
}

function questions(values: Values): Container[] {
  const { clusterDomain, localIPs, helmTest } = values;
  const service = `kubernetes.default.svc.${clusterDomain}`;
  // Link-local addresses are asked by name, too: pods may not be led to them yet.
  const local = `@${first(localIPs)}`;
  return [
    question(values, 'service', service),
    question(values, 'tcp', service, '+tcp'),
    question(values, 'reverse', '$(KUBERNETES_SERVICE_HOST)'),
    ...itemsWhen(isOnHostNetwork(values), [question(values, 'local-address', service, local)]),
    ...itemsWhen(helmTest.externalName as never, [question(values, 'external', helmTest.externalName)]),
  ];
}

/** One pod on some node, with that node's way to the cache. */
export class CacheTest extends Construct {
  /** @param installation image, names, addresses, `clusterDomain` and `helmTest` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const { helmTest } = values;
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${values.fullnameOverride}-test`,
        namespace: release.namespace,
        labels: { ...labels(installation), 'k8s-app': 'node-local-dns-test' },
        annotations: hookAnnotations('test', 0), // It stays until the next, to be read: Helm's --logs wants one container.
      },
      spec: {
        restartPolicy: 'Never',
        ...placement(values, tolerationsOfOne(helmTest.tolerations, values)),
        affinity: optional(affinity(installation)), // Pools may have other addresses.
        containers: questions(values),
      },
    };
    new ApiObject(this, 'Resource', pod as never);
  }
}
