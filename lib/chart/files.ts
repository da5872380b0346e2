/** Every file of the chart that is not a manifest. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { COREFILE_HELPERS } from '../corefile';
import { EXTRA_MANIFESTS } from '../extra-manifests';
import { valuesSchema, valuesYaml } from '../helm/values-files';
import { HELPERS } from '../installation';
import { MODE_HELPERS } from '../mode';
import { MONITORING_HELPERS } from '../monitoring/alert';
import { dashboardText } from '../monitoring/dashboard';
import { DASHBOARD_PATH } from '../monitoring/dashboard-objects';
import { POOL_HELPERS } from '../node-pools';
import { POD_HELPERS } from '../pod';
import { DECLARATION, FIELDS } from '../values';
import { chartYaml } from './chart-yaml';
import { CHART } from './facts';
import { NOTES } from './notes';
import { readme } from './readme';

const CHANGELOG = path.join(__dirname, '../../CHANGELOG.md');

/** What `helm package` leaves out. */
const HELMIGNORE = '.DS_Store\n.git/\n*.orig\n*.swp\n*.tmp\n*~\n';

/** File name in the chart to its text. Nothing in it depends on time, place or chance. */
export function chartFiles(): Record<string, string> {
  return {
    'Chart.yaml': chartYaml(fs.readFileSync(CHANGELOG, 'utf8')),
    'values.yaml': valuesYaml('Written by `cdk8s synth` from lib/values.ts: change it there.', FIELDS),
    'values.schema.json': valuesSchema(CHART.name, DECLARATION.schema),
    'README.md': readme(),
    '.helmignore': HELMIGNORE,
    [DASHBOARD_PATH]: dashboardText(),
    'templates/_corefile.tpl': COREFILE_HELPERS,
    'templates/_helpers.tpl': HELPERS + MODE_HELPERS + POOL_HELPERS + POD_HELPERS + MONITORING_HELPERS,
    'templates/NOTES.txt': NOTES,
    'templates/extra.yaml': EXTRA_MANIFESTS,
  };
}
