/**
 * What is left to do when the caches are gone: links and rules of those that were killed. Two hooks after the deletion,
 *
 *   DaemonSets, weight 0  `node-cache cleanup` on each node, one for each pool; waits for a cache that still stops, then stays
 *   Job, weight 1         gives the nodes their time
 *
 * and Helm removes them when the last is done: hooks that succeeded go when all of a moment have run.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Job } from 'kubernetes-types/batch/v1';
import { XTABLES_LOCK } from './container';
import { optional } from './helm/control';
import { both } from './helm/functions';
import { hookAnnotations } from './hooks';
import { type Installation, image, labels, stableLabels } from './installation';
import { hasOwnFlags, keepsLink, securityContext } from './mode';
import { affinity, cacheName } from './node-pools';
import { placement, RESTRICTED, tolerationsOfOne } from './pod';
import type { Values } from './values';

/** Not the label of the caches: their Service would count these pods in. */
const CLEANUP = { 'k8s-app': 'node-local-dns-cleanup' } as const;
/** A cache that is stopping has its grace period; longer than any. */
const WAIT = '1h';
/** A Job that finds no node ends before Helm gives up (300 s by default), and so says why. */
export const DEADLINE_SECONDS = 290;

/** Whether anything can be left behind, and the image knows how to remove it. */
export function needsCleanup(values: Values): boolean {
  return both(values.cleanupOnUninstall.enabled, both(hasOwnFlags(values), keepsLink(values)));
}

function metadata(installation: Installation, name: string, weight: number): object {
  return {
    name,
    namespace: installation.release.namespace,
    labels: { ...labels(installation), ...CLEANUP },
    annotations: hookAnnotations('post-delete', weight, ',hook-succeeded'),
  };
}

/** Cleans every node of a pool, or of none. */
export class CleanupDaemonSet extends Construct {
  /** @param installation image, names and where pods may run are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values } = installation;
    const daemonSet: DaemonSet = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: metadata(installation, `${cacheName(installation)}-cleanup`, 0),
      spec: {
        selector: { matchLabels: CLEANUP },
        // Argo CD takes it for healthy at once, and does not wait for a node that is down.
        updateStrategy: { type: 'OnDelete' },
        template: {
          metadata: { labels: { ...stableLabels(installation), ...CLEANUP } },
          spec: {
            // A taint that came later than the cache keeps nobody from cleaning up after it.
            ...placement(values, [{ operator: 'Exists' }]),
            affinity: optional(affinity(installation)),
            // No account: it is gone by then.
            priorityClassName: optional(values.daemonSet.priorityClassName),
            hostNetwork: true,
            dnsPolicy: 'Default',
            terminationGracePeriodSeconds: 5,
            containers: [
              {
                name: 'cleanup',
                image: image(values.image),
                imagePullPolicy: values.image.pullPolicy,
                args: ['cleanup', `-interfacename=${values.nodeCache.interfaceName}`, `-wait=${WAIT}`, '-stay'],
                securityContext: securityContext(values),
                volumeMounts: [{ name: 'xtables-lock', mountPath: XTABLES_LOCK }],
              },
            ],
            volumes: [{ name: 'xtables-lock', hostPath: { path: XTABLES_LOCK, type: 'FileOrCreate' } }],
          },
        },
      },
    };
    new ApiObject(this, 'Resource', daemonSet as never);
  }
}

/** Keeps Helm waiting while the nodes are cleaned. */
export class CleanupJob extends Construct {
  /** @param installation image, names and `cleanupOnUninstall.waitSeconds` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values } = installation;
    const { cleanupOnUninstall } = values;
    const wait = `setTimeout(() => {}, ${cleanupOnUninstall.waitSeconds} * 1000)`;
    const job: Job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: metadata(installation, `${values.fullnameOverride}-cleanup-wait`, 1),
      spec: {
        backoffLimit: 2,
        activeDeadlineSeconds: DEADLINE_SECONDS,
        template: {
          metadata: { labels: { ...stableLabels(installation), 'k8s-app': 'node-local-dns-cleanup-wait' } },
          spec: {
            // Any node that takes a cache will do: those of a pool may all be gone.
            ...placement(values, tolerationsOfOne(cleanupOnUninstall.tolerations, values)),
            restartPolicy: 'Never',
            containers: [
              {
                name: 'wait',
                image: image(values.image),
                imagePullPolicy: values.image.pullPolicy,
                command: ['/usr/bin/node', '-e', wait], // There is no shell in the image.
                securityContext: RESTRICTED,
              },
            ],
          },
        },
      },
    };
    new ApiObject(this, 'Resource', job as never);
  }
}
