/** Chart and manifests cannot disagree: what Helm renders is what the constructs say, for the same values. */
import fc from 'fast-check';
import type { UserValues } from '../../lib/values';
import { byName, direct, HELMS, type HelmName, synthesized, template, temporaryFolder } from '../support/helm';
import { needs } from '../support/needs';
import { anyValues } from '../support/values';

/** A helm call takes about 0.15 s; these runs are a smoke test of the pairs in lib/helm/functions.ts, not a search. */
const GENERATED_RUNS = 15;

const CASES: [string, UserValues][] = [
  ['nothing', {}],
  ['both address families', { localIPs: ['fd00::10', '169.254.20.10'], clusterDNS: { ips: ['10.96.0.10'] } }],
  ['an address given twice', { clusterDNS: { ips: ['169.254.20.10', '10.96.0.10'] } }],
  ['an image by digest', { image: { registry: '', digest: `sha256:${'0'.repeat(64)}` } }],
  [
    'an image by tag',
    { image: { registry: 'localhost:5000', repository: 'node-cache', tag: '2', pullSecrets: ['a'] } },
  ],
  ['the Go agent', { image: { flavor: 'k8s-dns-node-cache', repository: 'a/dns/k8s-dns-node-cache' } }],
  ['a pod network', { mode: 'cilium-lrp', nodeCache: { bindMetricsTo: 'hostIP' } }],
  ['addresses that are bound already', { mode: 'bind-only', nodeCache: { bindMetricsTo: 'hostIP' } }],
  ['both families for IPVS', { mode: 'ipvs', localIPs: ['fd00::10', '169.254.20.10'] }],
  ['iptables written by name', { nodeCache: { firewall: 'iptables', bindMetricsTo: 'local' } }],
  [
    'all that surrounds the cache',
    {
      localIPs: ['169.254.20.10', 'fd00::10'],
      networkPolicy: { enabled: true, namespaces: ['a', 'b'] },
      verticalPodAutoscaler: { enabled: true, minAllowed: null as never },
      extraManifests: [
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '{{ .Values.b }}' } },
      ],
      nodePools: [{ name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } }],
      helmTest: { externalName: 'www.example.org' },
    },
  ],
  [
    'pods to let out that nothing selects',
    {
      networkPolicy: { enabled: true, namespaces: ['a'] },
      upstreamService: { selector: null as never, targetPort: 1053 },
    },
  ],
  [
    'node pools',
    {
      nodePools: [
        {
          name: 'gpu',
          nodeLabel: { key: 'pool', values: ['gpu', 'true'] },
          values: {
            localIPs: ['fd00::10'],
            nodeCache: { setupIptables: false, leaseExpireMs: 2000 },
            daemonSet: { tolerations: [], terminationGracePeriodSeconds: 0, priorityClassName: '' },
            zones: { cluster: { cache: { success: { capacity: 20_000 } } } },
          },
        },
        { name: 'edge', nodeLabel: { key: 'x.example/y', values: [''] } },
      ],
    },
  ],
  ['a rolling update', { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }],
  ['everything watched', { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } }],
  ['alerts about another name', { fullnameOverride: 'dns', prometheusRule: { enabled: true } }],
  [
    'watched from another namespace',
    {
      commonLabels: { tier: 'net' },
      metrics: { scrapeAnnotations: false },
      serviceMonitor: { enabled: true, namespace: 'monitoring', interval: '30s', labels: { team: 'obs' } },
      prometheusRule: { enabled: true, namespace: 'monitoring', labels: { prometheus: 'main' }, job: 'dns' },
    },
  ],
  [
    'watched by pods, woken in another way, and shown twice',
    {
      podMonitor: { enabled: true, sampleLimit: 1_000_000, honorLabels: true, relabelings: [] },
      prometheusRule: {
        enabled: true,
        alertLabels: { team: 'net' },
        disabled: ['NodeLocalDNSRepairs', 'NodeLocalDNSServfailHigh'],
        runbookUrl: '',
        extraRules: [{ alert: 'Mine', expr: 'up == 0', annotations: { summary: '{{ $labels.a }}' } }],
        recordingRules: { enabled: false },
        alerts: { repairs: { repairs: 1_000_000 }, nodeMissing: { excludedNodePrefixes: ['a', 'b'] } },
      },
      dashboard: {
        enabled: true,
        folder: "DNS's {{ folder }}",
        grafanaOperator: { enabled: true, annotations: { a: 'b' }, instanceSelector: { matchLabels: { a: 'b' } } },
      },
    },
  ],
  ['a dashboard without its label', { dashboard: { enabled: true, labels: null as never, annotations: { a: 'b' } } }],
  [
    'scrape annotations of its own',
    { metrics: { scrapeAnnotations: false }, daemonSet: { podAnnotations: { 'prometheus.io/port': '1' } } },
  ],
  ['an account that exists', { serviceAccount: { create: false, name: 'other' } }],
  ['no account at all', { serviceAccount: { create: false } }],
  [
    'upstreams named',
    { zones: { external: { forward: { to: ['9.9.9.9', 'tls://1.1.1.1'], protocol: 'force_tcp' } } } },
  ],
  ['no protocol forced', { zones: { cluster: { forward: { protocol: '' } } } }],
  [
    'a block more, braces and all',
    { extraServerBlocks: '\n  a.org {\n\n    template { answer "{{ .Name }}" }\n  }\n\n' },
  ],
  ['a Corefile of blanks is none', { corefile: ' \n\t\n' }],
  ['a Corefile of its own', { corefile: '.:53 {\n    whoami # {{ x }}\n}' }],
  ['a flag that looks like code', { nodeCache: { extraArgs: ['-x={{ .Values.image }}', '-y="z"', '-quiet'] } }],
  ['maps emptied with null', { daemonSet: { resources: null, nodeSelector: null, affinity: null } as never }],
  ['one default label removed with null', { upstreamService: { selector: { 'k8s-app': null, app: 'dns' } as never } }],
  [
    'more of everything in the pod',
    {
      daemonSet: {
        env: [{ name: 'A', value: 'y' }],
        extraVolumes: [{ name: 'v', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'v', mountPath: '/v' }],
        initContainers: [{ name: 'i', image: 'i' }],
        extraContainers: [{ name: 'e', image: 'e' }],
      },
    },
  ],
];

/** The objects, or that the values were refused: why is each side's own business. */
function outcome(render: () => Parameters<typeof byName>[0]): unknown {
  try {
    return byName(render());
  } catch {
    return 'refused';
  }
}

describe.each<HelmName>([...HELMS])('on %s', (name) => {
  needs(name).describe('helm template equals direct synth', () => {
    const chart = synthesized(temporaryFolder());

    test.each(CASES)('with %s', (_, values) => {
      expect(byName(template(name, chart, values))).toEqual(byName(direct(values)));
    });

    test('with any values the schema allows', () => {
      let rendered = 0;
      const same = fc.property(anyValues, (values) => {
        const wanted = outcome(() => direct(values));
        if (wanted !== 'refused') rendered += 1;
        expect(outcome(() => template(name, chart, values))).toEqual(wanted);
      });
      fc.assert(same, { numRuns: GENERATED_RUNS });
      expect(rendered).toBeGreaterThan(GENERATED_RUNS / 2); // Refusing everything would be equal, too.
    }, 60_000);
  });
});
