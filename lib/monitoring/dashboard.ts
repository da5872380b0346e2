/** The Grafana dashboard as data. One file for everybody: what differs between clusters is a variable in Grafana. */

import { ROWS, type Row } from './dashboard-rows';
import { DATASOURCE, type Panel, placed } from './panels';

/** A metric that every node-local cache shows and no other CoreDNS does: variables find caches by it. */
const MARK = 'coredns_nodecache_setup_errors_total';
const COLUMNS = 24;

/** Name of the file, in the chart and in the ConfigMap. */
export const DASHBOARD_FILE = 'node-local-dns.json';

/** Panels side by side, below each other where a line of 24 columns is full. @returns the panels and the next free y */
function laidOut(panels: readonly Panel[], firstId: number, top: number): [Record<string, unknown>[], number] {
  let [x, y, height] = [0, top, 0];
  const result = panels.map((panel, index) => {
    if (x + panel.columns > COLUMNS) [x, y, height] = [0, y + height, 0];
    const json = placed(panel, firstId + index, x, y);
    x += panel.columns;
    height = Math.max(height, panel.rows);
    return json;
  });
  return [result, y + height];
}

function allPanels(rows: readonly Row[]): Record<string, unknown>[] {
  const result: Record<string, unknown>[] = [];
  let [id, y] = [1, 0];
  for (const { title, panels, repeat } of rows) {
    const head = { id, type: 'row', title, gridPos: { x: 0, y, w: COLUMNS, h: 1 } };
    const [inside, next] = laidOut(panels, id + 1, y + 1);
    id += 1 + panels.length;
    // Panels of a folded row are inside of it, those of an open one behind it.
    if (repeat === undefined) result.push({ ...head, collapsed: false, panels: [] }, ...inside);
    else result.push({ ...head, collapsed: true, repeat, panels: inside });
    y = repeat === undefined ? next : y + 1;
  }
  return result;
}

/** A variable whose values are those of a label; All matches targets without it, too. */
function variable(name: string, label: string, selector: string): Record<string, unknown> {
  const query = `label_values(${MARK}${selector && `{${selector}}`}, ${name})`;
  return {
    name,
    label,
    type: 'query',
    datasource: { type: 'prometheus', uid: DATASOURCE },
    definition: query,
    query: { query, refId: 'variable' },
    allValue: '.*',
    includeAll: true,
    multi: true,
    current: { selected: true, text: ['All'], value: ['$__all'] },
    refresh: 2, // When the time range changes: nodes come and go.
    sort: 7, // By nature: node2 before node10.
  };
}

/** The dashboard. @source Grafana, Dashboard JSON model, schema version 39 (Grafana 10.4 and later) */
export function dashboard(): Record<string, unknown> {
  return {
    uid: 'node-local-dns',
    title: 'NodeLocal DNSCache',
    description: 'DNS caches on the nodes of a cluster: what pods get, from where, and what it costs.',
    tags: ['dns', 'kubernetes', 'node-local-dns'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    links: [],
    annotations: { list: [] },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, regex: '' },
        variable('cluster', 'Cluster', ''),
        variable('job', 'Job', 'cluster=~"$cluster"'),
        variable('instance', 'Node', 'cluster=~"$cluster", job=~"$job"'),
      ],
    },
    panels: allPanels(ROWS),
  };
}

/** The file: JSON that Grafana imports as it is. */
export function dashboardText(): string {
  return `${JSON.stringify(dashboard(), null, 2)}\n`;
}
