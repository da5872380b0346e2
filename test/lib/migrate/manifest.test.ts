/** Objects of a running node-cache to values: by function, and by the command that the documentation names. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { manifests } from '../../../lib/chart/manifests';
import { Draft } from '../../../lib/migrate/draft';
import { flatten, foundInObjects, type Manifest } from '../../../lib/migrate/manifest';
import { migrate } from '../../../lib/migrate/migrate';
import type { UserValues } from '../../../lib/values';
import { refusal } from '../../support/corefile';
import { find, parsed } from '../../support/helm';
import { needs } from '../../support/needs';

/** Names in Corefiles, as an install script and a node fill them in. */
const FILLED = {
  __PILLAR__LOCAL__DNS__: '169.254.20.10',
  __PILLAR__DNS__SERVER__: '10.43.0.10',
  __PILLAR__DNS__DOMAIN__: 'cluster.local',
  __PILLAR__CLUSTER__DNS__: '10.43.0.11',
  __PILLAR__UPSTREAM__SERVERS__: '192.0.2.53',
};

type Pod = { template: { spec: object } };

const RUNNING = path.join(__dirname, 'fixtures/running.yaml');
const running = (): Manifest => parse(fs.readFileSync(RUNNING, 'utf8')) as Manifest;

/** The objects of the running cache, one of them changed. */
function changed(kind: string, change: (object: Record<string, never>) => void, name = 'node-local-dns'): Manifest[] {
  const objects = flatten([running()]);
  change(objects.find((object) => object.kind === kind && object.metadata?.name === name) as never);
  return objects;
}

describe('objects of this chart come back as the values they were made of', () => {
  test.each<UserValues>([
    {},
    { mode: 'ipvs', localIPs: ['169.254.25.10'] },
    {
      clusterDNS: { ips: ['10.43.0.10'] },
      nodeCache: { firewall: 'iptables', leaseRenewMs: 500, leaseExpireMs: 2000 },
    },
    { zones: { external: { cache: { success: { ttlSeconds: 60 } } } }, fallbackService: { name: 'dns-pods' } },
  ])('%j', (values) => {
    const { values: back, notes } = migrate(parsed(manifests({ values, release: { namespace: 'kube-system' } })));
    expect(back).toEqual(values);
    expect(notes).toEqual([]);
  });
});

describe('foundInObjects', () => {
  test('finds the one DaemonSet of a node-cache, its Corefile, and what is known of kube-dns', () => {
    const found = foundInObjects(new Draft(), flatten([running()]));
    expect(found).toMatchObject({
      source: 'DaemonSet kube-system/node-local-dns',
      clusterIPs: ['10.43.0.10'],
      upstream: { selector: { 'k8s-app': 'kube-dns' }, targetPort: 53 },
      kubeDnsConfigMap: 'kube-dns',
      isScraped: true,
    });
    expect(found.corefile).toMatch(/^cluster\.local:53 \{/);
  });

  test('wants exactly one', () => {
    const objects = flatten([running()]);
    const without = objects.filter(({ kind }) => kind !== 'DaemonSet');
    expect(() => foundInObjects(new Draft(), without)).toThrow(/found none: give one `kubectl/);
    expect(() => foundInObjects(new Draft(), [...objects, ...objects])).toThrow(/found node-local-dns, node-local-dns/);
  });

  test('says what it did not find, and what is not part of the cache', () => {
    const draft = new Draft();
    const objects = flatten([running()]).filter(({ kind }) => kind !== 'ConfigMap');
    const more = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'dns' } };
    foundInObjects(draft, [...objects, more]);
    expect(draft.notes).toEqual([
      'PodDisruptionBudget dns: has no effect on a DaemonSet',
      expect.stringMatching(/^ConfigMap node-local-dns: was not in what was read/),
    ]);
  });
});

describe('migrate', () => {
  test('of the usual installation keeps what people changed, and says what it leaves', () => {
    const { values, notes } = migrate([running()]);
    expect(values).toEqual({
      clusterDNS: { ips: ['10.43.0.10'] },
      zones: { external: { cache: { success: { ttlSeconds: 60 }, denial: { ttlSeconds: 60 } } } },
      daemonSet: {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '10%' } },
        podLabels: { team: 'network' },
        resources: { requests: { cpu: '50m' } },
        extraVolumes: [{ name: 'hosts', configMap: { name: 'company-hosts' } }],
        extraVolumeMounts: [{ mountPath: '/etc/coredns-hosts', name: 'hosts' }],
      },
    });
    expect(notes).toEqual([expect.stringMatching(/^limit of 170Mi memory/), expect.stringMatching(/^privileged/)]);
  });

  test.each<[string, Manifest[], object]>([
    [
      'another namespace of the ServiceMonitor',
      [
        ...flatten([running()]),
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'ServiceMonitor',
          metadata: { name: 'x', namespace: 'monitoring', labels: { release: 'prometheus' } },
          spec: { endpoints: [{ port: 'metrics', interval: '30s' }] },
        },
      ],
      {
        serviceMonitor: { enabled: true, namespace: 'monitoring', labels: { release: 'prometheus' }, interval: '30s' },
      },
    ],
    [
      'cluster DNS pods with a label of their own',
      changed('Service', ({ spec }) => Object.assign(spec, { selector: { app: 'coredns' } }), 'kube-dns-upstream'),
      { upstreamService: { selector: { 'k8s-app': null, app: 'coredns' } } },
    ],
    [
      'a PodMonitor',
      [
        ...flatten([running()]),
        {
          apiVersion: 'monitoring.coreos.com/v1',
          kind: 'PodMonitor',
          metadata: { name: 'x' },
          spec: { podMetricsEndpoints: [{ port: 'metrics', scrapeTimeout: '5s', relabelings: [] }] },
        },
      ],
      { podMonitor: { enabled: true, scrapeTimeout: '5s' } },
    ],
    [
      'Cilium, which leads an address to it',
      [
        ...changed('DaemonSet', ({ spec }) => Object.assign((spec as Pod).template.spec, { hostNetwork: false })),
        {
          apiVersion: 'cilium.io/v2',
          kind: 'CiliumLocalRedirectPolicy',
          metadata: { name: 'x' },
          spec: { redirectFrontend: { addressMatcher: { ip: '169.254.20.11' } }, skipRedirectFromBackend: true },
        },
      ],
      {
        mode: 'cilium-lrp',
        localIPs: ['169.254.20.11'],
        cilium: { localRedirectPolicy: { matcher: 'address', skipRedirectFromBackend: true } },
      },
    ],
  ])('with %s', (_, objects, values) => {
    expect(migrate(objects).values).toMatchObject(values);
  });

  needs('corefiles').describe('with a public Corefile', () => {
    const folder = path.join(__dirname, '../../../../shared/data/corefiles');
    const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((file) => file.endsWith('.Corefile')) : [];

    /** What a node says to it, without the line. */
    const loaded = (text: string): string | undefined => {
      const filled = Object.entries(FILLED).reduce((result, [name, word]) => result.replaceAll(name, word), text);
      const machine = { files: { '/etc/resolv.conf': 'nameserver 192.0.2.53\n', '/etc/coredns/hosts': '' } };
      return refusal(filled, machine)?.replace(/^Cf:[0-9]+/, '');
    };

    test.each(files)('%s: what comes out loads on a node', (file) => {
      const Corefile = fs.readFileSync(path.join(folder, file), 'utf8');
      const objects = changed('ConfigMap', (object) => Object.assign(object, { data: { Corefile } }));
      const { values } = migrate(objects);
      const written = find(parsed(manifests({ values })), 'ConfigMap') as unknown as { data: { Corefile: string } };
      expect(loaded(written.data.Corefile)).toBe(loaded(Corefile));
    });
  });
});

describe('migrate, of the manifest of Kubernetes before anybody filled it in', () => {
  const text = fs
    .readFileSync(RUNNING, 'utf8')
    .replaceAll('169.254.20.10', '__PILLAR__LOCAL__DNS__')
    .replaceAll('10.43.0.10', '__PILLAR__DNS__SERVER__')
    .replaceAll('cluster.local', '__PILLAR__DNS__DOMAIN__');

  test('leaves the address to the nodes', () => {
    const { values, notes } = migrate([parse(text)]);
    expect([values.clusterDNS, values.localIPs, values.mode, values.clusterDomain, values.corefile]).toEqual(
      Array(5).fill(undefined),
    );
    expect(notes).toContainEqual(expect.stringMatching(/were never filled in/));
  });
});

describe('npm run migrate', () => {
  function run(parameters: string[], input = ''): { status: number | null; stdout: string; stderr: string } {
    const root = path.join(__dirname, '../../..');
    const words = ['lib/command.ts', 'migrate', ...parameters];
    return spawnSync(path.join(root, 'node_modules/.bin/tsx'), words, { cwd: root, encoding: 'utf8', input });
  }

  test('prints values.yaml under a comment with what is not as before', () => {
    const { status, stdout } = run([RUNNING]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^# Values for nodelocaldns, from DaemonSet kube-system\/node-local-dns\.\n#\n# Not as before:\n# - limit/,
    );
    expect(parse(stdout)).toEqual(migrate([running()]).values);
  });

  test('reads standard input', () => {
    expect(run(['-'], fs.readFileSync(RUNNING, 'utf8')).stdout).toContain('10.43.0.10');
  });

  test.each([
    [[], '', /^Nothing to migrate: name files, or - for standard input/],
    [['no-such-file'], '', /no-such-file/],
    [['-'], 'replicaCount: 1\n', /^These are neither objects of Kubernetes nor values of a chart that is known/],
    [['--from', 'bitnami', '-'], 'a: 1\n', /want one of lablabs, kube10k, deliveryhero/],
    [['-'], 'a: [\n', /^-: /],
  ])('%j is refused', (parameters, input, message) => {
    const { status, stderr } = run(parameters, input);
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});
