/** Every example is rendered; and what it is there to show is in what comes out. */
import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { CHART } from '../../lib/chart/facts';
import { manifests } from '../../lib/chart/manifests';
import { MODES } from '../../lib/modes';
import type { UserValues } from '../../lib/values';
import { byName, direct, find, HELMS, parsed, synthesized, template, temporaryFolder } from '../support/helm';
import { needs } from '../support/needs';

const ROOT = path.join(__dirname, '../..');
const EXAMPLES = path.join(ROOT, 'examples');
const VALUES = fs.readdirSync(path.join(EXAMPLES, 'helm')).filter((file) => file.endsWith('.yaml'));
const folder = temporaryFolder();

function read<T>(...names: string[]): T {
  return parse(fs.readFileSync(path.join(EXAMPLES, ...names), 'utf8'), { version: '1.1' }) as T;
}

/** Arguments of the cache that come of a values file. */
function flagsOf(values: UserValues): string[] {
  const daemonSet = find(parsed(manifests({ values })), 'DaemonSet') as unknown as {
    spec: { template: { spec: { containers: { args: string[] }[] } } };
  };
  return daemonSet.spec.template.spec.containers[0].args;
}

describe('examples/helm', () => {
  test.each<[string, string | RegExp]>([
    ['kubeadm.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['ipvs.yaml', '-localip=169.254.20.10'],
    ['k3s.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['rke2.yaml', '-localip=169.254.20.10,$(RKE2_COREDNS_RKE2_COREDNS_SERVICE_HOST)'],
    ['eks.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['gke.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['aks.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['cilium.yaml', '-localip=$(POD_IPS)'],
    ['ipv6.yaml', '-localip=fd00:53::10,$(KUBE_DNS_SERVICE_HOST)'],
    ['dual-stack.yaml', '-localip=169.254.20.10,fd00:53::10,10.96.0.10,fd00:10:96::a'],
    ['node-pools.yaml', '-localip=169.254.20.10,$(KUBE_DNS_SERVICE_HOST)'],
    ['k8s-dns-node-cache.yaml', '-localip=169.254.20.10,10.96.0.10'],
  ])('%s: %s', (file, flag) => {
    expect(flagsOf(read('helm', file))).toContainEqual(flag);
  });

  test('has no file without a test, and none that its README does not name', () => {
    expect(VALUES).toHaveLength(12);
    const readme = fs.readFileSync(path.join(EXAMPLES, 'helm/README.md'), 'utf8');
    for (const file of VALUES) expect(readme).toContain(`(${file})`);
  });

  test.each(['k3s.yaml', 'aks.yaml'])('%s asks CoreDNS for names outside the cluster', (file) => {
    expect(manifests({ values: read('helm', file) })).toMatch(
      /\.:53 \{(?:\n {6}.*)*\n {8}forward \. __PILLAR__CLUSTER__DNS__/,
    );
  });

  test('node-pools.yaml keeps the nodes of the pool from all others', () => {
    const objects = parsed(manifests({ values: read('helm', 'node-pools.yaml') }));
    const [all, pool] = ['node-local-dns', 'node-local-dns-crawlers'].map((name) =>
      JSON.stringify(find(objects, 'DaemonSet', name)),
    );
    expect(all).toContain('"key":"workload","operator":"NotIn","values":["crawler"]');
    expect(pool).toContain('"key":"workload","operator":"In","values":["crawler"]');
    expect(JSON.stringify(find(objects, 'ConfigMap', 'node-local-dns-crawlers'))).toContain('success 200000 30');
  });

  test('cilium.yaml makes a policy, and no link or rules', () => {
    const objects = parsed(manifests({ values: read('helm', 'cilium.yaml') }));
    expect(objects.map(({ kind }) => kind)).toContain('CiliumLocalRedirectPolicy');
    expect(flagsOf(read('helm', 'cilium.yaml'))).toEqual(
      expect.arrayContaining(['-setupinterface=false', '-setupiptables=false']),
    );
  });

  describe.each(HELMS)('%s', (name) => {
    const chart = synthesized(folder);
    needs(name).describe('renders what the constructs make', () => {
      test.each(VALUES)('%s', (file) => {
        const values = read<UserValues>('helm', file);
        expect(byName(template(name, chart, values))).toEqual(byName(direct(values)));
      });
    });
  });
});

describe('examples/argo-cd', () => {
  interface Source {
    readonly path: string;
    readonly targetRevision: string;
    readonly helm: { readonly releaseName: string; readonly valuesObject: UserValues };
  }

  test('application.yaml takes the chart of a release, with values that it accepts', () => {
    const { spec } = read<{ spec: { source: Source; destination: object } }>('argo-cd', 'application.yaml');
    expect(fs.existsSync(path.join(ROOT, spec.source.path, 'Chart.yaml'))).toBe(true);
    expect(spec.source.targetRevision).toBe(`v${CHART.version}`);
    expect(spec.destination).toMatchObject({ namespace: 'kube-system' });
    expect(manifests({ values: spec.source.helm.valuesObject })).toContain('kind: DaemonSet');
  });

  test('application-set.yaml gives values that the chart accepts, whatever mode a cluster is labelled with', () => {
    const { spec } = read<{ spec: { template: { spec: { source: Source } } } }>('argo-cd', 'application-set.yaml');
    const { source } = spec.template.spec;
    expect(source.targetRevision).toBe(`v${CHART.version}`);
    expect(source.helm.valuesObject.mode).toBe('{{index .metadata.labels "dns-mode"}}');
    for (const mode of MODES.filter((mode) => mode !== 'iptables'))
      expect(flagsOf({ ...source.helm.valuesObject, mode })).not.toEqual([]);
  });
});

describe('examples/flux', () => {
  test('helm-release.yaml takes the chart of a release, with values that it accepts, and does not wait', () => {
    const text = fs.readFileSync(path.join(EXAMPLES, 'flux/helm-release.yaml'), 'utf8');
    const [repository, release] = parseAllDocuments(text).map((document) => document.toJS()) as [
      { metadata: { name: string }; spec: { ref: { tag: string } } },
      {
        spec: { chart: { spec: { chart: string; sourceRef: { name: string } } }; values: UserValues } & Record<
          string,
          unknown
        >;
      },
    ];
    expect(repository.spec.ref.tag).toBe(`v${CHART.version}`);
    expect(release.spec.chart.spec.sourceRef.name).toBe(repository.metadata.name);
    expect(fs.existsSync(path.join(ROOT, release.spec.chart.spec.chart, 'Chart.yaml'))).toBe(true);
    for (const action of ['install', 'upgrade', 'rollback'])
      expect(release.spec[action]).toEqual({ disableWait: true });
    expect(manifests({ values: release.spec.values })).toContain('kind: DaemonSet');
  });
});

describe('examples/kustomize', () => {
  const { patches, images } = read<{ patches: { path: string }[]; images: { name: string; newName: string }[] }>(
    'kustomize',
    'kustomization.yaml',
  );

  test('changes an image and an object that are there', () => {
    expect(manifests()).toContain(`image: ${images[0].name}:`);
    const { kind, metadata } = read<{ kind: string; metadata: { name: string } }>('kustomize', patches[0].path);
    expect(() => find(parsed(manifests()), kind, metadata.name)).not.toThrow();
  });

  needs('kubectl').describe('kubectl kustomize', () => {
    test('makes of the manifests what the files say', () => {
      const copy = path.join(folder, 'kustomize');
      fs.cpSync(path.join(EXAMPLES, 'kustomize'), copy, { recursive: true });
      fs.writeFileSync(path.join(copy, 'nodelocaldns.yaml'), manifests());
      const daemonSet = find(parsed(execFileSync('kubectl', ['kustomize', copy], { encoding: 'utf8' })), 'DaemonSet');
      expect(daemonSet).toMatchObject({
        metadata: { labels: { team: 'network' } },
        spec: {
          updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
          template: { spec: { containers: [{ image: `${images[0].newName}:${CHART.appVersion}` }] } },
        },
      });
    });
  });
});

describe('examples/cdk8s', () => {
  const program = (name: string): string => path.join(ROOT, 'node_modules/.bin', name);

  test('compiles', () => {
    const { stdout, status } = spawnSync(program('tsc'), ['-p', 'examples/cdk8s'], { cwd: ROOT, encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(status).toBe(0);
  });

  test('writes the objects that it asks for', () => {
    const out = path.join(folder, 'app');
    const words = ['--tsconfig', 'examples/cdk8s/tsconfig.json', 'examples/cdk8s/main.ts', out];
    const { stderr, status } = spawnSync(program('tsx'), words, { cwd: ROOT, encoding: 'utf8' });
    expect(stderr).toContain('pods ask 169.254.20.10\nk8s.example:53 {\n');
    expect(status).toBe(0);
    const objects = parsed(fs.readFileSync(path.join(out, 'dns.k8s.yaml'), 'utf8'));
    expect(JSON.stringify(find(objects, 'ConfigMap'))).toContain('corp.example:53 {');
    expect(find(objects, 'ServiceMonitor').metadata).toMatchObject({ labels: { release: 'prometheus' } });
  });
});
