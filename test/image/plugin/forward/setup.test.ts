import { loadPlan } from '../../../../image/corefile/load';
import type { ForwardOptions, ForwardStanza } from '../../../../image/plugin/forward/setup';
import { type Row, tables } from '../../../support/coredns-tables';
import { bodyRefusal, fakeEnvironment, type Machine, optionsOf, refusal } from '../../../support/corefile';
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
const stanzas = (body: string) => optionsOf<ForwardOptions>('forward', body, machine).stanzas;
const labels = (to: string) => stanzas(`forward . ${to}`)[0].upstreams.map(({ label }) => label);
const DEFAULTS: ForwardStanza = {
  from: '.',
  upstreams: [{ address: '127.0.0.1', port: 53, label: '127.0.0.1:53' }],
  except: [],
  forceTcp: false,
  preferUdp: false,
  expireMs: 10_000,
  ageMsMax: 0,
  idleConnectionsMax: 0,
  failsMax: 2,
  connectAttemptsMax: 0,
  concurrentMax: 0,
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
  ])('%s', (to, expected) => {
    expect(labels(to)).toEqual(expected);
  });

  test('addresses are in their one form, the label as written', () => {
    expect(stanzas('forward . [2001:DB8:0::1]:54')[0].upstreams).toEqual([
      { address: '2001:db8::1', port: 54, label: '[2001:DB8:0::1]:54' },
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
  ])('%j', (body, message) => {
    expect(bodyRefusal(body, machine)).toBe(`plugin/forward: ${message}`);
  });

  test.each(['tls', 'tls_servername x', 'next NXDOMAIN', 'next_on_nodata', 'failover SERVFAIL', 'resolver 1.1.1.1'])(
    '%s is refused for now, with its line',
    (line) => {
      expect(bodyRefusal(`forward . 1.1.1.1 {\n${line}\n}`)).toMatch(
        new RegExp(`^plugin/forward: Cf:3 - Error during parsing: option '${line.split(' ')[0]}' is one that`),
      );
    },
  );

  test.each([
    ['tls://1.1.1.1', "upstream 'tls://1.1.1.1': DNS over TLS is not supported by this version yet"],
    ['tls://1.1.1.1%dns.example', "upstream 'tls://1.1.1.1%dns.example': DNS over TLS"],
    ['fe80::1%eth0', "upstream 'fe80::1%eth0': link-local addresses with an interface"],
    ['1.1.1.1:99999', "upstream '1.1.1.1:99999': the port must be a number from 1 to 65535"],
    ['1.1.1.1:', "upstream '1.1.1.1:': the port must be"],
    ['1.1.1.1:0', "upstream '1.1.1.1:0': the port must be"],
  ])('upstream %s is refused for now', (to, message) => {
    expect(bodyRefusal(`forward . ${to}`)).toContain(`plugin/forward: ${message}`);
  });
});

/** Rows that ask for what we refuse for now. */
const isLater = (row: Row) => /tls|\bnext\b|failover/.test(row.input as string);

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

  test.each([
    ...tables('coredns-v1.13.2', 'TestSetupTLS'),
    ...tables('coredns-v1.13.2', 'TestNextAlternate'),
    ...tables('coredns-v1.13.2', 'TestFailoverValidation'),
  ])('refused for now: %j', (row) => {
    expect(isLater(row)).toBe(true);
    expect(refusal(`. {\n${row.input}\n}`)).toMatch(/not (have|supported)/);
  });
});
