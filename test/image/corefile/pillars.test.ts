import { type PillarValues, pillarWarnings, renderPillars } from '../../../image/corefile/pillars';

const values: PillarValues = {
  localIps: ['169.254.20.10', '10.96.0.10'],
  clusterDnsIp: '10.96.0.53',
  clusterDnsVariable: 'KUBE_DNS_UPSTREAM_SERVICE_HOST',
  upstreamServers: [],
  stubDomains: {},
  dnsPort: 53,
};
const TCP_BLOCK = '\n    forward . __PILLAR__UPSTREAM__SERVERS__ {\n            force_tcp\n    }\n';

test.each([
  ['bind __PILLAR__LOCAL__DNS__', 'bind 169.254.20.10 10.96.0.10'],
  ['health __PILLAR__LOCAL__DNS__:8080', 'health 169.254.20.10 10.96.0.10:8080'], // As the Go agent writes it.
  ['bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__', 'bind 169.254.20.10 10.96.0.10 '],
  ['forward . __PILLAR__CLUSTER__DNS__ __PILLAR__CLUSTER__DNS__', 'forward . 10.96.0.53 10.96.0.53'],
  ['forward . __PILLAR__UPSTREAM__SERVERS__', 'forward . /etc/resolv.conf'],
  ['__PILLAR__DNS__DOMAIN__:53', '__PILLAR__DNS__DOMAIN__:53'], // That one is replaced at install time, or never.
])('%s becomes %s', (base, corefile) => {
  expect(renderPillars(base, values)).toBe(corefile);
});

describe('with upstreamNameservers', () => {
  const custom = { ...values, upstreamServers: ['1.1.1.1', '8.8.8.8:53'] };

  test('the manifest’s own block loses its force_tcp', () => {
    expect(renderPillars(`.:53 {${TCP_BLOCK}}`, custom)).toBe('.:53 {\n    forward . 1.1.1.1 8.8.8.8:53\n}');
    expect(pillarWarnings(`.:53 {${TCP_BLOCK}}`, custom)).toEqual([]);
  });

  test('a block indented otherwise keeps it, and a warning says so', () => {
    const base = '\n  forward . __PILLAR__UPSTREAM__SERVERS__ {\n    force_tcp\n  }\n';
    expect(renderPillars(base, custom)).toBe('\n  forward . 1.1.1.1 8.8.8.8:53 {\n    force_tcp\n  }\n');
    expect(pillarWarnings(base, custom)).toEqual([
      'Did not find TCP upstream block to replace, assuming upstreams already use UDP.',
    ]);
  });

  test('without them the block is left as it is', () => {
    expect(renderPillars(TCP_BLOCK, values)).toBe('\n    forward . /etc/resolv.conf {\n            force_tcp\n    }\n');
    expect(pillarWarnings(TCP_BLOCK, values)).toEqual([]);
  });
});

test('stub domains become blocks, sorted by name', () => {
  const stubDomains = { 'z.test': ['10.0.0.2'], 'a.test': ['10.0.0.1:5353', '10.0.0.3'] };
  expect(
    renderPillars('.:53 {\n}\n', { ...values, localIps: ['169.254.20.10'], stubDomains, dnsPort: 1053 }),
  ).toBe(`.:53 {
}

a.test:1053 {
    errors
    cache 30
    bind 169.254.20.10
    forward . 10.0.0.1:5353 10.0.0.3
}

z.test:1053 {
    errors
    cache 30
    bind 169.254.20.10
    forward . 10.0.0.2
}
`);
});

test('an unknown cluster DNS address is refused with the variable’s name, but only where it is needed', () => {
  const unknown = { ...values, clusterDnsIp: '' };
  expect(() => renderPillars('forward . __PILLAR__CLUSTER__DNS__', unknown)).toThrow(
    'environment variable KUBE_DNS_UPSTREAM_SERVICE_HOST has no IP address',
  );
  expect(renderPillars('forward . 1.1.1.1', unknown)).toBe('forward . 1.1.1.1');
});

test('a `$` in a value is only a `$`', () => {
  expect(renderPillars('__PILLAR__CLUSTER__DNS__', { ...values, clusterDnsIp: '$&' })).toBe('$&');
});

test('a placeholder that nobody replaces is worth a warning, once', () => {
  const base = '__PILLAR__DNS__DOMAIN__:53 __PILLAR__DNS__DOMAIN__ __PILLAR__LOCAL__DNS__ __PILLAR__ PILLAR';
  expect(pillarWarnings(base, values)).toEqual([expect.stringMatching(/^Placeholder __PILLAR__DNS__DOMAIN__ is none/)]);
});
