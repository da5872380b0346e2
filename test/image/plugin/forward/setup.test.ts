import { loadPlan } from '../../../../image/corefile/load';
import type { ForwardOptions, ForwardStanza } from '../../../../image/plugin/forward/setup';
import { makeCertificate } from '../../../support/certificate';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, fakeEnvironment, type Machine, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const machine: Machine = {
  files: {
    '/etc/resolv.conf': 'nameserver 10.10.255.252\nnameserver 10.10.255.253\n',
    '/etc/resolv-ipv6.conf': 'nameserver 0388:d254:7aec:6892:9f7f:e93b:5806:1b0f%eth0\n',
    '/etc/empty.conf': 'search x\n',
    '/etc/names.conf': 'nameserver dns.example\nnameserver 192.0.2.1\n',
    '/dev/null': '',
  },
};
/** The same with a network interface. */
const linked: Machine = { ...machine, files: { ...machine.files, '/sys/class/net/eth0/ifindex': '7\n' } };
const stanzas = (body: string, on = machine) => optionsOf<ForwardOptions>('forward', body, on).stanzas;
const labels = (to: string) => stanzas(`forward . ${to}`)[0].upstreams.map(({ label }) => label);
const DEFAULTS: ForwardStanza = {
  from: '.',
  upstreams: [{ address: '127.0.0.1', port: 53, label: '127.0.0.1:53' }],
  names: [],
  except: [],
  forceTcp: false,
  preferUdp: false,
  expireMs: 10_000,
  ageMsMax: 0,
  idleConnectionsMax: 0,
  readTimeoutMs: 2000,
  sourceAddress: '',
  failsMax: 2,
  connectAttemptsMax: 0,
  concurrentMax: 0,
  failoverRcodes: [],
  nextRcodes: [],
  nextOnNodata: false,
  policy: 'random',
  healthCheck: { intervalMs: 500, recursionDesired: true, domain: '.' },
  failfastAllUnhealthy: false,
};

test('forward has CoreDNS’s defaults', () => {
  expect(stanzas('forward . 127.0.0.1')).toEqual([DEFAULTS]);
});

test('every option', () => {
  const body = `forward Example.org 127.0.0.1 {
    except a.example.org 10.0.0.0/24
    except B
    force_tcp
    prefer_udp
    expire 1m
    max_age 2m
    max_idle_conns 4
    max_fails 0
    max_connect_attempts 3
    max_concurrent 1000
    policy round_robin
    health_check 100ms no_rec domain Example.org
    failfast_all_unhealthy_upstreams
    failover ServFail
    failover refused BADCOOKIE
    next NXDOMAIN noerror
    next_on_nodata
    read_timeout 250ms
    source_address 127.0.0.2
    tls
    tls_servername dns.example
    resolver 10.0.0.1 [::1]:5353
  }`;
  expect(stanzas(body)).toEqual([
    {
      ...DEFAULTS,
      from: 'example.org.',
      except: ['a.example.org.', '0.0.10.in-addr.arpa.', 'b.'],
      forceTcp: true,
      preferUdp: true,
      expireMs: 60_000,
      ageMsMax: 120_000,
      idleConnectionsMax: 4,
      failsMax: 0,
      connectAttemptsMax: 3,
      concurrentMax: 1000,
      policy: 'round_robin',
      healthCheck: { intervalMs: 100, recursionDesired: false, domain: 'example.org.' },
      failfastAllUnhealthy: true,
      failoverRcodes: [2, 5, 23],
      nextRcodes: [3, 0],
      nextOnNodata: true,
      readTimeoutMs: 250,
      sourceAddress: '127.0.0.2',
    },
  ]);
});

test('stanzas keep the file’s order', () => {
  expect(stanzas('forward a 1.1.1.1\nforward . 2.2.2.2').map(({ from }) => from)).toEqual(['a.', '.']);
});

describe('TO', () => {
  test.each([
    ['1.1.1.1 1.1.1.1:5353', ['1.1.1.1:53', '1.1.1.1:5353']],
    ['dns://1.1.1.1 dns://1.1.1.1:54', ['1.1.1.1:53', '1.1.1.1:54']],
    ['::1 [2001:DB8::1]:54', ['[::1]:53', '[2001:DB8::1]:54']],
    ['/etc/resolv.conf', ['10.10.255.252:53', '10.10.255.253:53']],
    ['resolv.conf 1.1.1.1', ['10.10.255.252:53', '10.10.255.253:53', '1.1.1.1:53']],
    ['/etc/empty.conf 1.1.1.1', ['1.1.1.1:53']],
    ['1.1.1.1%eth0 1.1.1.1%eth0:54', ['1.1.1.1:53', '1.1.1.1:54']], // A zone means nothing here.
    ['tls://1.1.1.1 tls://[::1]:854', ['1.1.1.1:853', '[::1]:854']],
    ['1.1.1.1 1.1.1.1', ['1.1.1.1:53', '1.1.1.1:53']], // Twice as likely, as in CoreDNS.
  ])('%s', (to, expected) => {
    expect(labels(to)).toEqual(expected);
  });

  test('addresses are in their one form, the label as written', () => {
    expect(stanzas('forward . [2001:DB8:0::1]:54')[0].upstreams).toEqual([
      { address: '2001:db8::1', port: 54, label: '[2001:DB8:0::1]:54' },
    ]);
  });

  test('a link-local address keeps its interface, by number; CoreDNS 1.13 loses it', () => {
    const [{ upstreams }] = stanzas('forward . fe80::1%eth0 [fe80::2%eth0]:54', linked);
    expect(upstreams).toEqual([
      { address: 'fe80::1%7', port: 53, label: '[fe80::1]:53' },
      { address: 'fe80::2%7', port: 54, label: '[fe80::2]:54' },
    ]);
  });

  test('a nameserver that is no address, and a FROM of several zones, are warnings', () => {
    const environment = fakeEnvironment(machine);
    loadPlan('. {\n forward 10.0.0.0/15 names.conf\n}', { file: 'Cf', dnsPort: 53, environment });
    expect(environment.warnings).toEqual([
      "plugin/forward: Unsupported CIDR notation: '10.0.0.0/15' expands to multiple zones. Using only '0.10.in-addr.arpa.'.",
      'plugin/forward: nameserver "dns.example" in names.conf is not an IP address and was ignored',
    ]);
  });

  test('fifteen are allowed, sixteen are not', () => {
    const many = (count: number) => Array.from({ length: count }, (_, n) => `10.0.0.${n}`).join(' ');
    expect(labels(many(15))).toHaveLength(15);
    expect(bodyRefusal(`forward . ${many(16)}`)).toBe('plugin/forward: more than 15 TOs configured: 16');
  });
});

describe('TLS', () => {
  test.each([
    ['tls://1.1.1.1', '', ''],
    ['tls://1.1.1.1%dns.example', '', 'dns.example'],
    ['tls://1.1.1.1%dns.example:854', '', 'dns.example'],
    ['tls://[2001:db8::1%dns.example]:854', '', 'dns.example'],
    ['tls://fe80::1%dns.example', '', 'dns.example'],
    ['tls://1.1.1.1', 'tls_servername dns.example', 'dns.example'],
  ])('%s with %j: the certificate must be for %j', (to, option, serverName) => {
    const [{ upstreams }] = stanzas(`forward . ${to} {\n${option}\n}`);
    expect(upstreams[0].tls).toEqual({ certificate: '', key: '', authorities: '', serverName });
    expect(upstreams[0].address).not.toContain('%');
  });

  const pem = makeCertificate({ name: 'client.example' });
  const other = makeCertificate({ name: 'other.example' });
  const files: Machine = {
    files: {
      '/etc/cert.pem': pem.certificate,
      '/etc/key.pem': pem.key,
      '/etc/other.pem': other.key,
      '/etc/ca.pem': other.certificate,
      '/etc/text.pem': 'hello',
    },
  };
  const tls = (args: string) => stanzas(`forward . tls://1.1.1.1 {\ntls ${args}\n}`, files)[0].upstreams[0].tls;

  test('one file is the authority, two are our certificate and key, three are both', () => {
    const own = { certificate: pem.certificate, key: pem.key };
    const none = { certificate: '', key: '', authorities: '', serverName: '' };
    expect(tls('ca.pem')).toEqual({ ...none, authorities: other.certificate.trim() });
    expect(tls('/etc/cert.pem key.pem')).toEqual({ ...none, ...own });
    expect(tls('cert.pem key.pem ca.pem')).toEqual({ ...none, ...own, authorities: other.certificate.trim() });
  });

  test.each([
    ['none.pem', 'error reading none.pem: open none.pem: no such file or directory'],
    ['text.pem', 'could not read root certs: text.pem has no certificate in PEM form'],
    ['none.pem key.pem', 'could not load TLS cert: open none.pem: no such file or directory'],
    ['cert.pem none.pem', 'could not load TLS cert: open none.pem: no such file or directory'],
    ['text.pem key.pem', 'could not load TLS cert: tls: failed to find any PEM data in certificate input'],
    ['cert.pem text.pem', 'could not load TLS cert: tls: failed to find any PEM data in key input'],
    ['cert.pem other.pem', 'could not load TLS cert: tls: private key does not match public key'],
    ['a b c d', "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'd'"],
  ])('tls %s is refused', (args, message) => {
    expect(bodyRefusal(`forward . tls://1.1.1.1 {\ntls ${args}\n}`, files)).toContain(`plugin/forward: ${message}`);
  });
});

describe('a TO that is a name', () => {
  const known: Record<string, string[]> = { 'dns.example': ['192.0.2.1', '2001:DB8::1', '192.0.2.1'] };
  const asked: unknown[] = [];
  const named: Machine = {
    ...machine,
    lookUpHost(name, resolvers) {
      asked.push([name, resolvers]);
      if (known[name] === undefined) throw new Error(`no addresses found for "${name}"`);
      return known[name];
    },
  };
  const upstreams = (line: string) => stanzas(line, named)[0].upstreams;

  test('stands for its addresses, each once, in place', () => {
    const found = upstreams('forward . 192.0.2.9 dns.example:54 tls://dns.example%cert.example');
    expect(found.map(({ label, tls }) => [label, tls?.serverName])).toEqual([
      ['192.0.2.9:53', undefined],
      ['192.0.2.1:54', undefined],
      ['[2001:db8::1]:54', undefined],
      ['192.0.2.1:853', 'cert.example'],
      ['[2001:db8::1]:853', 'cert.example'],
    ]);
  });

  test('is remembered, so that it can be asked for again', () => {
    const [{ names }] = stanzas('forward . 192.0.2.9 dns.example.:54 {\nresolver 10.0.0.1\n}', named);
    const addresses = ['192.0.2.1', '2001:db8::1'];
    expect(names).toEqual([{ name: 'dns.example', resolvers: ['10.0.0.1'], addresses }]);
  });

  test('is asked of the servers that `resolver` names, wherever in the block that stands', () => {
    asked.length = 0;
    upstreams('forward . dns.example. {\nresolver 10.0.0.1 10.0.0.2:54\n}');
    expect(asked).toEqual([['dns.example', ['10.0.0.1', '10.0.0.2:54']]]);
  });

  test.each([
    [
      'none.example',
      'not an IP address or file: "none.example"; as a name: no addresses found for "none.example". Write',
    ],
    ['/etc/none.conf', 'not an IP address or file: "/etc/none.conf"'],
    ['8.9.1043', 'not an IP address or file: "8.9.1043"'],
    ['a..b', 'not an IP address or file: "a..b"'],
  ])('%s is refused', (to, message) => {
    expect(bodyRefusal(`forward . ${to}`, named)).toContain(`plugin/forward: ${message}`);
  });

  test('all its addresses count', () => {
    known['many.example'] = Array.from({ length: 16 }, (_, n) => `10.0.0.${n}`);
    expect(bodyRefusal('forward . many.example', named)).toBe('plugin/forward: more than 15 TOs configured: 16');
  });
});

describe('forward refuses, as CoreDNS does', () => {
  const at = (line: number, message: string) => `Cf:${line} - Error during parsing: ${message}`;
  const count = (word: string) => `Wrong argument count or unexpected line ending after '${word}'`;

  test.each([
    ['forward', at(2, count('forward'))],
    ['forward .', at(2, count('.'))],
    ['forward a..b 1.1.1.1', "unable to normalize 'a..b'"],
    ['forward . 8.8.8.x', 'not an IP address or file: "8.8.8.x"'],
    ['forward . /etc/none.conf', 'not an IP address or file: "/etc/none.conf"'],
    ['forward . dns://', 'invalid address: "dns://"'],
    ['forward . /etc/empty.conf', 'no nameservers found'],
    [
      'forward . grpc://1.1.1.1:443',
      "'grpc' is not supported as a destination protocol in forward: grpc://1.1.1.1:443",
    ],
    ['forward . unix:///x', "'unix' is not supported as a destination protocol in forward: unix:///x"],
    ['forward . 1.1.1.1 {\nfoo\n}', at(3, "unknown property 'foo'")],
    ['forward . 1.1.1.1 {\n__proto__\n}', at(3, "unknown property '__proto__'")],
    ['forward . 1.1.1.1 {\npolicy foo\n}', at(3, "unknown policy 'foo'")],
    ['forward . 1.1.1.1 {\npolicy\n}', at(3, count('policy'))],
    ['forward . 1.1.1.1 {\nforce_tcp yes\n}', at(3, count('yes'))],
    ['forward . 1.1.1.1 {\nexcept\n}', at(3, count('except'))],
    ['forward . 1.1.1.1 {\nexpire -1s\n}', "expire can't be negative: -1s"],
    ['forward . 1.1.1.1 {\nexpire x\n}', 'time: invalid duration "x"'],
    ['forward . 1.1.1.1 {\nmax_age 1s\n}', 'max_age (1s) must not be less than expire (10s)'],
    ['forward . 1.1.1.1 {\nmax_idle_conns -1\n}', "max_idle_conns can't be negative: -1"],
    ['forward . 1.1.1.1 {\nmax_concurrent -4\n}', "max_concurrent can't be negative: -4"],
    ['forward . 1.1.1.1 {\nmax_fails -1\n}', 'strconv.ParseUint: parsing "-1": invalid syntax'],
    ['forward . 1.1.1.1 {\nhealth_check -1s\n}', "health_check can't be negative: -1000000000"],
    ['forward . 1.1.1.1 {\nhealth_check 1s rec\n}', 'health_check: unknown option rec'],
    ['forward . 1.1.1.1 {\nhealth_check 1s domain a..b\n}', 'health_check: invalid domain name a..b'],
    ['forward . 1.1.1.1 {\nfailover NOERROR\n}', 'NoError cannot be used in failover'],
    ['forward . 1.1.1.1 {\nfailover X\n}', 'X is not a valid rcode'],
    ['forward . 1.1.1.1 {\nfailover\n}', at(3, count('failover'))],
    ['forward . 1.1.1.1 {\nnext nx\n}', 'nx is not a valid rcode'],
    ['forward . 1.1.1.1 {\nnext\n}', at(3, count('next'))],
    ['forward . 1.1.1.1 {\nnext_on_nodata yes\n}', at(3, count('yes'))],
    ['forward . 1.1.1.1 {\ntls_servername\n}', at(3, count('tls_servername'))],
    ['forward . 1.1.1.1 {\ndoh_method GET\n}', at(3, "unknown property 'doh_method'")],
    ['forward . 1.1.1.1 {\nresolver\n}', at(3, count('resolver'))],
    ['forward . 1.1.1.1 {\nresolver a.b\n}', 'resolver must be an IP address or IP:port: "a.b"'],
    ['forward . 1.1.1.1 {\nread_timeout 0s\n}', 'read_timeout must be positive: 0s'],
    ['forward . 1.1.1.1 {\nread_timeout -1ms\n}', 'read_timeout must be positive: -1ms'],
    ['forward . 1.1.1.1 {\nsource_address a\n}', at(3, 'invalid IP address: a')],
    [
      'forward . tls://127.0.0.1%example.net:854 {\ntls_servername foo\n}',
      "both forward ('foo') and proxy level ('example.net') TLS servernames are set for upstream proxy 'tls://127.0.0.1:854'",
    ],
  ])('%j', (body, message) => {
    expect(bodyRefusal(body, machine)).toBe(`plugin/forward: ${message}`);
  });

  test.each([
    ['fe80::1%eth7', 'upstream \'fe80::1%eth7\': there is no network interface "eth7"'],
    ['1.1.1.1:99999', "upstream '1.1.1.1:99999': the port must be a number from 1 to 65535"],
    ['1.1.1.1:', "upstream '1.1.1.1:': the port must be"],
    ['1.1.1.1:0', "upstream '1.1.1.1:0': the port must be"],
  ])('upstream %s, in our words', (to, message) => {
    expect(bodyRefusal(`forward . ${to}`)).toContain(`plugin/forward: ${message}`);
  });
});

needs('tables').describe('CoreDNS’s tables', () => {
  test.each([
    ...tables('coredns-v1.13.2', 'TestSetup', 'plugin/forward/'),
    ...tables('coredns-v1.13.2', 'TestSetupPolicy'),
    ...tables('coredns-v1.13.2', 'TestSetupResolvconf'),
    ...tables('coredns-v1.13.2', 'TestSetupMaxConcurrent'),
    ...tables('coredns-v1.13.2', 'TestSetupMaxConnectAttempts'),
    ...tables('coredns-v1.13.2', 'TestSetupHealthCheck'),
  ])('%j', (row) => {
    const message = bodyRefusal(row.input as string, machine);
    if (row.shouldErr) expect(message).toContain(row.expectedErr);
    else expect(message).toBeUndefined();
  });

  test.each(tables('coredns-v1.13.2', 'TestSetupResolvconf').filter((row) => row.expectedNames !== null))(
    'servers: %j',
    (row) => {
      const [{ upstreams }] = stanzas(row.input as string);
      expect(upstreams.map(({ label }) => label)).toEqual(row.expectedNames);
    },
  );

  test.each(tables('coredns-v1.13.2', 'TestSetup', 'plugin/forward/').filter((row) => !row.shouldErr))(
    'fields: %j',
    (row) => {
      const [stanza] = stanzas(row.input as string);
      const expected = row.expectedOpts as {
        ForceTCP?: boolean;
        PreferUDP?: boolean;
        HCDomain: string;
        HCRecursionDesired: boolean;
      };
      expect(stanza.from).toBe(row.expectedFrom);
      expect(stanza.failsMax).toBe(row.expectedFails);
      expect([stanza.forceTcp, stanza.preferUdp]).toEqual([expected.ForceTCP ?? false, expected.PreferUDP ?? false]);
      expect(stanza.healthCheck).toMatchObject({
        domain: expected.HCDomain,
        recursionDesired: expected.HCRecursionDesired,
      });
    },
  );

  test.each(tables('coredns-v1.13.2', 'TestSetupTLS'))('TLS: %j', (row) => {
    const message = bodyRefusal(row.input as string, linked);
    if (row.shouldErr) {
      expect(message).toContain(row.expectedErr);
      return;
    }
    expect(message).toBeUndefined();
    const [{ tls }] = stanzas(row.input as string, linked)[0].upstreams;
    // The two rows without tls:// have a server name that nothing uses.
    if ((row.input as string).includes('tls://')) expect(tls?.serverName).toBe(row.expectedServerName);
    else expect(tls).toBeUndefined();
  });

  test.each(tables('coredns-v1.13.2', 'TestNextAlternate'))('next: %j', (row) => {
    const numbers = { RcodeNameError: 3, RcodeServerFailure: 2, RcodeRefused: 5 };
    const names = (row.expected as { $id: string }[]).map(({ $id }) => $id.split('.')[1] as keyof typeof numbers);
    expect(stanzas(row.input as string)[0].nextRcodes).toEqual(names.map((name) => numbers[name]));
  });

  test.each(tables('coredns-v1.13.2', 'TestFailoverValidation'))('failover: %j', (row) => {
    expect(bodyRefusal(row.input as string)).toContain(row.wantError);
  });

  test.each(tables('coredns-v1.13.2', 'TestFailfastAllUnhealthyUpstreams'))('failfast: %j', (row) => {
    const message = bodyRefusal(row.input as string);
    if (row.expectedErr !== '') expect(message).toContain(row.expectedErr);
    else expect(stanzas(row.input as string)[0].failfastAllUnhealthy).toBe(row.expectedRecVal);
  });
});
