import { canonicalName, ZoneList } from '../../../image/plugin/zone-list';

test.each([
  ['example.org', 'example.org.'],
  ['EXAMPLE.org.', 'example.org.'],
  ['.', '.'],
  ['*.example', '*.example.'],
  ['a\\.b.example', 'a\\.b.example.'],
  ['a\\046b', 'a\\.b.'],
  ['a b@c', 'a\\ b\\@c.'],
  ['ünder', '\\195\\188nder.'],
  [`${'x'.repeat(63)}.`.repeat(3) + 'y'.repeat(61), `${'x'.repeat(63)}.`.repeat(3) + `${'y'.repeat(61)}.`],
  ['', undefined],
  ['a..b', undefined],
  ['.a', undefined],
  ['x'.repeat(64), undefined],
  [`${'x'.repeat(63)}.`.repeat(3) + 'y'.repeat(62), undefined],
])('%j is the name %j', (text, name) => {
  expect(canonicalName(text)).toBe(name);
});

const ZONES = ['org.', 'example.org', 'Sub.Example.org.', 'a\\.b.net.'];

test.each([
  ['example.org.', 'example.org.'],
  ['www.example.org.', 'example.org.'],
  ['a.b.sub.example.org.', 'sub.example.org.'],
  ['org.', 'org.'],
  ['myexample.org.', 'org.'],
  ['x\\.example.org.', 'org.'],
  ['x\\\\.example.org.', 'example.org.'],
  ['x.a\\.b.net.', 'a\\.b.net.'],
  ['a.b.net.', ''],
  ['net.', ''],
  ['.', ''],
])('of four zones, %s lies in %j', (name, zone) => {
  expect(new ZoneList(ZONES).find(name)).toBe(zone);
});

test('the root is above all, and behind all others', () => {
  expect(new ZoneList(['.', 'org.']).find('example.org.')).toBe('org.');
  expect(new ZoneList(['.', 'org.']).find('example.net.')).toBe('.');
  expect(new ZoneList(['.']).find('.')).toBe('.');
});

test('no zones hold no name, nor does what is no zone', () => {
  expect(new ZoneList([]).find('.')).toBe('');
  expect(new ZoneList(['a..b', 'x'.repeat(64)]).find('a.')).toBe('');
});
