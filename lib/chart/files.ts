/** Every file of the chart that is not a manifest. */
import { valuesSchema, valuesYaml } from '../helm/values-files';
import { HELPERS } from '../installation';
import { MODE_HELPERS } from '../mode';
import { DECLARATION, FIELDS } from '../values';
import { CHART, chartYaml } from './facts';
import { NOTES } from './notes';
import { readme } from './readme';

/** What `helm package` leaves out. */
const HELMIGNORE = '.DS_Store\n.git/\n*.orig\n*.swp\n*.tmp\n*~\n';

/** File name in the chart to its text. Nothing in it depends on time, place or chance. */
export function chartFiles(): Record<string, string> {
  return {
    'Chart.yaml': chartYaml(),
    'values.yaml': valuesYaml('Written by `cdk8s synth` from lib/values.ts: change it there.', FIELDS),
    'values.schema.json': valuesSchema(CHART.name, DECLARATION.schema),
    'README.md': readme(),
    '.helmignore': HELMIGNORE,
    'templates/_helpers.tpl': HELPERS + MODE_HELPERS,
    'templates/NOTES.txt': NOTES,
  };
}
