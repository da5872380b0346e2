/** The dashboard on its way to Grafana: a ConfigMap for the sidecar, or an object of the Grafana operator. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { keysWhen, optional } from '../helm/control';
import { fileLines } from '../helm/lists';
import { isExpression } from '../helm/token';
import type { Installation } from '../installation';
import { DASHBOARD_FILE, dashboardText } from './dashboard';
import { monitoringMetadata } from './metadata';

/** Where the file is in the chart. */
export const DASHBOARD_PATH = `dashboards/${DASHBOARD_FILE}`;

/** The dashboard's text; in a chart the file beside the templates. */
function text({ release }: Installation): string {
  return isExpression(release.name) ? fileLines(DASHBOARD_PATH) : dashboardText();
}

/**
 * A ConfigMap with the dashboard, which the sidecar of Grafana finds by its labels.
 * @source kiwigrid k8s-sidecar, as the charts of Grafana and kube-prometheus-stack run it
 */
export class CacheDashboard extends Construct {
  /** @param installation names, labels and `dashboard` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { dashboard } = installation.values;
    const hasFolder = dashboard.folder as unknown as boolean; // A text counts as true where it is not empty.
    const folder = keysWhen(hasFolder, { grafana_folder: dashboard.folder });
    const configMap = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: monitoringMetadata(installation, dashboard, '-dashboard', folder, dashboard.folder),
      data: { [DASHBOARD_FILE]: text(installation) },
    };
    new ApiObject(this, 'Resource', configMap as never);
  }
}

/**
 * The dashboard as an object of the Grafana operator, for the Grafanas that `instanceSelector` means.
 * @source grafana-operator, grafana.integreatly.org/v1beta1 GrafanaDashboard
 */
export class CacheGrafanaDashboard extends Construct {
  /** @param installation names, labels and `dashboard.grafanaOperator` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const settings = installation.values.dashboard.grafanaOperator;
    const object = {
      apiVersion: 'grafana.integreatly.org/v1beta1',
      kind: 'GrafanaDashboard',
      metadata: monitoringMetadata(installation, settings),
      spec: {
        allowCrossNamespaceImport: settings.allowCrossNamespaceImport,
        instanceSelector: optional(settings.instanceSelector),
        folder: optional(settings.folder),
        resyncPeriod: optional(settings.resyncPeriod),
        json: text(installation),
      },
    };
    new ApiObject(this, 'Resource', object as never);
  }
}
