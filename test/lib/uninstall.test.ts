import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import { cleanupCommand } from '../../image/commands/cleanup';
import { readCommandWords } from '../../image/commands/command';
import { DEFAULTS, type UserValues } from '../../lib/values';
import { LIFE } from '../../lib/values-life';
import { direct, find, type Manifest } from '../support/helm';

const GPU = { name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } };
const hooks = (values: UserValues = {}): Manifest[] =>
  direct(values).filter(({ metadata }) => /-cleanup/.test(metadata.name));
const template = (manifest: Manifest): PodTemplateSpec =>
  (manifest as unknown as { spec: { template: PodTemplateSpec } }).spec.template;
const daemonSet = (values: UserValues = {}) => find(direct(values), 'DaemonSet', 'node-local-dns-cleanup');
const job = (values: UserValues = {}) => find(direct(values), 'Job', 'node-local-dns-cleanup-wait');

describe('after an uninstall', () => {
  test('every node is cleaned, then Helm waits, and removes both when the wait is over', () => {
    expect(hooks().map(({ kind, metadata }) => [kind, (metadata as { annotations?: object }).annotations])).toEqual(
      ['DaemonSet', 'Job'].map((kind, weight) => [
        kind,
        {
          'helm.sh/hook': 'post-delete',
          'helm.sh/hook-weight': String(weight),
          'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
        },
      ]),
    );
  });

  test('pods run where caches ran, with the rights of a cache, and under no account: that is gone', () => {
    const values: UserValues = { daemonSet: { nodeSelector: { pool: 'a' } } };
    const cache = template(find(direct(values), 'DaemonSet')).spec;
    const pod = template(daemonSet(values)).spec;
    for (const field of ['nodeSelector', 'affinity', 'hostNetwork', 'priorityClassName'] as const) {
      expect(pod?.[field]).toEqual(cache?.[field]);
    }
    expect(pod?.containers[0].securityContext).toEqual(cache?.containers[0].securityContext);
    expect(pod).not.toHaveProperty('serviceAccountName');
    expect(pod?.automountServiceAccountToken).toBe(false);
  });

  test('a taint that came after a cache keeps nobody from cleaning up after it', () => {
    const values: UserValues = { daemonSet: { tolerations: [{ key: 'a', operator: 'Exists' }] } };
    expect(template(daemonSet(values)).spec?.tolerations).toEqual([{ operator: 'Exists' }]);
  });

  test('Argo CD does not wait for nodes that are down: a DaemonSet of OnDelete is healthy at once', () => {
    expect(daemonSet()).toMatchObject({ spec: { updateStrategy: { type: 'OnDelete' } } });
  });

  test('the command is one that the image has', () => {
    const { args } = template(daemonSet({ nodeCache: { interfaceName: 'dns0' } })).spec!.containers[0];
    const command = cleanupCommand(() => Promise.resolve([]));
    expect(args?.[0]).toBe(command.name);
    const line = readCommandWords(command.flags, args?.slice(1) ?? []);
    expect([...line.values]).toEqual(
      expect.arrayContaining([
        ['interfacename', 'dns0'],
        ['stay', 'true'],
      ]),
    );
    expect(line.words).toEqual([]);
  });

  test('pods are none of the caches: neither their Service nor their DaemonSet counts them', () => {
    const labels = hooks().map((manifest) => template(manifest).metadata?.labels?.['k8s-app']);
    expect(new Set([...labels, 'node-local-dns']).size).toBe(3);
  });

  test('by default the wait is longer than a cache that hangs is given before it is killed', () => {
    const { cleanupOnUninstall, daemonSet } = DEFAULTS;
    expect(cleanupOnUninstall.waitSeconds).toBeGreaterThanOrEqual(daemonSet.terminationGracePeriodSeconds + 10);
  });

  test('the pod that Helm waits for never keeps Helm beyond its own patience', () => {
    const { spec } = job() as unknown as { spec: { activeDeadlineSeconds: number } };
    expect(spec.activeDeadlineSeconds).toBeLessThan(300);
    const longest = LIFE.cleanupOnUninstall.fields?.waitSeconds.schema.maximum as number;
    expect(spec.activeDeadlineSeconds).toBeGreaterThan(longest);
  });

  test('the pod that Helm waits for runs where CoreDNS runs, and where the values let the caches run by name', () => {
    const accepted = (values: UserValues = {}) => template(job(values)).spec?.tolerations;
    const keys = accepted()?.map(({ key }) => key);
    expect(keys).toEqual([
      'CriticalAddonsOnly',
      'node-role.kubernetes.io/control-plane',
      'node-role.kubernetes.io/master',
    ]);
    const dedicated = { key: 'dedicated', operator: 'Exists' };
    const notReady = { key: 'node.kubernetes.io/not-ready', operator: 'Exists' };
    const tolerations = [{ operator: 'Exists', effect: 'NoExecute' }, dedicated, notReady];
    expect(accepted({ daemonSet: { tolerations } })?.slice(3)).toEqual([dedicated]);
    expect(accepted({ cleanupOnUninstall: { tolerations: [dedicated] } })).toEqual([dedicated]);
    expect(accepted({ cleanupOnUninstall: { tolerations: [] } })).toBeUndefined();
  });

  test('the pod that Helm waits for runs on the nodes of the caches, of any pool: one of them may have none', () => {
    const values: UserValues = { daemonSet: { nodeSelector: { 'kubernetes.io/arch': 'arm64' } } };
    const cache = template(find(direct(values), 'DaemonSet')).spec;
    const { nodeSelector, affinity } = template(job({ ...values, nodePools: [GPU] })).spec ?? {};
    expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' });
    expect(affinity).toEqual(cache?.affinity);
  });

  test('the wait is as long as the values say, by a process without rights', () => {
    const { spec } = template(job({ cleanupOnUninstall: { waitSeconds: 60 } }));
    expect(spec?.containers[0].command).toEqual(['/usr/bin/node', '-e', 'setTimeout(() => {}, 60 * 1000)']);
    expect(spec?.containers[0].securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
  });

  test.each<[string, UserValues]>([
    ['the values say so', { cleanupOnUninstall: { enabled: false } }],
    ['nothing is kept on nodes', { mode: 'bind-only' }],
    ['the image has no such command', { image: { flavor: 'k8s-dns-node-cache', repository: 'dns' } }],
  ])('nothing is done where %s', (_, values) => {
    expect(hooks(values)).toEqual([]);
  });

  test('what caches leave behind on purpose is taken away, too', () => {
    expect(hooks({ nodeCache: { skipTeardown: true } })).toEqual(hooks({}));
  });

  const ARM = { name: 'arm', nodeLabel: { key: 'pool', values: ['arm'] } };
  const goAgent = { flavor: 'k8s-dns-node-cache', repository: 'dns', tag: '1' };
  const own = { flavor: 'nodelocaldns', repository: 'own', tag: '2' };

  test('the nodes of pools are cleaned as well, each by the image of its caches, and Helm waits once', () => {
    const objects = direct({ nodePools: [GPU, { ...ARM, values: { image: own } }] });
    for (const name of ['node-local-dns', 'node-local-dns-gpu', 'node-local-dns-arm']) {
      const cache = template(find(objects, 'DaemonSet', name)).spec;
      const pod = template(find(objects, 'DaemonSet', `${name}-cleanup`)).spec;
      expect(pod?.affinity).toEqual(cache?.affinity);
      expect(pod?.containers[0].image).toBe(cache?.containers[0].image);
    }
    expect(objects.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
  });

  test.each<[string, UserValues, string[]]>([
    ['only those of no pool', { nodePools: [{ ...GPU, values: { mode: 'bind-only' } }] }, ['cleanup']],
    [
      'only those of a pool',
      { mode: 'bind-only', nodePools: [GPU, { ...ARM, values: { mode: 'auto' } }] },
      ['arm-cleanup'],
    ],
    ['only those of our image', { image: goAgent, nodePools: [{ ...GPU, values: { image: own } }] }, ['gpu-cleanup']],
  ])('where %s keep anything, they are cleaned, and Helm waits by an image that can', (_, values, names) => {
    const objects = hooks(values);
    const daemonSets = objects.filter(({ kind }) => kind === 'DaemonSet');
    expect(daemonSets.map(({ metadata }) => metadata.name)).toEqual(names.map((name) => `node-local-dns-${name}`));
    const images = objects.map((object) => template(object).spec?.containers[0].image);
    expect(images).toEqual([images[0], images[0]]);
    expect(images[0]).not.toContain('/dns:1');
  });

  test('there is nothing of it in manifests for kubectl, which would make it at once', () => {
    const kinds = direct({}, { chart: undefined }).map(({ kind }) => kind);
    expect(kinds).not.toContain('Job');
    expect(kinds).not.toContain('Pod');
    expect(kinds.filter((kind) => kind === 'DaemonSet')).toHaveLength(1);
  });
});
