import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { PodSpec } from 'kubernetes-types/core/v1';
import type { UserValues } from '../../lib/values';
import { direct, find } from '../support/helm';

const daemonSet = (values: UserValues = {}): DaemonSet =>
  find(direct(values), 'DaemonSet', values.fullnameOverride) as unknown as DaemonSet;
const pod = (values: UserValues = {}): PodSpec => daemonSet(values).spec?.template.spec as PodSpec;

describe('the pod', () => {
  test('is on the network of the node and asks the resolvers of the node', () => {
    expect(pod()).toMatchObject({ hostNetwork: true, dnsPolicy: 'Default' });
  });

  test('is on the network of pods where Cilium leads them to it', () => {
    expect(pod({ mode: 'cilium-lrp' })).toMatchObject({ hostNetwork: false, dnsPolicy: 'Default' });
  });

  test('has the addresses of Services in its environment, which it lives by', () => {
    expect(pod().enableServiceLinks).toBe(true);
  });

  test('goes to every Linux node, tainted or not, but to none that runs no DaemonSets', () => {
    const { affinity, nodeSelector, tolerations } = pod();
    expect(tolerations).toEqual([{ operator: 'Exists' }]);
    expect(nodeSelector).toEqual({ 'kubernetes.io/os': 'linux' });
    expect(JSON.stringify(affinity)).toMatch(/fargate.*virtual-kubelet/);
  });

  test('is the last to be evicted', () => {
    expect(pod().priorityClassName).toBe('system-node-critical');
  });

  test('has no token', () => {
    expect(pod()).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: 'node-local-dns' });
  });

  test('is replaced by hand unless the values say otherwise', () => {
    expect(daemonSet().spec?.updateStrategy).toEqual({ type: 'OnDelete' });
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } };
    expect(daemonSet({ daemonSet: { updateStrategy } }).spec?.updateStrategy).toEqual(updateStrategy);
  });

  test('is selected by the label of the upstream manifest and nothing else', () => {
    expect(daemonSet({ commonLabels: { a: 'b' } }).spec?.selector).toEqual({
      matchLabels: { 'k8s-app': 'node-local-dns' },
    });
  });

  test('tells Prometheus its port, or does not', () => {
    const annotations = (values: UserValues) => daemonSet(values).spec?.template.metadata?.annotations;
    expect(annotations({ ports: { metrics: 9999 } })).toEqual({
      'prometheus.io/port': '9999',
      'prometheus.io/scrape': 'true',
    });
    expect(annotations({ metrics: { scrapeAnnotations: false } })).toBeUndefined();
  });
});

describe('the volumes', () => {
  test('have the lock by which users of iptables on a node take turns', () => {
    const volume = pod().volumes?.find(({ name }) => name === 'xtables-lock');
    expect(volume?.hostPath).toEqual({ path: '/run/xtables.lock', type: 'FileOrCreate' });
  });

  test('have the Corefile as a template, and stub domains where there are some', () => {
    const volumes = pod({ fullnameOverride: 'dns' }).volumes;
    expect(volumes?.[0].configMap).toEqual({ name: 'dns', items: [{ key: 'Corefile', path: 'Corefile.base' }] });
    expect(volumes?.[1].configMap).toEqual({ name: 'kube-dns', optional: true });
  });
});
