import { versionIn } from '../../../lib/chart/changelog';

const TEXT = `# Changelog

## 0.2.0 (unreleased)

### Fixed

- A line
  that goes on.

## 0.1.0 (2026-03-01)

### Added

- One.
- Two.

### Security

- Three.
`;

describe('a version in CHANGELOG.md', () => {
  test('has its changes by kind, each on one line', () => {
    expect(versionIn(TEXT, '0.1.0')).toEqual({
      date: '2026-03-01',
      changes: [
        { kind: 'added', description: 'One.' },
        { kind: 'added', description: 'Two.' },
        { kind: 'security', description: 'Three.' },
      ],
      text: '### Added\n\n- One.\n- Two.\n\n### Security\n\n- Three.',
    });
  });

  test('has no date before it is released', () => {
    const changes = [{ kind: 'fixed', description: 'A line that goes on.' }];
    expect(versionIn(TEXT, '0.2.0')).toMatchObject({ date: undefined, changes });
  });

  test.each([
    ['is not there', TEXT, '0.3.0'],
    ['is another’s beginning', TEXT, '0.1'],
    ['has a date in words', TEXT.replace('2026-03-01', 'March'), '0.1.0'],
    ['has no date', TEXT.replace(' (2026-03-01)', ''), '0.1.0'],
  ])('that %s is refused with the heading that is wanted', (_, text, version) => {
    expect(() => versionIn(text, version)).toThrow(`want a heading '## ${version} (unreleased)' or`);
  });

  test('with a kind that Artifact Hub does not know is refused', () => {
    expect(() => versionIn(TEXT.replace('### Added', '### New'), '0.1.0')).toThrow("'### New', want one of: added, ");
  });
});
