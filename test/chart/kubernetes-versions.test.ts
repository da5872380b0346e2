/** API servers from the first that the chart admits to the newest: each takes every object of every scenario. */
import {
  byName,
  direct,
  HELMS,
  type HelmName,
  type Manifest,
  synthesized,
  templates,
  temporaryFolder,
} from '../support/helm';
import { isBuiltIn, TYPES, typeComplaints } from '../support/kubernetes-types';
import { needs } from '../support/needs';
import { SCENARIOS } from './scenarios';

const OBJECTS = Object.fromEntries(
  Object.entries(SCENARIOS).map(([name, values]) => [name, direct(values).filter(isBuiltIn)]),
);
const [DAEMON_SET] = OBJECTS.default.filter(({ kind }) => kind === 'DaemonSet');
const [SERVICE] = OBJECTS.default.filter(({ kind }) => kind === 'Service');

/** Mistakes that a check worth its name sees. */
const pod = (change: object): Manifest => {
  const copy = structuredClone(DAEMON_SET) as Manifest & { spec: { template: { spec: object } } };
  Object.assign(copy.spec.template.spec, change);
  return copy;
};
const MISTAKES: Record<string, Manifest> = {
  'a field that does not exist': pod({ hostNetwrk: true }),
  'a field that does not exist in a list': pod({ containers: [{ name: 'a', image: 'b', ports: [{ port: 53 }] }] }),
  'a number as text': pod({ terminationGracePeriodSeconds: '30' }),
  'text in place of a list': pod({ tolerations: 'Exists' }),
  'a number in a map of texts': { ...SERVICE, metadata: { ...SERVICE.metadata, labels: { a: 1 } } } as never,
  'a field that is missing': pod({ volumes: [{ hostPath: { path: '/run' } }] }),
  'a kind of another age': { ...DAEMON_SET, apiVersion: 'extensions/v1beta1' },
};
/** Fields by the first version that has them. */
const AGES: Record<string, [Manifest, (version: number) => boolean]> = {
  hostUsers: [pod({ hostUsers: false }), (version) => version >= 25],
  schedulingGates: [pod({ schedulingGates: [{ name: 'a' }] }), (version) => version >= 26],
  stopSignal: [pod({ containers: [{ name: 'a', lifecycle: { stopSignal: 'SIGTERM' } }] }), (version) => version >= 33],
};

test('all other kinds are custom ones, whose schemas are in schemas.test.ts', () => {
  const others = Object.values(SCENARIOS).flatMap((values) => direct(values).filter((one) => !isBuiltIn(one)));
  expect([...new Set(others.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))].sort()).toEqual([
    'autoscaling.k8s.io/v1 VerticalPodAutoscaler',
    'cilium.io/v2 CiliumLocalRedirectPolicy',
    'grafana.integreatly.org/v1beta1 GrafanaDashboard',
    'monitoring.coreos.com/v1 PodMonitor',
    'monitoring.coreos.com/v1 PrometheusRule',
    'monitoring.coreos.com/v1 ServiceMonitor',
  ]);
});

describe('Kubernetes', () => {
  const found = typeComplaints({
    ...OBJECTS,
    ...Object.fromEntries(Object.entries(MISTAKES).map(([name, manifest]) => [name, [manifest]])),
    ...Object.fromEntries(Object.entries(AGES).map(([name, [manifest]]) => [name, [manifest]])),
  });

  describe.each(Object.keys(TYPES))('%s', (version) => {
    test.each(Object.keys(SCENARIOS))('takes the objects of %s', (name) => {
      expect(found[version][name]).toEqual([]);
    });

    test.each(Object.keys(MISTAKES))('refuses %s', (name) => {
      expect(found[version][name]).toHaveLength(1);
    });

    test.each(Object.keys(AGES))('knows %s from its first version on', (name) => {
      const [, isKnown] = AGES[name];
      expect(found[version][name]).toHaveLength(isKnown(Number(version.split('.')[1])) ? 0 : 1);
    });
  });
});

describe.each<HelmName>([...HELMS])('%s', (name) => {
  needs(name).describe('and the version of the cluster', () => {
    const chart = synthesized(temporaryFolder());
    const all = Object.values(SCENARIOS);

    test.each(['1.20', ...Object.keys(TYPES)])('renders these objects for Kubernetes %s', (version) => {
      const rendered = templates(name, chart, all, ['--kube-version', `${version}.0`]);
      expect(rendered.map(byName)).toEqual(all.map((values) => byName(direct(values))));
    });
  });
});
