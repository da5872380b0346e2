/** What `cdk8s synth` runs: writes the Helm chart into charts/. Plain manifests come from `npm run manifests`. */
import { helmChart } from './lib/chart/chart';

helmChart().synth();
