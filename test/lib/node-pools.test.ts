import type { Affinity, NodeSelectorTerm, PodSpec } from 'kubernetes-types/core/v1';
import { merge } from '../../lib/helm/values';
import { affinity, cacheName } from '../../lib/node-pools';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import type { NodePool } from '../../lib/values-node-pools';
import { direct, find, type Manifest } from '../support/helm';

const GPU: NodePool = { name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu', 'big'] } };
const EDGE: NodePool = { name: 'edge', nodeLabel: { key: 'zone.example/edge', values: ['yes'] } };
const release = { name: 'cache', namespace: 'kube-system', service: 'Helm' };

const terms = (values: UserValues, pool?: NodePool, before?: readonly NodePool[]): NodeSelectorTerm[] | undefined => {
  const given = affinity({ values: merge<Values>(DEFAULTS, values), release, pool, before }) as Affinity;
  return given.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
};
const daemonSet = (objects: readonly Manifest[], name?: string): PodSpec =>
  (find(objects, 'DaemonSet', name) as unknown as { spec: { template: { spec: PodSpec } } }).spec.template.spec;

/** Whether a node with these labels is one of a DaemonSet's. @source Kubernetes, NodeSelectorTerm */
function admits(pod: PodSpec, labels: Record<string, string>): boolean {
  const alternatives = pod.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return (alternatives ?? []).some((term) =>
    (term.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const isIn = key in labels && values.includes(labels[key]);
      return operator === 'In' ? isIn : !isIn;
    }),
  );
}

describe('every node has one cache', () => {
  const objects = direct({ nodePools: [GPU, EDGE] });
  const names = ['node-local-dns', 'node-local-dns-gpu', 'node-local-dns-edge'];

  test.each<[string, Record<string, string>, string[]]>([
    ['one of no pool', {}, ['node-local-dns']],
    ['one with another value of the label', { pool: 'small' }, ['node-local-dns']],
    ['one of the first pool', { pool: 'gpu' }, ['node-local-dns-gpu']],
    ['one of the first pool by its second value', { pool: 'big' }, ['node-local-dns-gpu']],
    ['one of the second pool', { 'zone.example/edge': 'yes' }, ['node-local-dns-edge']],
    ['one of both, which belongs to the first', { pool: 'gpu', 'zone.example/edge': 'yes' }, ['node-local-dns-gpu']],
    ['but none that runs no DaemonSets', { type: 'virtual-kubelet', pool: 'gpu' }, []],
  ])('%s', (_, labels, wanted) => {
    expect(names.filter((name) => admits(daemonSet(objects, name), labels))).toEqual(wanted);
  });

  test('in each of the alternatives that the values name', () => {
    const own = [{ key: 'a', operator: 'Exists' }];
    const alternatives = [{ matchExpressions: own }, { matchFields: [] }];
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: alternatives } };
    const given = { daemonSet: { affinity: { nodeAffinity: required } } } as UserValues;
    const wanted = { key: 'pool', operator: 'In', values: ['gpu', 'big'] };
    expect(terms(given, GPU, [])).toEqual([
      { matchExpressions: [...own, wanted] },
      { matchFields: [], matchExpressions: [wanted] },
    ]);
  });

  test('without any affinity in the values, too', () => {
    const given = { daemonSet: { affinity: null as never }, nodePools: [EDGE] };
    const wanted = { key: 'zone.example/edge', operator: 'NotIn', values: ['yes'] };
    expect(terms(given)).toEqual([{ matchExpressions: [wanted] }]);
  });
});

describe('a pool', () => {
  test('has names of its own, and the values of the chart where it says nothing', () => {
    const values = merge<Values>(DEFAULTS, {});
    expect(cacheName({ values, release })).toBe('node-local-dns');
    expect(cacheName({ values, release, pool: GPU })).toBe('node-local-dns-gpu');
    const objects = direct({ fullnameOverride: 'dns', image: { tag: '2' }, nodePools: [GPU] });
    expect(daemonSet(objects, 'dns-gpu').volumes?.[0].configMap?.name).toBe('dns-gpu');
    expect(daemonSet(objects, 'dns-gpu').containers).toEqual(daemonSet(objects, 'dns').containers);
    expect(find(objects, 'ConfigMap', 'dns-gpu')).toHaveProperty('data', find(objects, 'ConfigMap', 'dns').data);
  });

  test('has its own where it says so: false, nothing and zero count', () => {
    const values: NodePool['values'] = {
      localIPs: ['169.254.20.11'],
      nodeCache: { setupIptables: false },
      daemonSet: { tolerations: [], terminationGracePeriodSeconds: 0, priorityClassName: '' },
      zones: { cluster: { cache: { success: { capacity: 20_000 } } } },
    };
    const objects = direct({ nodePools: [{ ...GPU, values }] });
    const pod = daemonSet(objects, 'node-local-dns-gpu');
    expect(pod.containers[0].args).toEqual(
      expect.arrayContaining(['-localip=169.254.20.11,$(KUBE_DNS_SERVICE_HOST)', '-setupiptables=false']),
    );
    expect(pod).toMatchObject({ terminationGracePeriodSeconds: 0 });
    expect(pod).not.toHaveProperty('tolerations');
    expect(pod).not.toHaveProperty('priorityClassName');
    expect(JSON.stringify(find(objects, 'ConfigMap', 'node-local-dns-gpu').data)).toContain('success 20000');
    expect(daemonSet(objects).tolerations).toEqual([{ operator: 'Exists' }]); // Those of the others stay.
  });

  test('is scraped with the others: their pods have the same label', () => {
    const { spec } = find(direct({ nodePools: [GPU] }), 'DaemonSet', 'node-local-dns-gpu') as { spec?: unknown };
    expect(spec).toHaveProperty('template.metadata.labels.k8s-app', 'node-local-dns');
  });

  test.each<[string, readonly NodePool[], string]>([
    ['two of one name', [GPU, { ...EDGE, name: 'gpu' }], 'one name twice'],
    ['two with one value of a label', [GPU, { ...GPU, name: 'b' }], 'one value of a nodeLabel twice'],
    ['one named as the clean-up', [{ ...GPU, name: 'cleanup' }], 'give the pool another'],
    ["one named as another's clean-up", [GPU, { ...EDGE, name: 'gpu-cleanup' }], 'ends in -cleanup'],
    ['one named as the dashboard', [EDGE, { ...GPU, name: 'dashboard' }], 'is dashboard or cleanup'],
    ['one whose values contradict each other', [{ ...GPU, values: { mode: 'iptables' } }], 'set clusterDNS.ips to'],
  ])('%s is refused', (_, nodePools, message) => {
    expect(() => direct({ nodePools: [...nodePools] })).toThrow(message);
  });

  test.each<[string, UserValues, string]>([
    ['a pool', { nodePools: [EDGE, { ...GPU, values: { mode: 'iptables' } }] }, 'nodePools.gpu: mode is iptables and '],
    ['the chart', { mode: 'iptables', nodePools: [{ ...GPU, values: { mode: 'auto' } }] }, 'mode is iptables and '],
  ])('what is wrong with the values of %s says whose they are', (_, values, begin) => {
    expect(() => direct(values)).toThrow(expect.objectContaining({ message: expect.stringMatching(`^${begin}`) }));
  });

  test.each<[string, string, boolean]>([
    ['the longest names', 'n'.repeat(31), true],
    ['a letter more', 'n'.repeat(32), false],
  ])('%s of pools, and their hosts, fit a label of DNS', (_, fullnameOverride, isGood) => {
    const nodePools = [{ ...GPU, name: 'p'.repeat(23) }]; // 31 + 1 + 23 + 8 letters of -cleanup are 63.
    const make = () => direct({ fullnameOverride, nodePools }).map(({ metadata }) => metadata.name.length);
    if (isGood) expect(Math.max(...make())).toBe(63);
    else expect(make).toThrow('it takes more than 63 letters');
  });

  test('names that no other object of the chart has', () => {
    const nodePools = ['test', 'cleanup-wait', 'clean', 'dashboards'].map((name) => ({
      name,
      nodeLabel: { key: 'pool', values: [name] },
    }));
    const objects = direct({ nodePools, dashboard: { enabled: true }, verticalPodAutoscaler: { enabled: true } });
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });
});
