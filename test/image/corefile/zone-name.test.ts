import { fullyQualified, isDomainName, isInZone, normalizeName } from '../../../image/corefile/zone-name';

const LABEL = 'x'.repeat(63);

describe('isDomainName', () => {
  test.each([
    '.',
    'a',
    'a.',
    'A.b.c',
    '*',
    'a_b',
    '127.0.0.1',
    'a b',
    LABEL,
    `${LABEL}.${LABEL}.${LABEL}.${'x'.repeat(61)}`,
    'ü',
    'a\\.b',
    'a\\255',
  ])('%s is one', (name) => expect(isDomainName(name)).toBe(true));

  test.each([
    '',
    '..',
    '.a',
    'a..b',
    `${LABEL}x`,
    `${LABEL}.${LABEL}.${LABEL}.${'x'.repeat(62)}`,
    'ü'.repeat(32),
    'a\\',
  ])('%j is none', (name) => expect(isDomainName(name)).toBe(false));
});

test('a final dot is added unless there is one that counts', () => {
  expect(fullyQualified('a')).toBe('a.');
  expect(fullyQualified('a.')).toBe('a.');
  expect(fullyQualified('a\\.')).toBe('a\\..'); // An escaped dot is part of the label.
  expect(fullyQualified('a\\\\.')).toBe('a\\\\.');
  expect(normalizeName('EXAMPLE.org')).toBe('example.org.');
});

test('zones hold themselves and what is below them', () => {
  expect(isInZone('a.b.', 'b.')).toBe(true);
  expect(isInZone('b.', 'b.')).toBe(true);
  expect(isInZone('b.', '.')).toBe(true);
  expect(isInZone('.', '.')).toBe(true);
  expect(isInZone('ab.', 'b.')).toBe(false);
  expect(isInZone('.', 'b.')).toBe(false);
  expect(isInZone('x\\.b.', 'b.')).toBe(false); // One label, `x.b`, right under the root.
  expect(isInZone('x\\\\.b.', 'b.')).toBe(true); // A label that ends with a backslash.
});
