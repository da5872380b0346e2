import { fileLines, hasTwice, includes } from '../../../lib/helm/lists';
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

describe('hasTwice', () => {
  test('decides on plain lines', () => {
    expect([hasTwice('a\nb\na\n'), hasTwice('a\nb\n'), hasTwice('')]).toEqual([true, false, false]);
  });

  test('asks Helm about what a template writes', () => {
    const lines = new Expression('include "x" .', 'string') as unknown as string;
    const each = '(splitList "\\n" (include "x" .))';
    expect(String(hasTwice(lines))).toBe(`⟦lt (len (${each} | uniq)) (len ${each})⟧`);
  });
});

test('fileLines reads a file of the chart, at the column of its line', () => {
  expect(fileLines('dashboards/a.json')).toBe('⟦- .Files.Get "dashboards/a.json" | trim | nindent@⟧\n');
});
