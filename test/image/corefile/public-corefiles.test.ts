/** Ten Corefiles that people run in public clusters, as they stand in their repositories. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderPillars } from '../../../image/corefile/pillars';
import { type Machine, planOf, refusal } from '../../support/corefile';
import { needs } from '../../support/needs';

const FOLDER = join(__dirname, '../../../../shared/data/corefiles');
const NAMES = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith('.Corefile')) : ['absent'];
const read = (name: string) => readFileSync(join(FOLDER, `${name}.Corefile`), 'utf8');
const machine: Machine = {
  files: { '/etc/resolv.conf': 'nameserver 192.0.2.53\n', '/etc/coredns/hosts': '192.0.2.1 a.example\n' },
};
const render = (text: string) =>
  renderPillars(text, {
    localIps: ['169.254.20.10'],
    clusterDnsIp: '10.96.0.53',
    clusterDnsVariable: 'KUBE_DNS_UPSTREAM_SERVICE_HOST',
    upstreamServers: [],
    stubDomains: {},
    dnsPort: 53,
  });

/** Refused even on the node they were written for: why. All others are accepted. */
const REFUSED: Readonly<Record<string, string>> = {
  // __PILLAR__DNS__SERVER__ is replaced by nothing; k8s-dns-node-cache 1.26.8 says the same.
  'axot-prefetch':
    "plugin/forward: Cf:11 - Error during parsing: Wrong argument count or unexpected line ending after '.'",
  'kubespray-external-zones': "Cf:14 - Error during parsing: cannot serve 'https://mycompany.local:4453'",
};
/** Refused before their placeholders are replaced. */
const RAW: Readonly<Record<string, string>> = {
  'axot-prefetch': 'plugin/bind: not a valid IP address or interface name: "__PILLAR__LOCAL__DNS__"',
  'dockerpac-raw-pillars': 'plugin/bind: not a valid IP address or interface name: "__PILLAR__LOCAL__DNS__"',
  'bqc0n-cilium-lrp': 'plugin/forward: not an IP address or file: "__PILLAR__CLUSTER__DNS__"',
  'evil8io-snippet-import': 'plugin/forward: not an IP address or file: "__PILLAR__CLUSTER__DNS__"',
  'selectel-mks': 'plugin/forward: not an IP address or file: "__PILLAR__CLUSTER__DNS__"',
};

needs('corefiles').describe('public Corefiles', () => {
  test('are ten', () => {
    expect(NAMES).toHaveLength(10);
  });

  test.each(NAMES.map((name) => name.replace('.Corefile', '')))('%s', (name) => {
    const message = refusal(render(read(name)), machine);
    if (REFUSED[name]) expect(message).toContain(REFUSED[name]);
    else expect(message).toBeUndefined();
  });

  test.each(Object.entries(RAW))('%s as it is in the repository', (name, message) => {
    expect(refusal(read(name), machine)).toBe(message);
  });

  test('the four zones of the manifest share one socket per address and keep their own caches', () => {
    const plan = planOf(render(read('selectel-mks')), machine);
    expect(plan.listeners.map(({ label }) => label)).toEqual(['dns://10.96.0.10:53', 'dns://169.254.20.25:53']);
    expect(plan.listeners[0].zones.map(({ zone }) => zone)).toEqual([
      'cluster.local.',
      'in-addr.arpa.',
      'ip6.arpa.',
      '.',
    ]);
    expect(plan.blocks.map(({ plugins }) => plugins.map(({ name }) => name).join(' '))).toEqual([
      'reload bind health prometheus errors cache loop forward',
      'reload bind prometheus errors cache loop forward',
      'reload bind prometheus errors cache loop forward',
      'reload bind prometheus errors cache loop forward',
    ]);
  });

  test('Kubespray’s, which k8s-dns-node-cache refuses for `cache 0`, is accepted once https:// and that are out', () => {
    const text = read('kubespray-external-zones').replace('https://mycompany', 'mycompany');
    expect(refusal(text, machine)).toBe('plugin/cache: cache TTL can not be zero or negative: 0');
    expect(refusal(text.replace('cache 0', 'cache 5'), machine)).toBeUndefined();
  });
});
