/** What stands in a DaemonSet beside the command line. */
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { Draft } from '../../../lib/migrate/draft';
import type { Found } from '../../../lib/migrate/found';
import { carryPod } from '../../../lib/migrate/pod';

/** A cache of which nothing is known, and what is added to that. */
function found(own: Partial<Container>, pod: Partial<PodSpec> = {}, more: Partial<Found> = {}): Found {
  const container: Container = { name: 'node-cache', ...own };
  return {
    source: 'a test',
    container,
    pod: { containers: [container], tolerations: [{ operator: 'Exists' }], ...pod },
    podAnnotations: {},
    podLabels: {},
    clusterIPs: [],
    isScraped: true,
    ...more,
  };
}

function carried(what: Found): Draft {
  const draft = new Draft();
  carryPod(draft, what);
  return draft;
}

describe('carryPod', () => {
  test.each<[string, Found, object]>([
    ['nothing', found({}), {}],
    ['a class', found({}, { priorityClassName: 'dns' }), { daemonSet: { priorityClassName: 'dns' } }],
    [
      'labels of nodes',
      found({}, { nodeSelector: { 'kubernetes.io/os': 'linux', dns: 'on' } }),
      { daemonSet: { nodeSelector: { dns: 'on' } } },
    ],
    [
      'a few tolerations',
      found({}, { tolerations: [{ key: 'gpu', operator: 'Exists' }] }),
      { daemonSet: { tolerations: [{ key: 'gpu', operator: 'Exists' }] } },
    ],
    [
      'those of the manifest, which are all',
      found(
        {},
        {
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            { effect: 'NoExecute', operator: 'Exists' },
            { effect: 'NoSchedule', operator: 'Exists' },
          ],
        },
      ),
      {},
    ],
    [
      'annotations',
      found({}, {}, { podAnnotations: { 'checksum/config': 'abc', 'a.test/b': 'c' } }),
      { daemonSet: { podAnnotations: { 'a.test/b': 'c' } } },
    ],
    ['pull secrets', found({}, { imagePullSecrets: [{ name: 'registry' }] }), { image: { pullSecrets: ['registry'] } }],
    ['no scrape annotations', found({}, {}, { isScraped: false }), { metrics: { scrapeAnnotations: false } }],
    [
      'a container beside it',
      found({}, { containers: [{ name: 'other' }] }),
      { daemonSet: { extraContainers: [{ name: 'other' }] } },
    ],
    [
      'a slow probe',
      found({ livenessProbe: { periodSeconds: 30 } }),
      { daemonSet: { livenessProbe: { periodSeconds: 30 } } },
    ],
    [
      'requests',
      found({ resources: { requests: { cpu: '1', memory: '1Gi' } } }),
      { daemonSet: { resources: { requests: { cpu: '1', memory: '1Gi' } } } },
    ],
    ['memory for a Go program', found({ resources: { requests: { memory: '20Mi' } } }), {}],
    [
      'SELinux',
      found({ securityContext: { seLinuxOptions: { type: 'spc_t' } } }),
      { daemonSet: { securityContext: { seLinuxOptions: { type: 'spc_t' } } } },
    ],
    [
      'a hook',
      found({ lifecycle: { preStop: { sleep: { seconds: 1 } } } as never }),
      { daemonSet: { lifecycle: { preStop: { sleep: { seconds: 1 } } } } },
    ],
    [
      'a way to grow',
      found({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] } as never),
      { daemonSet: { resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }] } },
    ],
    [
      'resolvers',
      found({}, { dnsConfig: { nameservers: ['192.0.2.53'] } }),
      { daemonSet: { dnsConfig: { nameservers: ['192.0.2.53'] } } },
    ],
    [
      'names',
      found({}, { hostAliases: [{ ip: '192.0.2.1', hostnames: ['a.test'] }] }),
      { daemonSet: { hostAliases: [{ ip: '192.0.2.1', hostnames: ['a.test'] }] } },
    ],
    ['variables', found({ env: [{ name: 'A', value: 'b' }] }), { daemonSet: { env: [{ name: 'A', value: 'b' }] } }],
  ])('%s', (_, what, values) => {
    const { values: result, notes } = carried(what);
    expect(result).toEqual(values);
    expect(notes).toEqual([]);
  });

  test.each<[Found, RegExp]>([
    [found({ resources: { limits: { memory: '30Mi' } } }), /^limit of 30Mi memory: is not carried over/],
    [found({ securityContext: { privileged: true } }), /^privileged/],
    [found({ envFrom: [] }), /^envFrom/],
    [found({}, { dnsPolicy: 'ClusterFirst' }), /the cache would ask itself/],
  ])('what is left says why (%#)', (what, remark) => {
    expect(carried(what).notes).toEqual([expect.stringMatching(remark)]);
  });
});
