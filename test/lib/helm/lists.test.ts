import { fileLines, includes } from '../../../lib/helm/lists';
import { Expression } from '../../../lib/helm/token';

describe('includes', () => {
  test('decides on a plain list', () => {
    expect([includes(['a', 'b'], 'b'), includes(['a'], 'b')]).toEqual([true, false]);
  });

  test('asks Helm about a list of the values', () => {
    const list = new Expression('.Values.disabled', 'tree') as unknown as string[];
    expect(String(includes(list, 'b'))).toBe('⟦has "b" .Values.disabled⟧');
  });
});

test('fileLines reads a file of the chart, at the column of its line', () => {
  expect(fileLines('dashboards/a.json')).toBe('⟦- .Files.Get "dashboards/a.json" | trim | nindent@⟧\n');
});
