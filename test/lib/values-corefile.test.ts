import { COREFILE } from '../../lib/values-corefile';

describe('the zones', () => {
  const { cluster, reverse, external } = COREFILE.zones.initial;

  test('keep as much and as long as those of the upstream manifest', () => {
    const kept = [cluster, reverse, external].map(({ cache }) => [cache.success, cache.denial]);
    const answers = { capacity: 9984, ttlSeconds: 30 };
    expect(kept).toMatchObject([
      [answers, { capacity: 9984, ttlSeconds: 5 }],
      [answers, answers],
      [answers, answers],
    ]);
  });

  test('ask the cluster over TCP, as the upstream manifest does, and others as the client came', () => {
    expect([cluster, reverse, external].map(({ forward }) => forward.protocol)).toEqual(['force_tcp', 'force_tcp', '']);
  });
});
