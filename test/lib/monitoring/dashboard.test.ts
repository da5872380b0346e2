import { dashboard, dashboardText } from '../../../lib/monitoring/dashboard';
import { ROWS } from '../../../lib/monitoring/dashboard-rows';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly repeat?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly panels?: readonly Panel[];
  readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
}

const top = (dashboard() as { panels: Panel[] }).panels;
const all = top.flatMap((panel) => [panel, ...(panel.panels ?? [])]);
const shown = all.filter(({ type }) => type !== 'row');

describe('the dashboard', () => {
  test('has panels of the types that Grafana goes on with; graph and singlestat are gone', () => {
    const types = [...new Set(all.map(({ type }) => type))].sort();
    expect(types).toEqual(['heatmap', 'row', 'stat', 'state-timeline', 'table', 'timeseries']);
  });

  test('has every row with all its panels', () => {
    const titles = ROWS.flatMap(({ title, panels }) => [title, ...panels.map((panel) => panel.title)]);
    expect(all.map(({ title }) => title).sort()).toEqual(titles.sort());
  });

  test('has an id for each panel, once', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  test.each(shown)('$title says what it shows, in a unit', ({ description, targets, fieldConfig, type }) => {
    expect(description).toMatch(/\.$/);
    expect(targets?.length).toBeGreaterThan(0);
    if (type !== 'heatmap' && type !== 'state-timeline') expect(fieldConfig?.defaults.unit).toMatch(/^[a-z]+$/);
  });

  test('no panel lies over another or beside the 24 columns', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of [...top, ...all.filter(({ panels }) => panels?.length === 0)]) {
      expect([title, gridPos.x + gridPos.w <= 24]).toEqual([title, true]);
    }
    for (const { gridPos, title } of top) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect([title, taken.has(`${x} ${y}`)]).toEqual([title, false]);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });

  test('has a row for each node, folded', () => {
    const rows = all.filter(({ repeat }) => repeat !== undefined);
    expect(rows.map(({ repeat, title }) => [repeat, title])).toEqual([['instance', 'Node $instance']]);
    expect(rows[0].panels?.length).toBeGreaterThan(0);
  });

  test('asks only for the caches that its variables select', () => {
    const selector = 'cluster=~"$cluster", job=~"$job", instance=~"$instance"';
    for (const { expr } of shown.flatMap(({ targets = [] }) => targets)) {
      const metrics = expr.match(/\b(up|(coredns|nodelocaldns|process)_[a-z_]+)(?=\W)(\{[^}]*)?/g) ?? [];
      expect(metrics.length).toBeGreaterThan(0);
      for (const metric of metrics) expect(metric).toContain(selector);
    }
  });

  test('has variables for source, cluster, job and node, and all of them at first', () => {
    const { list } = (dashboard() as { templating: { list: { name: string; allValue?: string }[] } }).templating;
    expect(list.map(({ name, allValue }) => [name, allValue])).toEqual([
      ['datasource', undefined],
      ['cluster', '.*'],
      ['job', '.*'],
      ['instance', '.*'],
    ]);
  });

  test('is JSON that ends in a newline, small enough for an annotation of kubectl apply', () => {
    expect(JSON.parse(dashboardText())).toEqual(JSON.parse(JSON.stringify(dashboard())));
    expect(dashboardText().endsWith('}\n')).toBe(true);
    expect(dashboardText().length).toBeLessThan(100_000);
  });
});
