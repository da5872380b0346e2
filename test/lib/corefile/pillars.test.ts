import { renderPillars } from '../../../image/corefile/pillars';
import { CLUSTER, LOCAL, UPSTREAM } from '../../../lib/corefile/pillars';

test('the image fills in every name', () => {
  const rendered = renderPillars(`${LOCAL} | ${CLUSTER} | ${UPSTREAM}`, {
    localIps: ['169.254.20.10', 'fd00::10'],
    clusterDnsIp: '10.96.0.10',
    clusterDnsVariable: 'KUBE_DNS_UPSTREAM_SERVICE_HOST',
    upstreamServers: ['192.0.2.1', '192.0.2.2'],
    stubDomains: {},
    dnsPort: 53,
  });
  expect(rendered).toBe('169.254.20.10 fd00::10 | 10.96.0.10 | 192.0.2.1 192.0.2.2');
});
