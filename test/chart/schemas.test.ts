/** The API server's view: strict schemas of Kubernetes and of the Prometheus operator, unknown fields refused. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import type { UserValues } from '../../lib/values';
import { direct, type Manifest } from '../support/helm';
import { needs } from '../support/needs';
import { SCENARIOS } from './scenarios';

const FOLDER = path.join(__dirname, '../../../shared/data/k8s-schemas');
const DEFINITIONS: Record<string, string> = {
  ServiceAccount: 'io.k8s.api.core.v1.ServiceAccount',
  NetworkPolicy: 'io.k8s.api.networking.v1.NetworkPolicy',
  Service: 'io.k8s.api.core.v1.Service',
  ConfigMap: 'io.k8s.api.core.v1.ConfigMap',
  DaemonSet: 'io.k8s.api.apps.v1.DaemonSet',
};

/** Kinds that the subset has no definition of, from those it has. */
const object = (spec: object): object => ({
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    spec,
  },
  additionalProperties: false,
});
const closed = (properties: Record<string, object>, required: string[]): object => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const ciliumPorts = {
  type: 'array',
  items: closed(
    { port: { type: 'string', pattern: '^[0-9]{1,5}$' }, name: { type: 'string' }, protocol: { enum: ['UDP', 'TCP'] } },
    ['port', 'protocol'],
  ),
};
const SHAPES: Record<string, object> = {
  VerticalPodAutoscaler: object(
    closed(
      {
        targetRef: closed(
          { apiVersion: { const: 'apps/v1' }, kind: { const: 'DaemonSet' }, name: { type: 'string' } },
          ['kind', 'name'],
        ),
        updatePolicy: closed({ updateMode: { enum: ['Off', 'Initial', 'Recreate', 'InPlaceOrRecreate', 'Auto'] } }, []),
        resourcePolicy: closed(
          {
            containerPolicies: {
              type: 'array',
              items: closed(
                {
                  containerName: { type: 'string' },
                  controlledValues: { enum: ['RequestsOnly', 'RequestsAndLimits'] },
                  minAllowed: { type: 'object' },
                  maxAllowed: { type: 'object' },
                },
                [],
              ),
            },
          },
          [],
        ),
      },
      ['targetRef'],
    ),
  ),
  Pod: object({ $ref: '#/definitions/io.k8s.api.core.v1.PodSpec' }),
  Job: object(
    closed(
      {
        activeDeadlineSeconds: { type: 'integer' },
        backoffLimit: { type: 'integer' },
        template: { $ref: '#/definitions/io.k8s.api.core.v1.PodTemplateSpec' },
      },
      ['template'],
    ),
  ),
  // The fields of grafana-operator 5's definition in use here.
  GrafanaDashboard: object(
    closed(
      {
        allowCrossNamespaceImport: { type: 'boolean' },
        folder: { type: 'string' },
        instanceSelector: closed({ matchLabels: { type: 'object', additionalProperties: { type: 'string' } } }, []),
        json: { type: 'string' },
        resyncPeriod: { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$' },
      },
      ['instanceSelector'],
    ),
  ),
  // The fields of Cilium 1.19's definition that the documentation names.
  CiliumLocalRedirectPolicy: object(
    closed(
      {
        redirectFrontend: {
          oneOf: [
            closed(
              {
                serviceMatcher: closed(
                  { serviceName: { type: 'string' }, namespace: { type: 'string' }, toPorts: ciliumPorts },
                  ['serviceName', 'namespace'],
                ),
              },
              ['serviceMatcher'],
            ),
            closed({ addressMatcher: closed({ ip: { type: 'string' }, toPorts: ciliumPorts }, ['ip', 'toPorts']) }, [
              'addressMatcher',
            ]),
          ],
        },
        redirectBackend: closed(
          {
            localEndpointSelector: closed({ matchLabels: { type: 'object' } }, ['matchLabels']),
            toPorts: ciliumPorts,
          },
          ['localEndpointSelector', 'toPorts'],
        ),
        skipRedirectFromBackend: { type: 'boolean' },
      },
      ['redirectFrontend', 'redirectBackend'],
    ),
  ),
};

/** Beside the scenarios: what no one has at once. */
const CASES: [string, UserValues][] = [
  ...Object.entries(SCENARIOS),
  [
    'advice and policies for node pools',
    {
      nodePools: [{ name: 'gpu', nodeLabel: { key: 'pool', values: ['gpu'] } }],
      verticalPodAutoscaler: { enabled: true },
      clusterDNS: { ips: ['10.96.0.10'] },
      networkPolicy: { enabled: true, namespaces: ['shop'] },
    },
  ],
  ['scraped by pods', { podMonitor: { enabled: true, interval: '30s', sampleLimit: 9, honorLabels: true } }],
  [
    'updates in percent',
    { daemonSet: { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' as never } } } },
  ],
];

const compiled = new Map<string, ValidateFunction>();

/** The check for an object's kind. */
function schemaOf(manifest: Manifest): ValidateFunction {
  const known = compiled.get(manifest.kind) ?? compileFor(manifest);
  compiled.set(manifest.kind, known);
  return known;
}

function compileFor(manifest: Manifest): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  const read = (file: string) => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));
  const { definitions } = read('v1.27.0-strict-subset.json');
  const shape = SHAPES[manifest.kind];
  if (shape !== undefined) return ajv.compile({ definitions, ...shape });
  const definition = DEFINITIONS[manifest.kind];
  if (definition === undefined) return ajv.compile(read('monitoring.coreos.com-v1-strict.json')[manifest.kind]);
  return ajv.compile({ definitions, $ref: `#/definitions/${definition}` });
}

function complaints(manifest: Manifest): unknown {
  const validate = schemaOf(manifest);
  return validate(manifest) ? [] : validate.errors;
}

needs('schemas').describe('objects pass the strict schemas', () => {
  describe.each(CASES)('with %s', (_, values) => {
    test.each(
      direct(values).map((manifest): [string, string, Manifest] => [manifest.kind, manifest.metadata.name, manifest]),
    )('%s %s', (_kind, _name, manifest) => {
      expect(complaints(manifest)).toEqual([]);
    });
  });

  test('which do notice a field that does not exist', () => {
    const daemonSet = direct({})[5] as Manifest & { spec: { template: { spec: object } } };
    Object.assign(daemonSet.spec.template.spec, { hostNetwrk: true });
    expect(complaints(daemonSet)).not.toEqual([]);
  });
});
