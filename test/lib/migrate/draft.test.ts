/** Values and remarks while they are collected. */
import { Draft, hasValue } from '../../../lib/migrate/draft';

describe('Draft', () => {
  test('keeps what differs from the defaults, and nothing else', () => {
    const draft = new Draft();
    draft.set('ports.health', 8080);
    draft.set('ports.metrics', 9999);
    draft.set('localIPs', ['169.254.20.10']);
    draft.set('image.tag', undefined);
    expect(draft.values).toEqual({ ports: { metrics: 9999 } });
  });

  test('refuses a value that the chart does not have', () => {
    expect(() => new Draft().set('ports.helth', 1)).toThrow("The chart has no value 'ports.helth'");
    expect(hasValue('ports.health')).toBe(true);
    expect(hasValue('ports.health.x')).toBe(false);
  });

  test('says the same thing once', () => {
    const draft = new Draft();
    draft.note('a', 'b');
    draft.note('a', 'b');
    expect(draft.notes).toEqual(['a: b']);
  });
});
