import type { DaemonSet } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { cacheArguments } from '../../lib/daemon-set';
import { merge } from '../../lib/helm/values';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';
import { direct, find } from '../support/helm';

const daemonSet = (values: UserValues = {}): DaemonSet =>
  find(direct(values), 'DaemonSet', values.fullnameOverride) as unknown as DaemonSet;
const pod = (values: UserValues = {}): PodSpec => daemonSet(values).spec?.template.spec as PodSpec;
const cache = (values: UserValues = {}): Container => pod(values).containers[0];
const flags = (values: UserValues = {}): string[] => cacheArguments(merge<Values>(DEFAULTS, values));

describe('the pod', () => {
  test('is on the network of the node and asks the resolvers of the node', () => {
    expect(pod()).toMatchObject({ hostNetwork: true, dnsPolicy: 'Default' });
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

describe('the container', () => {
  test('may do what a link, rules and port 53 need, and write nowhere but where it must', () => {
    expect(cache().securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_BIND_SERVICE'] },
    });
    const writable = cache()
      .volumeMounts?.filter((mount) => !mount.readOnly)
      .map((mount) => mount.mountPath);
    expect(writable).toEqual(['/run/node-cache', '/run/xtables.lock']);
  });

  test('writes its Corefile and its pid file into the writable folder', () => {
    const paths = flags().filter((flag) => /^-(conf|pidfile)=/.test(flag));
    expect(paths).toEqual(['-conf=/run/node-cache/Corefile', '-pidfile=/run/node-cache/node-cache.pid']);
  });

  test('takes turns with the other users of iptables on the node', () => {
    const volume = pod().volumes?.find(({ name }) => name === 'xtables-lock');
    expect(volume?.hostPath).toEqual({ path: '/run/xtables.lock', type: 'FileOrCreate' });
  });

  test('finds the Corefile as a template, and stub domains where there are some', () => {
    const volumes = pod({ fullnameOverride: 'dns' }).volumes;
    expect(volumes?.[0].configMap).toEqual({ name: 'dns', items: [{ key: 'Corefile', path: 'Corefile.base' }] });
    expect(volumes?.[1].configMap).toEqual({ name: 'kube-dns', optional: true });
  });

  test('is probed on its own address: the kubelet is elsewhere on the node', () => {
    const wanted = { host: 'fd00::10', path: '/health', port: 8081 };
    const { livenessProbe, readinessProbe } = cache({ localIPs: ['fd00::10'], ports: { health: 8081 } });
    expect([livenessProbe?.httpGet, readinessProbe?.httpGet]).toEqual([wanted, wanted]);
  });

  test('asks for what it needs and is never limited', () => {
    expect(cache().resources).toEqual({ requests: { cpu: '25m', memory: '32Mi' } });
  });

  test('declares no ports: two pods of an update may share a node', () => {
    expect(cache()).not.toHaveProperty('ports');
  });

  test.each<[string, UserValues['image'], string]>([
    ['the appVersion', {}, 'registry.k8s.io/dns/k8s-dns-node-cache:1.26.8'],
    ['a tag', { tag: '2' }, 'registry.k8s.io/dns/k8s-dns-node-cache:2'],
    ['no registry', { registry: '', repository: 'dns' }, 'dns:1.26.8'],
    ['a digest over a tag', { registry: '', repository: 'dns', tag: '2', digest: 'sha256:0' }, 'dns@sha256:0'],
  ])('is of an image by %s', (_, image, wanted) => {
    expect(cache({ image }).image).toBe(wanted);
  });
});

describe('the flags', () => {
  test('name the local addresses alone where no other is given: $(…) could be left as it stands', () => {
    expect(flags()[0]).toBe('-localip=169.254.20.10');
    expect(flags().join()).not.toContain('$(');
  });

  test('name both where it is given, each once', () => {
    expect(flags({ clusterDNS: { ips: ['10.96.0.10', '169.254.20.10'] } })[0]).toBe(
      '-localip=169.254.20.10,10.96.0.10',
    );
  });

  test('give the interval in nanoseconds, which the Go agent takes for seconds', () => {
    expect(flags({ nodeCache: { syncIntervalSeconds: 5 } })).toContain('-syncinterval=5ns');
  });

  test('end with those of the user', () => {
    expect(flags({ nodeCache: { extraArgs: ['-quiet'] } }).at(-1)).toBe('-quiet');
  });
});
