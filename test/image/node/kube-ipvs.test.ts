import { splitByIpvs } from '../../../image/node/kube-ipvs';

const LINK_LOCAL = '169.254.20.10';
const CLUSTER = '10.96.0.10';
const SERVICES = ['10.96.0.1', CLUSTER, 'fd00:96::a'];

test.each<[string, string[], string | undefined, string[] | null, string[], string[]]>([
  ['no IPVS: all is ours', [LINK_LOCAL, CLUSTER], CLUSTER, null, [], [LINK_LOCAL, CLUSTER]],
  ['the ClusterIP is held', [LINK_LOCAL, CLUSTER], undefined, SERVICES, [CLUSTER], [LINK_LOCAL]],
  ['in whatever spelling', ['FD00:96:0::A', LINK_LOCAL], undefined, SERVICES, ['FD00:96:0::A'], [LINK_LOCAL]],
  ['kube-proxy has just begun: it will hold it', [LINK_LOCAL, CLUSTER], CLUSTER, [], [CLUSTER], [LINK_LOCAL]],
  ['another Service is nobody’s here', [LINK_LOCAL], CLUSTER, SERVICES, [], [LINK_LOCAL]],
  ['a variable that is no address says nothing', [LINK_LOCAL], 'None', [], [], [LINK_LOCAL]],
  ['nothing is left', [CLUSTER], CLUSTER, SERVICES, [CLUSTER], []],
])('%s', (_what, localIps, clusterDns, ipvs, held, left) => {
  expect(splitByIpvs(localIps, clusterDns, ipvs)).toMatchObject({ held, left });
});

test('the reason names who answers and what to give the kubelet', () => {
  expect(splitByIpvs([LINK_LOCAL, CLUSTER], undefined, SERVICES).reason).toBe(
    'kube-proxy runs in IPVS mode and answers 10.96.0.10 itself, before any socket of this node; ' +
      'pods are served at 169.254.20.10: give the kubelet that as its cluster DNS',
  );
  expect(splitByIpvs([CLUSTER], undefined, SERVICES).reason).toContain(
    'nothing is left to serve; give -localip a link-local',
  );
  expect(splitByIpvs([LINK_LOCAL], undefined, SERVICES).reason).toBe('');
  expect(splitByIpvs([CLUSTER], undefined, null).reason).toBe('');
});
