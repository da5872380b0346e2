/** Requests that follow what the caches really take. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { optional } from './helm/control';
import { type Installation, labels, SELECTOR } from './installation';
import { cacheName } from './node-pools';

/** The fields in use here. @source kubernetes/autoscaler, autoscaling.k8s.io/v1 */
interface VerticalPodAutoscaler {
  readonly apiVersion: 'autoscaling.k8s.io/v1';
  readonly kind: 'VerticalPodAutoscaler';
  readonly metadata: object;
  readonly spec: {
    readonly targetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
    readonly updatePolicy: { readonly updateMode: string };
    readonly resourcePolicy: {
      readonly containerPolicies: readonly {
        readonly containerName: string;
        readonly controlledValues: 'RequestsOnly' | 'RequestsAndLimits';
        readonly minAllowed?: Record<string, string>;
        readonly maxAllowed?: Record<string, string>;
      }[];
    };
  };
}

/** Of the cache's container alone, and of requests alone: limits are nobody's but the user's. */
export class CacheAutoscaler extends Construct {
  /** @param installation names, labels and `verticalPodAutoscaler` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { updateMode, minAllowed, maxAllowed } = installation.values.verticalPodAutoscaler;
    const autoscaler: VerticalPodAutoscaler = {
      apiVersion: 'autoscaling.k8s.io/v1',
      kind: 'VerticalPodAutoscaler',
      metadata: {
        name: cacheName(installation),
        namespace: installation.release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
      },
      spec: {
        targetRef: { apiVersion: 'apps/v1', kind: 'DaemonSet', name: cacheName(installation) },
        updatePolicy: { updateMode },
        resourcePolicy: {
          containerPolicies: [
            {
              containerName: 'node-cache',
              controlledValues: 'RequestsOnly',
              minAllowed: optional(minAllowed),
              maxAllowed: optional(maxAllowed),
            },
          ],
        },
      },
    };
    new ApiObject(this, 'Resource', autoscaler as never);
  }
}
