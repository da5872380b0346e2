/** Chart and manifests cannot disagree: what Helm renders is what the constructs say, for the same values. */
import { isDeepStrictEqual } from 'node:util';
import type { UserValues } from '../../lib/values';
import {
  byName,
  direct,
  HELMS,
  type HelmName,
  hasNull,
  synthesized,
  template,
  templates,
  temporaryFolder,
} from '../support/helm';
import { needs } from '../support/needs';
import fc from '../support/property';
import { anyValues } from '../support/values';

/** Values made up at random; those that are accepted are rendered by one call of Helm. */
const GENERATED_SETS = 200;
/** Of the others, as many are tried one by one: a call takes 0.15 s. */
const SINGLE_RUNS = 15;
/** Longest search for the least values that differ. */
const SHRINK_MS = 30_000;

const CASES: [string, UserValues][] = [
  ['nothing', {}],
  ['both address families', { localIPs: ['fd00::10', '169.254.20.10'], clusterDNS: { ips: ['10.96.0.10'] } }],
  ['an address given twice', { clusterDNS: { ips: ['169.254.20.10', '10.96.0.10'] } }],
  ['a name that YAML takes for no name', { fullnameOverride: 'n', dashboard: { grafanaOperator: { enabled: true } } }],
  ['an image by digest', { image: { registry: '', digest: `sha256:${'0'.repeat(64)}` } }],
  [
    'an image by tag',
    { image: { registry: 'localhost:5000', repository: 'node-cache', tag: '2', pullSecrets: ['a'] } },
  ],
  ['the Go agent', { image: { flavor: 'k8s-dns-node-cache', repository: 'a/dns/k8s-dns-node-cache' } }],
  ['a pod network', { mode: 'cilium-lrp', nodeCache: { bindMetricsTo: 'hostIP' } }],
  [
    'ports named as in rke2-coredns',
    { mode: 'cilium-lrp', cilium: { localRedirectPolicy: { portNames: { udp: 'udp-53', tcp: 'tcp-53' } } } },
  ],
  ['addresses that are bound already', { mode: 'bind-only', nodeCache: { bindMetricsTo: 'hostIP' } }],
  ['both families for IPVS', { mode: 'ipvs', localIPs: ['fd00::10', '169.254.20.10'] }],
  [
    'iptables written by name',
    { nodeCache: { firewall: 'iptables', bindMetricsTo: 'local' }, metrics: { scrapeAnnotations: false } },
  ],
  [
    'all that surrounds the cache',
    {
      localIPs: ['169.254.20.10', 'fd00::10'],
      clusterDNS: { ips: ['10.96.0.10'] },
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
      mode: 'ipvs',
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
  ['all rights', { daemonSet: { securityContext: { privileged: true, allowPrivilegeEscalation: true } } }],
  [
    'a pool that alone leaves something on its nodes',
    {
      mode: 'bind-only',
      helmTest: { tolerations: [] },
      nodePools: [
        { name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } },
        { name: 'arm', nodeLabel: { key: 'pool', values: ['arm'] }, values: { mode: 'auto', image: { tag: '2' } } },
      ],
    },
  ],
  [
    'a rolling update',
    { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } } },
  ],
  [
    'a rolling update in percent',
    { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '0%' as never } } } },
  ],
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
        alerts: { repairs: { times: 1_000_000 }, nodeMissing: { excludedNodePrefixes: ['a', 'b'] } },
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
  [
    'domains and names of every kind',
    {
      stubDomains: {
        'b.example': { to: ['192.0.2.1', 'tls://192.0.2.2'], protocol: 'force_tcp', policy: 'sequential', log: true },
        'a.example': {
          to: ['192.0.2.1'],
          ttlSeconds: 5,
          suppressAAAA: true,
          extraPlugins: '\nloadbalance\n\n# {{ x }}\n',
        },
      },
      rewrites: { 'c.example': { to: 'd.example' }, 'e.example': { to: 'f.example', exact: true, external: true } },
      hosts: [{ ip: '2001:db8::1', names: ['a.example', 'b.example'] }],
      extraClusterDomains: ['old.example'],
      importConfigMap: 'mine',
      lameduckSeconds: 5,
    },
  ],
  [
    'a zone that says everything',
    {
      zones: {
        external: {
          cache: {
            success: { capacity: 999_999, minTtlSeconds: 0, except: ['a.example', 'b.example'] },
            denial: { except: ['.'] },
            prefetch: { amount: 3 },
            serveStale: { enabled: true, refresh: 'immediate' },
            servfailSeconds: 0,
            keepTtl: true,
          },
          forward: {
            policy: 'sequential',
            except: ['c.example'],
            maxConcurrent: 999_999,
            maxAgeSeconds: 60,
            healthCheck: { noRecursion: true, domain: 'd.example' },
            failover: ['SERVFAIL', 'REFUSED'],
            failFast: true,
          },
          log: { enabled: true, classes: ['denial'], format: '{name} {{type}} %' },
          errors: { consolidate: [{ pattern: '.*\\.example [{]2}' }, { pattern: 'x', seconds: 60, level: 'debug' }] },
          suppressAAAA: true,
          extraPlugins: 'bufsize 1232',
        },
      },
    },
  ],
  [
    'zones that keep nothing',
    { zones: { cluster: { cache: { enabled: false } }, reverse: { cache: { enabled: false } } } },
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

/** The objects, or the message where the constructs refuse the values. Any other error is a mistake of ours. */
function wantedOf(values: UserValues): ReturnType<typeof byName> | string {
  try {
    return byName(direct(values));
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/** To Kubernetes null is nothing, and so is a map of it: Helm writes what a user gives there, cdk8s leaves it out. */
function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNull);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutNull(inner)]);
  return Object.fromEntries(entries.filter(([, inner]) => inner !== null && JSON.stringify(inner) !== '{}'));
}

describe.each<HelmName>([...HELMS])('on %s', (name) => {
  needs(name).describe('helm template equals direct synth', () => {
    const chart = synthesized(temporaryFolder());

    test.each(CASES)('with %s', (_, values) => {
      expect(byName(template(name, chart, values))).toEqual(byName(direct(values)));
    });

    /** One by one, as the values are shrunk to the least that differ. */
    const same = fc.property(anyValues, (values) => {
      const wanted = wantedOf(values);
      const rendered = (): unknown => byName(template(name, chart, values));
      if (typeof wanted !== 'string' && hasNull(values)) expect(withoutNull(rendered())).toEqual(withoutNull(wanted));
      else if (typeof wanted !== 'string') expect(rendered()).toEqual(wanted);
      // Words of the schema are in verdicts.test.ts.
      else if (wanted.startsWith('These values do not fit')) expect(rendered).toThrow("don't meet the specifications");
      else expect(rendered).toThrow(wanted);
    });

    test('with any values the schema allows', () => {
      const { seed } = fc.readConfigureGlobal();
      const samples = fc.sample(anyValues, { seed, numRuns: GENERATED_SETS });
      const wanted = samples.map(wantedOf);
      const isAccepted = (index: number): boolean => typeof wanted[index] !== 'string' && !hasNull(samples[index]);
      const accepted = [...samples.keys()].filter(isAccepted);
      expect(accepted.length).toBeGreaterThan(GENERATED_SETS / 4); // Refusing everything would be equal, too.
      const rendered = templates(
        name,
        chart,
        accepted.map((index) => samples[index]),
      ).map(byName);
      const different = accepted.find((index, place) => !isDeepStrictEqual(rendered[place], wanted[index]));
      const others = [...samples.keys()].filter((index) => !isAccepted(index)).slice(0, SINGLE_RUNS);
      for (const index of different === undefined ? others : [different]) {
        fc.assert(same, { seed, path: String(index), numRuns: 1, interruptAfterTimeLimit: SHRINK_MS });
      }
      expect(different).toBeUndefined();
    }, 240_000);
  });
});
