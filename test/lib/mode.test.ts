import { merge } from '../../lib/helm/values';
import { hasBothFamilies, hasFallback, healthHost, isOnHostNetwork, keepsLink, metricsHost } from '../../lib/mode';
import { MODES } from '../../lib/modes';
import { DEFAULTS, type UserValues, type Values } from '../../lib/values';

const complete = (values: UserValues): Values => merge<Values>(DEFAULTS, values);

describe('a mode', () => {
  test.each<[string, boolean, boolean]>([
    ['auto', true, true],
    ['iptables', true, true],
    ['ipvs', true, true],
    ['cilium-lrp', false, false],
    ['bind-only', false, true],
  ])('%s: link and rules %s, network of the node %s', (mode, link, host) => {
    const values = complete({ mode });
    expect([keepsLink(values), isOnHostNetwork(values), hasFallback(values)]).toEqual([link, host, link]);
  });

  test('of the values is in the table above', () => {
    expect(MODES).toHaveLength(5);
  });
});

describe('the Corefile binds', () => {
  test.each<[string, UserValues, string, string]>([
    ['health to the first address, metrics to all', {}, '169.254.20.10', ''],
    ['IPv6 in brackets', { localIPs: ['fd00::10'] }, '[fd00::10]', ''],
    ['metrics to the node', { nodeCache: { bindMetricsTo: 'hostIP' } }, '169.254.20.10', '{$HOST_IP}'],
    [
      'metrics to a node of IPv6',
      { localIPs: ['fd00::10'], nodeCache: { bindMetricsTo: 'hostIP' } },
      '[fd00::10]',
      '[{$HOST_IP}]',
    ],
    ['metrics to the local address', { nodeCache: { bindMetricsTo: 'local' } }, '169.254.20.10', '169.254.20.10'],
    ['both to the pod', { mode: 'cilium-lrp', nodeCache: { bindMetricsTo: 'local' } }, '', ''],
  ])('%s', (_, given, health, metrics) => {
    const values = complete(given);
    expect([healthHost(values), metricsHost(values)]).toEqual([health, metrics]);
  });
});

test.each<[string[], string[], boolean]>([
  [['169.254.20.10'], ['10.96.0.10'], false],
  [['fd00::10'], ['fd00::a'], false],
  [['fd00::10'], ['10.96.0.10'], true],
  [['fd00::10', '169.254.20.10'], [], true],
])('%j and %j are of both families: %s', (localIPs, ips, wanted) => {
  expect(hasBothFamilies(complete({ localIPs, clusterDNS: { ips } }))).toBe(wanted);
});
