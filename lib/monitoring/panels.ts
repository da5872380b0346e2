/** Panels of a Grafana dashboard, as Grafana's JSON has them. Knows no metric. */

/** A query of a panel. */
export interface Target {
  /** PromQL; `$cluster`, `$job`, `$instance` and `$__rate_interval` are Grafana's to fill in. */
  readonly expr: string;
  /** Name of its series, with `{{label}}`; empty in tables. */
  readonly legend: string;
}

/** A value from which on something is shown in a colour; null for the lowest. */
export type Threshold = readonly [from: number | null, colour: string];

/** What every panel says. */
interface Common {
  readonly title: string;
  /** What it shows and what to make of it; appears at the corner of the panel. */
  readonly description: string;
  /** Columns of 24. */
  readonly columns: number;
}

/** A panel before it has a place. */
export interface Panel extends Common {
  readonly type: 'timeseries' | 'heatmap' | 'stat' | 'table' | 'state-timeline';
  /** Rows of 36 pixels. */
  readonly rows: number;
  /** @source Grafana units: s, ms, reqps, percent, bytes, short, cps, none */
  readonly unit: string;
  readonly targets: readonly Target[];
  readonly json: Readonly<Record<string, unknown>>;
}

/** What the constructors of panels take. */
export interface PanelProps extends Common {
  readonly unit: string;
  readonly targets: readonly Target[];
}

/** A panel of series over time. */
export interface TimeseriesProps extends PanelProps {
  /** Series on top of one another: parts of a whole. @default false */
  readonly isStacked?: boolean;
  /** Top of the axis. @default by the data */
  readonly max?: number;
  /** @default 8 */
  readonly rows?: number;
}

/** Lines or areas over time, with a legend that tells last and highest. */
export function timeseries({ isStacked = false, max, rows = 8, ...common }: TimeseriesProps): Panel {
  const custom = {
    lineWidth: 1,
    fillOpacity: isStacked ? 30 : 8,
    showPoints: 'never',
    spanNulls: false,
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
  };
  const json = {
    fieldConfig: { defaults: { unit: common.unit, min: 0, max, custom }, overrides: [] },
    options: {
      legend: { displayMode: 'table', placement: 'bottom', showLegend: true, calcs: ['lastNotNull', 'max'] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
  return { type: 'timeseries', rows, ...common, json };
}

/** A histogram over time: buckets by colour. */
export function heatmap(props: PanelProps): Panel {
  const json = {
    fieldConfig: { defaults: { custom: { scaleDistribution: { type: 'linear' } } }, overrides: [] },
    options: {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Blues', reverse: false, exponent: 0.5, steps: 64 },
      filterValues: { le: 1e-9 },
      legend: { show: true },
      rowsFrame: { layout: 'auto' },
      tooltip: { mode: 'single', yHistogram: true },
      yAxis: { axisPlacement: 'left', unit: props.unit },
    },
  };
  return { type: 'heatmap', rows: 9, ...props, json };
}

/** One number, coloured by thresholds. */
export function stat({ steps, ...common }: PanelProps & { readonly steps: readonly Threshold[] }): Panel {
  const thresholds = { mode: 'absolute', steps: steps.map(([value, color]) => ({ value, color })) };
  const json = {
    fieldConfig: { defaults: { unit: common.unit, decimals: 1, thresholds, noValue: '–' }, overrides: [] },
    options: {
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'value',
    },
  };
  return { type: 'stat', rows: 4, ...common, json };
}

/** A state per line over time: 1 well, 0 not. */
export function stateTimeline({ names, ...common }: PanelProps & { readonly names: readonly [string, string] }): Panel {
  const options = { 0: { text: names[0], color: 'orange' }, 1: { text: names[1], color: 'green' } };
  const json = {
    fieldConfig: {
      defaults: { mappings: [{ type: 'value', options }], custom: { fillOpacity: 70, lineWidth: 0 } },
      overrides: [],
    },
    options: {
      mergeValues: true,
      showValue: 'never',
      rowHeight: 0.8,
      legend: { showLegend: true, placement: 'bottom' },
    },
  };
  return { type: 'state-timeline', rows: 8, ...common, json };
}

/** A line per series, a column per label; the value of each target is a column, too. */
export function table({ hidden, ...common }: PanelProps & { readonly hidden: readonly string[] }): Panel {
  const excludeByName = Object.fromEntries(['Time', '__name__', ...hidden].map((name) => [name, true]));
  const json = {
    fieldConfig: { defaults: { unit: common.unit, custom: { align: 'auto', filterable: true } }, overrides: [] },
    options: { showHeader: true, cellHeight: 'sm' },
    transformations: [
      { id: 'merge', options: {} },
      { id: 'organize', options: { excludeByName, indexByName: {}, renameByName: {} } },
    ],
  };
  return { type: 'table', rows: 6, ...common, json };
}

/** The variable that names the data source; Grafana fills it in. */
export const DATASOURCE = '$datasource';

const SOURCE = { type: 'prometheus', uid: DATASOURCE };

/** A panel in its place. */
export function placed(panel: Panel, id: number, x: number, y: number): Record<string, unknown> {
  const { type, title, description, columns, rows, targets, json } = panel;
  const isTable = type === 'table';
  const format = isTable ? 'table' : type === 'heatmap' ? 'heatmap' : 'time_series';
  return {
    id,
    type,
    title,
    description,
    datasource: SOURCE,
    gridPos: { x, y, w: columns, h: rows },
    ...json,
    targets: targets.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: SOURCE,
      expr,
      format,
      legendFormat: legend || '__auto',
      ...(isTable ? { instant: true, range: false } : { range: true }),
    })),
  };
}
