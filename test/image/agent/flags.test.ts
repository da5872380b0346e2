/** The flags of node-cache 1.26.8: names, defaults, and what becomes of values. */
import { FLAGS, readCommandLine, type Settings } from '../../../image/agent/flags';
import { LEASES_MAX } from '../../../image/limits';

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function settings(line: string): Settings {
  const read = readCommandLine('node-cache', words(line));
  if (read.kind === 'end') throw new Error(read.text);
  return read.settings;
}

/** Name, default, kind. @source kubernetes/dns cmd/node-cache/main.go at 1.26.8, coredns coremain/run.go at 1.13.2 */
const UPSTREAM: readonly (readonly [keyof typeof FLAGS, string, string])[] = [
  ['localip', '', 'string'],
  ['setupinterface', 'true', 'bool'],
  ['interfacename', 'nodelocaldns', 'string'],
  ['syncinterval', '60ns', 'duration'],
  ['metrics-listen-address', '0.0.0.0:9353', 'string'],
  ['setupiptables', 'true', 'bool'],
  ['basecorefile', '/etc/coredns/Corefile.base', 'string'],
  ['corefile', '/etc/Corefile', 'string'],
  ['kubednscm', '', 'string'],
  ['upstreamsvc', 'kube-dns', 'string'],
  ['health-port', '8080', 'string'],
  ['skipteardown', 'false', 'bool'],
  ['reloadwithsignal', 'false', 'bool'],
  ['conf', '', 'string'],
  ['dns.port', '53', 'string'],
  ['p', '53', 'string'],
  ['pidfile', '', 'string'],
  ['plugins', 'false', 'bool'],
  ['version', 'false', 'bool'],
  ['quiet', 'false', 'bool'],
];

/** What the Go agent does not have. */
const OURS: readonly (readonly [keyof typeof FLAGS, string, string])[] = [
  ['firewall', 'auto', 'string'],
  ['leaserenew', '250ms', 'duration'],
  ['leaseexpire', '1s', 'duration'],
  ['fallbacksvc', '', 'string'],
  ['control', '', 'string'],
];

describe('the table', () => {
  test.each([...UPSTREAM, ...OURS])('-%s has default "%s" and is a %s', (name, value, kind) => {
    expect(FLAGS[name]).toMatchObject({ default: value, kind });
  });

  test('has no other flags, and one sentence for each', () => {
    expect(Object.keys(FLAGS).sort()).toEqual([...UPSTREAM, ...OURS].map(([name]) => name).sort());
    for (const { usage } of Object.values(FLAGS)) expect(usage).toMatch(/^[A-Z].*\.$/);
  });
});

test('the arguments of the upstream manifest are understood', () => {
  const line = '-localip 169.254.20.10,10.96.0.10 -conf /etc/Corefile -upstreamsvc kube-dns-upstream -pidfile /tmp/p';
  expect(settings(line)).toEqual({
    localIps: ['169.254.20.10', '10.96.0.10'],
    setupInterface: true,
    interfaceName: 'nodelocaldns',
    syncIntervalSeconds: 60,
    metricsListenAddress: '0.0.0.0:9353',
    setupIptables: true,
    baseCorefile: '/etc/coredns/Corefile.base',
    kubeDnsDirectory: '',
    upstreamService: 'kube-dns-upstream',
    healthPort: 8080,
    skipTeardown: false,
    reloadWithSignal: false,
    conf: '/etc/Corefile',
    dnsPort: 53,
    pidfile: '/tmp/p',
    plugins: false,
    version: false,
    quiet: false,
    unfilledLocalIps: [],
    firewall: 'auto',
    leaseRenewMs: 250,
    leaseExpireMs: 1000,
    fallbackService: '',
    controlSocket: '',
  });
});

describe('-localip', () => {
  test.each([
    ['169.254.20.10', ['169.254.20.10']],
    ['fd00::10', ['fd00::10']],
    ['169.254.20.10,fd00::10', ['169.254.20.10', 'fd00::10']],
  ])('%s is taken as typed', (value, expected) => {
    expect(settings(`-localip ${value}`).localIps).toEqual(expected);
  });

  test('left out means no address', () => {
    expect(settings('').localIps).toEqual([]);
  });

  test.each([
    ['', '""', 'item 1 of -localip "" is empty'],
    ['169.254.20.10,', '""', 'item 2 of -localip "169.254.20.10," is empty; remove the comma'],
    ['1.2.3.4, 1.2.3.5', '" 1.2.3.5"', 'item 2 of -localip "1.2.3.4, 1.2.3.5" has blanks around it'],
    ['fe80::1%eth0', '"fe80::1%eth0"', 'names an interface'],
    ['10.0.0.0/8', '"10.0.0.0/8"', 'is a network'],
    ['010.0.0.1', '"010.0.0.1"', 'is no IPv4 or IPv6 address'],
    ['1.2.3', '"1.2.3"', 'is no IPv4 or IPv6 address'],
    ['__PILLAR__DNS__SERVER__', '"__PILLAR__DNS__SERVER__"', 'is a placeholder that was never replaced'],
  ])('"%s" ends the start with the text of node-cache and the repair', (value, quoted, repair) => {
    const read = readCommandLine('node-cache', ['-localip', value]);
    expect(read).toMatchObject({ kind: 'end', exitCode: 1 });
    const { text } = read as { text: string };
    expect(text).toContain(`[FATAL] Error parsing flags - invalid localip specified - ${quoted}, Exiting`);
    expect(text).toContain(repair);
    expect(text.indexOf('\n')).toBe(text.length - 1);
  });
});

test('-localip names no more addresses than there can be leases', () => {
  const addresses = Array.from({ length: LEASES_MAX + 1 }, (_, index) => `10.96.1.${index}`);
  const read = readCommandLine('node-cache', ['-localip', addresses.join(',')]);
  expect(read).toMatchObject({
    kind: 'end',
    exitCode: 1,
    text: expect.stringContaining('65 addresses, Exiting: want at most 64'),
  });
  expect(settings(`-localip ${addresses.slice(1).join(',')}`).localIps).toHaveLength(LEASES_MAX);
});

describe('a variable of -localip that the kubelet did not fill in', () => {
  test('is left out beside an address', () => {
    expect(settings('-localip 169.254.20.10,$(KUBE_DNS_SERVICE_HOST)')).toMatchObject({
      localIps: ['169.254.20.10'],
      unfilledLocalIps: ['$(KUBE_DNS_SERVICE_HOST)'],
    });
  });

  test('ends the start when nothing else is given', () => {
    const read = readCommandLine('node-cache', ['-localip', '$(KUBE_DNS_SERVICE_HOST)']);
    expect(read).toMatchObject({ kind: 'end', exitCode: 1 });
    expect((read as { text: string }).text).toContain('is a variable that the kubelet did not know');
  });
});

describe('the lease', () => {
  test.each([
    ['-leaserenew 100ms -leaseexpire 500ms', 100, 500],
    ['-leaserenew 1s -leaseexpire 3s', 1000, 3000],
  ])('%s', (line, leaseRenewMs, leaseExpireMs) => {
    expect(settings(line)).toMatchObject({ leaseRenewMs, leaseExpireMs });
  });

  test.each([
    ['-leaserenew 10ms', 1, '-leaserenew is 10ms, want at least 50ms'],
    ['-leaserenew 500ms', 1, 'raise -leaseexpire to 1500ms'],
    ['-leaseexpire 1m', 1, 'want at most 30000ms'],
    ['-leaserenew 250', 2, 'invalid value "250" for flag -leaserenew'],
    ['-leaseexpire 0s', 2, 'invalid value "0s" for flag -leaseexpire'],
    ['-firewall iptabes', 1, 'invalid firewall specified - "iptabes", Exiting: want auto, nft or iptables'],
    ['-fallbacksvc kube_dns', 1, 'invalid fallbacksvc specified - "kube_dns"'],
  ])('%s is refused with the repair', (line, exitCode, repair) => {
    const read = readCommandLine('node-cache', words(line));
    expect(read).toMatchObject({ kind: 'end', exitCode });
    expect((read as { text: string }).text).toContain(repair);
  });
});

describe('kubernetes/dns #362: -syncinterval', () => {
  test.each([
    ['60', 60],
    ['60ns', 60],
    ['1ns', 1],
    ['30ns', 30],
    ['10s', 10],
    ['60s', 60],
    ['1m30s', 90],
    ['1500ms', 1.5],
  ])(
    '%s is %p s: what the Go agent does with it where it does not crash, what is meant where it does',
    (value, seconds) => {
      expect(settings(`-syncinterval=${value}`).syncIntervalSeconds).toBe(seconds);
    },
  );

  test.each(['0', '0s', '-1s', 'abc', '', '60 s', '1e3', '99999999999h'])('"%s" is refused with the usage', (value) => {
    const read = readCommandLine('node-cache', [`-syncinterval=${value}`]);
    expect(read).toMatchObject({ kind: 'end', exitCode: 2 });
    expect((read as { text: string }).text).toContain(`invalid value "${value}" for flag -syncinterval: parse error`);
    expect((read as { text: string }).text).toContain('\nUsage of node-cache:\n');
  });
});

describe('ports', () => {
  test('-p and -dns.port are one setting, the last one counts', () => {
    expect(settings('-p 5353').dnsPort).toBe(5353);
    expect(settings('-p 5353 -dns.port=1053').dnsPort).toBe(1053);
  });

  test('they are read as Go reads numbers', () => {
    expect(settings('-p 053 -health-port +8081')).toMatchObject({ dnsPort: 53, healthPort: 8081 });
  });

  test.each([
    ['-dns.port=0', 'port specified - "0"'],
    ['-p=65536', 'port specified - "65536"'],
    ['-dns.port=dns', 'port specified - "dns"'],
    ['-health-port=', 'healthcheck port specified - ""'],
    ['-health-port=-1', 'healthcheck port specified - "-1"'],
  ])('%s is refused', (flag, text) => {
    expect(readCommandLine('node-cache', [flag])).toEqual({
      kind: 'end',
      exitCode: 1,
      text: `[FATAL] Error parsing flags - invalid ${text}, Exiting: want a number from 1 to 65535\n`,
    });
  });
});

describe('ends without a start', () => {
  test('an unknown flag shows the usage and ends with 2', () => {
    const read = readCommandLine('node-cache', ['-setupebtables']);
    expect(read).toMatchObject({ kind: 'end', exitCode: 2 });
    expect((read as { text: string }).text).toMatch(
      /^flag provided but not defined: -setupebtables\nUsage of node-cache:\n {2}-basecorefile string\n/,
    );
  });

  test('arguments that are no flags end with 1', () => {
    expect(readCommandLine('node-cache', ['-quiet', 'a', 'b'])).toEqual({
      kind: 'end',
      exitCode: 1,
      text: 'extra command line arguments: [a b]\n',
    });
  });

  test('-help shows the usage and ends with 0', () => {
    expect(readCommandLine('node-cache', ['-help'])).toMatchObject({ kind: 'end', exitCode: 0 });
  });
});
