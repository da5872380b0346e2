/** What a user of the chart meets: lint, package, install, notes, and refusals that name the value. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHART } from '../../lib/chart/facts';
import { startApiServer } from '../support/api-server';
import * as support from '../support/helm';
import { needs } from '../support/needs';

/** Values that must not pass, and what the message must name. */
const REFUSED: [string, object, RegExp][] = [
  ['a name nobody knows', { imgae: {} }, /imgae/],
  ['a name nobody knows, deep down', { zones: { cluster: { cache: { sucess: { ttlSeconds: 5 } } } } }, /sucess/],
  // Typos of other charts' values and Corefiles, each with the name that is right.
  ['sucess', { zones: { external: { cache: { sucess: {} } } } }, /'?"?sucess.*success['"], .*denial/s],
  ['server_stale', { zones: { external: { cache: { server_stale: {} } } } }, /server_stale.*['"]serveStale['"]/s],
  ['health_check', { zones: { external: { forward: { health_check: '5s' } } } }, /health_check.*['"]healthCheck['"]/s],
  ['setupEptables', { nodeCache: { setupEptables: true } }, /setupEptables.*['"]setupIptables['"]/s],
  ['iptabes', { mode: 'iptabes' }, /mode.*['"]iptables['"]/s],
  [
    'two families where one is meant',
    {
      image: { flavor: 'k8s-dns-node-cache', registry: 'registry.k8s.io', repository: 'dns/k8s-dns-node-cache' },
      localIPs: ['169.254.20.10', 'fd00::10'],
    },
    /localIPs and clusterDNS\.ips are of both address families.*remove the other family/,
  ],
  [
    'two families where one is meant, of a Service',
    { upstreamService: { ipFamilies: ['IPv4', 'IPv6'] } },
    /upstreamService\.ipFamilies has both families.*set ipFamilyPolicy to PreferDualStack/,
  ],
  ['a stub domain without servers', { stubDomains: { 'a.example': { too: [] } } }, /a\.example.*['"]to['"]/s],
  [
    'a directive that the image does not have',
    { zones: { external: { extraPlugins: 'loadbalance\nkubernetes' } } },
    /zones\.external\.extraPlugins:2 - Error during parsing: Unknown directive 'kubernetes'/,
  ],
  [
    'a directive that k8s-dns-node-cache is built without',
    {
      image: { flavor: 'k8s-dns-node-cache', registry: 'registry.k8s.io', repository: 'dns/k8s-dns-node-cache' },
      extraServerBlocks: 'a.example {\n  ready\n}',
    },
    /extraServerBlocks:2 - Error during parsing: Unknown directive 'ready'/,
  ],
  ['a block that is not closed', { corefile: '.:53 {\n  whoami\n' }, /corefile:3 - .*a '}' is missing/],
  [
    'a brace in the lines of a stub domain',
    { stubDomains: { 'a.example': { to: ['192.0.2.1'], extraPlugins: '}' } } },
    /stubDomains\.a\.example\.extraPlugins:1 - .*no matching opening brace/,
  ],
  [
    'a name with two server blocks',
    { stubDomains: { a: { to: ['192.0.2.1'] } }, rewrites: { a: { to: 'b' } } },
    /stubDomains and rewrites have a name in common/,
  ],
  ['a Corefile and hosts', { corefile: '.:53 {\n}', hosts: [{ ip: '192.0.2.1', names: ['a'] }] }, /leave hosts empty/],
  ['a name that leaves no room behind it', { fullnameOverride: 'n'.repeat(51) }, /fullnameOverride/],
  ['a port as text', { ports: { metrics: '9253' } }, /metrics.*(string|integer)/is],
  ['a port that does not exist', { ports: { health: 70000 } }, /health.*65,?535/s],
  ['a time as text', { zones: { external: { cache: { denial: { ttlSeconds: '30s' } } } } }, /ttlSeconds/],
  ['a time as text, where a number is', { stubDomains: { a: { to: ['192.0.2.1'], ttlSeconds: '30' } } }, /ttlSeconds/],
  ['a blank in an address', { localIPs: ['169.254.20.10 '] }, /localIPs/],
  ['an octet too large', { clusterDNS: { ips: ['10.96.0.256'] } }, /ips/],
  ['no address', { localIPs: [] }, /localIPs/],
  ['a value deleted with null', { clusterDomain: null }, /clusterDomain/],
  ['a group deleted with null', { image: null }, /image/],
  ['a tag that YAML reads as a number', { image: { tag: 1.26 } }, /tag/],
  ['a half digest', { image: { digest: 'sha256:abc' } }, /digest/],
  ['an update strategy from elsewhere', { daemonSet: { updateStrategy: { type: 'Recreate' } } }, /OnDelete/],
  ['a server with a path', { zones: { external: { forward: { to: ['https://9.9.9.9/'] } } } }, /to/],
  [
    'a port name with two dashes',
    { cilium: { localRedirectPolicy: { portNames: { udp: 'a--b' } } } },
    /portNames.*udp/s,
  ],
  ['a port name too long', { cilium: { localRedirectPolicy: { portNames: { udp: 'a'.repeat(16) } } } }, /udp/],
  ['a label with a blank', { commonLabels: { team: 'a b' } }, /commonLabels.*team/s],
  ['a key of a label with a blank', { daemonSet: { nodeSelector: { 'a b': 'c' } } }, /'a b'|nodeSelector.*"a b"/],
  ['an amount that is none', { verticalPodAutoscaler: { minAllowed: { memory: '64MB' } } }, /minAllowed.*memory/s],
  ['an interval in words', { serviceMonitor: { interval: 'often' } }, /interval/],
  ['a label that selectors need', { daemonSet: { podLabels: { 'k8s-app': 'mine' } } }, /podLabels.k8s-app/],
  ['one port twice', { ports: { health: 9253 } }, /ports\.health and ports\.metrics are both 9253.*set one to another/],
  ['one name twice', { fullnameOverride: 'kube-dns-upstream' }, /both kube-dns-upstream.*rename one/],
  ['a label twice', { commonLabels: { a: 'b' }, daemonSet: { podLabels: { a: 'c' } } }, /podLabels and commonLabels/],
  [
    'a scrape annotation twice',
    { daemonSet: { podAnnotations: { 'prometheus.io/port': '1' } } },
    /podAnnotations has prometheus\.io\/port or .*set that to false/,
  ],
  [
    'all rights, and no more than there are',
    { daemonSet: { securityContext: { privileged: true } } },
    /privileged: true beside allowPrivilegeEscalation: false.*set allowPrivilegeEscalation to true/,
  ],
  [
    'a right that Kubernetes refuses beside the default',
    { daemonSet: { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } } },
    /CAP_SYS_ADMIN beside allowPrivilegeEscalation: false/,
  ],
  [
    'a surge beside what Kubernetes adds to it',
    { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
    /set maxUnavailable to 0/,
  ],
  [
    'an update that replaces nothing',
    { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } } } },
    /set maxSurge to 1/,
  ],
  [
    'metrics that nobody can scrape',
    { nodeCache: { bindMetricsTo: 'local' } },
    /bindMetricsTo is local.*metrics\.scrapeAnnotations \(true by default\).*bindMetricsTo to hostIP/,
  ],
  [
    'a clean-up that ends too early',
    { cleanupOnUninstall: { waitSeconds: 30 } },
    /waitSeconds is 30 and daemonSet\.terminationGracePeriodSeconds 30.*raise the first/,
  ],
  [
    'policies without the address that pods ask',
    { networkPolicy: { enabled: true, namespaces: ['shop'] } },
    /set clusterDNS\.ips to what/,
  ],
  [
    'policies that isolate the cluster DNS',
    { mode: 'ipvs', networkPolicy: { enabled: true, namespaces: ['kube-system', 'default'] } },
    /networkPolicy\.namespaces has (kube-system|default), the namespace of the cluster DNS/,
  ],
  [
    'a pool whose values contradict each other',
    { nodePools: [{ name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] }, values: { mode: 'iptables' } }] },
    /nodePools\.gpu: mode is iptables and clusterDNS\.ips is empty/,
  ],
  [
    'a pool with the name of the clean-up of another',
    { nodePools: ['gpu', 'gpu-cleanup'].map((name) => ({ name, nodeLabel: { key: 'pool', values: [name] } })) },
    /nodePools has a name that is dashboard or cleanup, or ends in -cleanup/,
  ],
  [
    'a pool whose name finds no room',
    {
      fullnameOverride: 'n'.repeat(32),
      nodePools: [{ name: 'p'.repeat(23), nodeLabel: { key: 'pool', values: ['a'] } }],
    },
    /more than 63 letters/,
  ],
  [
    'a ConfigMap of yours with the name of that of a pool',
    {
      importConfigMap: 'node-local-dns-custom',
      nodePools: [{ name: 'custom', nodeLabel: { key: 'pool', values: ['a'] } }],
    },
    /nodePools\.custom: importConfigMap is node-local-dns-custom/,
  ],
  [
    'a pool twice',
    { nodePools: ['a', 'b'].map((value) => ({ name: 'gpu', nodeLabel: { key: 'pool', values: [value] } })) },
    /nodePools has one name twice/,
  ],
  [
    'the name of another Service',
    { fullnameOverride: 'kube-dns' },
    /fullnameOverride and clusterDNS\.service are both/,
  ],
  [
    'a Corefile and blocks',
    { corefile: '. {\n}', extraServerBlocks: 'a {\n}' },
    /move what extraServerBlocks says into corefile/,
  ],
];

describe.each<support.HelmName>([...support.HELMS])('%s', (name) => {
  needs(name).describe('and the chart', () => {
    const folder = support.temporaryFolder();
    const chart = support.synthesized(folder);
    const run = (...parameters: string[]): string => support.helm(name, folder, parameters);

    test('lint --strict finds nothing', () => {
      expect(run('lint', '--strict', chart)).toContain('1 chart(s) linted, 0 chart(s) failed');
    });

    test('package makes an archive of it', () => {
      run('package', chart, '--destination', folder);
      expect(fs.existsSync(path.join(folder, `${CHART.name}-${CHART.version}.tgz`))).toBe(true);
    });

    test.each(['1.20.2', '1.25.0', '1.30.4-eks-1a2b3c', '1.35.0'])('renders the same for Kubernetes %s', (version) => {
      const values = { serviceMonitor: { enabled: true }, mode: 'cilium-lrp' };
      const objects = support.template(name, chart, values, ['--kube-version', version]);
      expect(support.byName(objects)).toEqual(support.byName(support.direct(values)));
    });

    test('refuses Kubernetes 1.19', () => {
      expect(() => support.template(name, chart, {}, ['--kube-version', '1.19.9'])).toThrow(/kubeVersion/);
    });

    test('numbers given with --set are numbers as those of a file are', () => {
      const set = ['--set', 'ports.health=9999', '--set', 'zones.cluster.cache.success.capacity=20000'];
      const values = { ports: { health: 9999 }, zones: { cluster: { cache: { success: { capacity: 20000 } } } } };
      expect(support.template(name, chart, {}, set)).toEqual(support.template(name, chart, values));
    });

    test('a parent chart may pass down its condition and its globals', () => {
      expect(support.template(name, chart, { enabled: true, global: { any: 'thing' } })).toHaveLength(9);
    });

    test('maps emptied with null share no key', () => {
      expect(
        support.template(name, chart, { commonLabels: null, daemonSet: { podLabels: null, podAnnotations: null } }),
      ).toHaveLength(9);
    });

    test.each(REFUSED)('refuses %s', (_, values, message) => {
      expect(() => support.template(name, chart, values)).toThrow(message);
      expect(() => support.direct(values)).toThrow(RangeError); // And so do the constructs.
    });

    test('install --dry-run=client shows the notes', async () => {
      // Helm 4 does this without a cluster; Helm 3 asks one for its version and kinds, and reads nothing else.
      const server = await startApiServer(folder);
      try {
        const env = { ...support.helmEnvironment(folder), KUBECONFIG: server.kubeconfig };
        const output = await support.helmMeanwhile(name, ['install', '--dry-run=client', 'nodelocaldns', chart], env);
        expect(output).toContain('kind: DaemonSet');
        expect(output).toContain('WARNING: the release is in default');
        expect([...server.methods].filter((method) => method !== 'GET')).toEqual([]);
      } finally {
        await server.close();
      }
    });
  });
});

needs('helm4').describe('NOTES.txt', () => {
  const folder = support.temporaryFolder();
  const chart = support.synthesized(folder);
  const notes = (...parameters: string[]): string => {
    const output = support.helm('helm4', folder, ['install', '--dry-run=client', 'cache', chart, ...parameters]);
    return output.slice(output.indexOf('NOTES:'));
  };
  const system = ['--namespace', 'kube-system'];

  const set = (...pairs: string[]): string[] => [...system, ...pairs.flatMap((pair) => ['--set', pair])];

  test('warn of another namespace, and in kube-system of nothing', () => {
    expect(notes()).toContain('WARNING: the release is in default');
    expect(notes(...system)).not.toContain('WARNING');
  });

  test('by default: nothing is to be done, but for IPVS the exact change, for old nodes and new', () => {
    const text = notes(...system);
    expect(text).toContain('on the ClusterIP of Service kube-dns,\nand pods use it as they are. Where');
    expect(text).toContain('    clusterDNS: [169.254.20.10]\n');
    expect(text).toMatch(/at the end of the line that is\n.*\n {4}KUBELET_EXTRA_ARGS=--cluster-dns=169\.254\.20\.10\n/);
  });

  test('show how one pod tries the cache', () => {
    expect(notes(...set('mode=ipvs', 'clusterDomain=k8s.example'))).toContain(
      '    searches: [NAMESPACE.svc.k8s.example, svc.k8s.example, k8s.example]\n',
    );
  });

  test.each([
    [['mode=ipvs', 'localIPs={169.254.20.10,fd00::10}'], '--cluster-dns=169.254.20.10,fd00::10'],
    [['clusterDNS.ips={10.96.0.10}'], 'answers on 169.254.20.10, 10.96.0.10: pods use it as they are.'],
    [['clusterDNS.ips={10.96.0.10}'], 'the image leaves 10.96.0.10 to it'],
    [['mode=cilium-lrp'], 'get ciliumlocalredirectpolicies'],
    [
      ['mode=cilium-lrp', 'cilium.localRedirectPolicy.matcher=address', 'localIPs={169.254.20.10,169.254.20.11}'],
      '    clusterDNS: [169.254.20.10]\n',
    ],
    [['mode=bind-only'], 'must be addresses of each node\nalready'],
    [['image.flavor=k8s-dns-node-cache', 'image.repository=dns'], 'WARNING: clusterDNS.ips is empty'],
  ])('with %j say the next step', (pairs, wanted) => {
    const text = notes(...set(...pairs));
    expect(text).toContain(wanted);
    expect(text).not.toMatch(/\n\n\n/);
  });

  test('speak of kubelets and IPVS where that is the question, and only there', () => {
    expect(notes(...set('mode=iptables', 'clusterDNS.ips={10.96.0.10}'))).not.toContain('IPVS');
    expect(notes(...set('mode=cilium-lrp'))).not.toContain('kubelet');
  });

  test('advise memory: what full caches take', () => {
    expect(notes(...system)).toMatch(/^Memory: 79872 answers when the caches .* are full, about 43 MiB$/m);
    expect(notes(...set('corefile=.:53 {}'))).not.toContain('Memory');
    expect(notes(...set('image.flavor=k8s-dns-node-cache', 'image.repository=dns'))).not.toContain('Memory');
  });

  test.each([
    ['a larger one', ['zones.external.cache.success.capacity=100000'], 169_888],
    ['two reverse zones without', ['zones.reverse.cache.enabled=false'], 79_872 - 4 * 9984],
    ['a stub domain', ['stubDomains.a.to={192.0.2.1}'], 79_872 + 2 * 9984],
    ['no stub domains', ['stubDomains=null'], 79_872],
    ['a name that stands for another of the cluster', ['rewrites.a.to=b'], 79_872 + 2 * 9984],
    [
      'a name that stands for one outside, where nothing is kept',
      ['rewrites.a.to=b', 'rewrites.a.external=true', 'zones.external.cache.enabled=false'],
      79_872 - 2 * 9984,
    ],
  ])('count the answers of %s', (_, pairs, answers) => {
    expect(notes(...set(...pairs))).toContain(`Memory: ${answers} answers`);
  });

  test('say what OnDelete means, and only then', () => {
    expect(notes(...system)).toContain('OnDelete');
    expect(notes(...system, '--set', 'daemonSet.updateStrategy.type=RollingUpdate')).not.toContain('OnDelete');
    expect(notes(...system, '--set', 'daemonSet.updateStrategy=null')).not.toContain('OnDelete');
  });
});
