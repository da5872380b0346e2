import { changesBetween, nearest } from '../../../lib/helm/nearest';

const NAMES = ['success', 'denial', 'serveStale', 'prefetch', 'keepTtl', 'to'];

describe('the name that was meant', () => {
  test.each([
    ['sucess', 'success'],
    ['succes', 'success'],
    ['scucess', 'success'],
    ['serve_stale', 'serveStale'],
    ['server_stale', 'serveStale'],
    ['keepttl', 'keepTtl'],
    ['too', 'to'],
  ])('by %s is %s', (written, meant) => {
    expect(nearest(written, NAMES)).toBe(meant);
  });

  test.each(['image', 'capacity', 'x', ''])('by %j is none of them', (written) => {
    expect(nearest(written, ['success', 'serveStale'])).toBeUndefined();
  });

  test('is nothing where there are no names', () => {
    expect(nearest('a', [])).toBeUndefined();
  });
});

test.each<[string, string, number]>([
  ['', '', 0],
  ['', 'abc', 3],
  ['abc', 'abc', 0],
  ['abc', 'acb', 1],
  ['abc', 'axc', 1],
  ['ab', 'abc', 1],
  ['kitten', 'sitting', 3],
])('from %j to %j it is %d changes, and back', (left, right, changes) => {
  expect([changesBetween(left, right), changesBetween(right, left)]).toEqual([changes, changes]);
});
