import type { PodSpec } from 'kubernetes-types/core/v1';
import { readQueryWords } from '../../image/commands/query-words';
import { DEFAULTS, type UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

const pod = (values: UserValues = {}) =>
  find(direct(values), 'Pod', 'node-local-dns-test') as unknown as { metadata: object; spec: PodSpec };
const asked = (values: UserValues = {}): Record<string, string> =>
  Object.fromEntries(pod(values).spec.containers.map(({ name, args }) => [name, args?.join(' ') ?? '']));

describe('helm test', () => {
  test('asks as pods do: a Service over UDP and TCP, an address backwards; and the cache by its address', () => {
    expect(asked()).toEqual({
      service: 'query kubernetes.default.svc.cluster.local +found',
      tcp: 'query kubernetes.default.svc.cluster.local +tcp +found',
      reverse: 'query $(KUBERNETES_SERVICE_HOST) +found',
      'local-address': 'query kubernetes.default.svc.cluster.local @169.254.20.10 +found',
    });
  });

  test('asks for a name outside where one is named', () => {
    expect(asked({ helmTest: { externalName: 'www.example.org' } }).external).toBe('query www.example.org +found');
  });

  test('asks no address of nodes where there is none', () => {
    expect(asked({ mode: 'cilium-lrp' })).not.toHaveProperty('local-address');
  });

  test('in words that the image knows', () => {
    const values = { helmTest: { externalName: 'www.example.org' }, localIPs: ['fd00::10'] };
    for (const line of Object.values(asked(values))) {
      const [command, ...words] = line.replace('$(KUBERNETES_SERVICE_HOST)', '10.96.0.1').split(' ');
      expect(command).toBe('query');
      expect(readQueryWords(words).found).toBe(true);
    }
  });

  test('is a hook, stays to be read, and needs no rights', () => {
    expect(pod().metadata).toMatchObject({
      annotations: { 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation' },
    });
    for (const { securityContext } of pod().spec.containers) {
      expect(securityContext).toMatchObject({ runAsNonRoot: true, capabilities: { drop: ['ALL'] } });
    }
  });

  test('stays off dead nodes: it accepts what CoreDNS does, and what the values name for the caches', () => {
    const keys = pod().spec.tolerations?.map(({ key }) => key);
    expect(keys).toEqual(DEFAULTS.helmTest.tolerations.map(({ key }) => key));
    expect(keys).toContain('CriticalAddonsOnly');
    expect(keys).not.toContain(undefined);
    const tolerations = [{ key: 'dedicated', operator: 'Exists' }];
    expect(pod({ daemonSet: { tolerations } }).spec.tolerations).toContainEqual(tolerations[0]);
    expect(pod({ helmTest: { tolerations } }).spec.tolerations).toEqual(tolerations);
  });

  test.each<[string, UserValues]>([
    ['the values say so', { helmTest: { enabled: false } }],
    ['the image has no such command', { image: { flavor: 'k8s-dns-node-cache', repository: 'dns' } }],
  ])('is left out where %s', (_, values) => {
    expect(() => pod(values)).toThrow('found 0');
  });
});
