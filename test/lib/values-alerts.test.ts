import { ALERT_NAMES, ALERTS } from '../../lib/values-alerts';

describe('values of alerts', () => {
  test.each(Object.entries(ALERTS.initial))('%s say how long and how bad', (_, settings) => {
    expect(settings).toMatchObject({ forMinutes: expect.any(Number), severity: expect.any(String) });
  });

  test('name each alert once, in the words of the alert', () => {
    for (const name of ALERT_NAMES) expect(name).toMatch(/^NodeLocalDNS[A-Za-z]+$/);
    expect(new Set(ALERT_NAMES).size).toBe(ALERT_NAMES.length);
  });
});
