import { parse } from 'yaml';
import { chartYaml } from '../../../lib/chart/facts';
import packageJson from '../../../package.json';

test('Chart.yaml has the version of the package and admits Kubernetes from 1.20, vendor suffixes included', () => {
  expect(parse(chartYaml())).toMatchObject({
    apiVersion: 'v2',
    name: 'nodelocaldns',
    version: packageJson.version,
    kubeVersion: '>=1.20.0-0',
  });
});
