/** The Helm chart: all constructs with expressions in place of values. */
import { Chart } from 'cdk8s';
import { HelmApp } from '../helm/app';
import { HELM_RELEASE } from '../installation';
import { NodeLocalDns } from '../node-local-dns';
import { EXPRESSIONS } from '../values';
import { chartFiles } from './files';

/**
 * The app whose synth() writes the chart.
 * @param outdir where to. @default the folder that `cdk8s synth` names
 */
export function helmChart(outdir?: string): HelmApp {
  const app = new HelmApp({ files: chartFiles(), outdir });
  const chart = new Chart(app, 'chart', { disableResourceNameHashes: true });
  new NodeLocalDns(chart, 'cache', { values: EXPRESSIONS, release: HELM_RELEASE });
  return app;
}
