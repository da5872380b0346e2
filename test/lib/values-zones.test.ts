import { CONSOLIDATED, POLICIES, PROTOCOLS, SERVERS, zone } from '../../lib/values-zones';

describe('a zone', () => {
  const { initial, schema } = zone('A zone.', 7, 'prefer_udp', 'To whom.');

  test('has the three defaults that differ from zone to zone', () => {
    expect(initial.cache.denial.ttlSeconds).toBe(7);
    expect(initial.cache.success.ttlSeconds).toBe(30);
    expect(initial.forward).toMatchObject({ protocol: 'prefer_udp', to: [], policy: 'random' });
  });

  test('has off what peers had on by accident, or by default: log, stale answers, prefetching, no IPv6', () => {
    const { cache, log, suppressAAAA, extraPlugins } = initial;
    expect([log.enabled, cache.serveStale.enabled, suppressAAAA]).toEqual([false, false, false]);
    expect([cache.prefetch.amount, extraPlugins]).toEqual([0, '']);
  });

  test('is closed: a name more is refused', () => {
    expect(schema).toMatchObject({
      additionalProperties: false,
      required: expect.arrayContaining(['cache', 'forward']),
    });
  });
});

test('words of CoreDNS are as CoreDNS writes them', () => {
  expect([PROTOCOLS, POLICIES]).toEqual([
    ['', 'force_tcp', 'prefer_udp'],
    ['random', 'round_robin', 'sequential'],
  ]);
  expect(SERVERS.maxItems).toBe(15);
  expect(CONSOLIDATED.fields.level.schema.enum).toEqual(['debug', 'info', 'warning', 'error']);
});
