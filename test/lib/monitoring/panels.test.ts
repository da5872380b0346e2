import { heatmap, placed, stat, stateTimeline, table, timeseries } from '../../../lib/monitoring/panels';

const common = {
  title: 'T',
  description: 'D.',
  columns: 6,
  unit: 's',
  targets: [
    { expr: 'a', legend: '{{b}}' },
    { expr: 'c', legend: '' },
  ],
};

describe('a panel in its place', () => {
  test('has its queries by letter, and the data source of the variable', () => {
    const json = placed(timeseries(common), 7, 12, 3) as { targets: object[] };
    expect(json).toMatchObject({
      id: 7,
      type: 'timeseries',
      gridPos: { x: 12, y: 3, w: 6, h: 8 },
      datasource: { type: 'prometheus', uid: '$datasource' },
    });
    expect(json.targets).toMatchObject([
      { refId: 'A', expr: 'a', legendFormat: '{{b}}', format: 'time_series', range: true },
      { refId: 'B', expr: 'c', legendFormat: '__auto' },
    ]);
  });

  test.each([
    ['heatmap', heatmap(common), 'heatmap'],
    ['stat', stat({ ...common, steps: [[null, 'green']] }), 'time_series'],
    ['state-timeline', stateTimeline({ ...common, names: ['off', 'on'] }), 'time_series'],
    ['table', table({ ...common, hidden: ['Value'] }), 'table'],
  ])('%s asks in the format it draws', (type, panel, format) => {
    expect(placed(panel, 1, 0, 0)).toMatchObject({ type, targets: [{ format }, { format }] });
  });

  test('tables ask for the last value only', () => {
    expect(placed(table({ ...common, hidden: [] }), 1, 0, 0)).toMatchObject({
      targets: [{ instant: true, range: false }, {}],
    });
  });

  test('stacked series are parts of a whole', () => {
    const panel = placed(timeseries({ ...common, isStacked: true }), 1, 0, 0);
    expect(panel).toHaveProperty('fieldConfig.defaults.custom.stacking.mode', 'normal');
  });
});
