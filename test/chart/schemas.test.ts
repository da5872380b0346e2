/** The API server's view: strict schemas of Kubernetes and of the Prometheus operator, unknown fields refused. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import type { UserValues } from '../../lib/values';
import { direct, type Manifest } from '../support/helm';
import { needs } from '../support/needs';

const FOLDER = path.join(__dirname, '../../../shared/data/k8s-schemas');
const DEFINITIONS: Record<string, string> = {
  ServiceAccount: 'io.k8s.api.core.v1.ServiceAccount',
  Service: 'io.k8s.api.core.v1.Service',
  ConfigMap: 'io.k8s.api.core.v1.ConfigMap',
  DaemonSet: 'io.k8s.api.apps.v1.DaemonSet',
};

const CASES: [string, UserValues][] = [
  ['the defaults', {}],
  [
    'everything on',
    {
      commonLabels: { team: 'net' },
      image: { pullSecrets: ['s'] },
      localIPs: ['fd00::10', '169.254.20.10'],
      serviceMonitor: { enabled: true, interval: '30s', scrapeTimeout: '10s', labels: { a: 'c' } },
      prometheusRule: { enabled: true },
      daemonSet: {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
        env: [{ name: 'A', value: 'b' }],
        extraVolumes: [{ name: 'v', emptyDir: {} }],
        extraVolumeMounts: [{ name: 'v', mountPath: '/v' }],
      },
    },
  ],
];

/** The check for an object's kind. */
function schemaOf(manifest: Manifest): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  const read = (file: string) => JSON.parse(fs.readFileSync(path.join(FOLDER, file), 'utf8'));
  const definition = DEFINITIONS[manifest.kind];
  if (definition === undefined) return ajv.compile(read('monitoring.coreos.com-v1-strict.json')[manifest.kind]);
  return ajv.compile({ ...read('v1.27.0-strict-subset.json'), $ref: `#/definitions/${definition}` });
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
