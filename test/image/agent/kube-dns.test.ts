/**
 * The kube-dns ConfigMap. The rows of kubernetes/dns config_test.go (TestValidate, TestValidateNodeLocalCacheConfig),
 * util_test.go (TestValidateNameserverIpAndPort), federation_test.go and sync_test.go, and JSON that people write.
 */
import { KUBE_DNS_NONE, readKubeDnsConfig } from '../../../image/agent/kube-dns';

const read = (keys: Readonly<Record<string, string | Uint8Array>>) => {
  const files = new Map(
    Object.entries(keys).map(([key, value]) => [key, typeof value === 'string' ? Buffer.from(value) : value]),
  );
  return readKubeDnsConfig(files, (path) => path === 'resolv.conf');
};
const stub = (value: unknown) => read({ stubDomains: JSON.stringify(value) });
const upstream = (value: unknown) => read({ upstreamNameservers: JSON.stringify(value) });

test('an empty ConfigMap is none', () => {
  expect(read({})).toEqual(KUBE_DNS_NONE);
});

test('other keys do not matter, as long as they are text', () => {
  expect(read({ README: 'hello' })).toEqual(KUBE_DNS_NONE);
  expect(() => read({ binary: Uint8Array.of(192) })).toThrow('non-utf8 data in binary');
});

describe('stubDomains', () => {
  test.each([
    [{}],
    [{ 'foo.com': ['1.2.3.4'] }],
    [{ 'foo.com': ['1.2.3.4:32564'] }],
    [{ 'foo.com': ['1.2.3.4:0'] }], // Passes here as it passes there; the Corefile with it does not load.
    [{ 'foo.com': ['1.2.3.4:'] }],
    [{ 'bar.com': ['1.2.3.4'], 'foo.com': ['1.1.1.1', '2.2.2.2'] }],
    [{ 'acme.local': ['2001:db8:1:1:1::1'], 'widget.local': ['[2001:db8:2:2:2::2]:10053', '2001:db8:3:3:3::3'] }],
    [{ '10.in-addr.arpa': ['1.2.3.4'] }],
    [{ constructor: ['1.2.3.4'] }],
    [{ 'foo.com': ['resolv.conf'] }], // A file with this name in the working directory.
  ])('%j is used as it is written', (value) => {
    expect(stub(value)).toEqual({ stubDomains: value, upstreamServers: [] });
  });

  test('null is nothing, and the last of two equal keys counts', () => {
    expect(read({ stubDomains: 'null' })).toEqual(KUBE_DNS_NONE);
    expect(read({ stubDomains: '{"a.test":["1.1.1.1"],"a.test":["2.2.2.2"]}' }).stubDomains).toEqual({
      'a.test': ['2.2.2.2'],
    });
  });

  test.each([
    [{ '': ['1.2.3.4'] }, 'invalid domain name: ""'],
    [{ '.': ['1.2.3.4'] }, 'invalid domain name: "."'],
    [{ $$$$: ['1.2.3.4'] }, 'invalid domain name: "$$$$"'],
    [{ 'Foo.com': ['1.2.3.4'] }, 'invalid domain name: "Foo.com"; want lower case without final dot'],
    [{ 'foo.com.': ['1.2.3.4'] }, 'invalid domain name: "foo.com."'],
    [{ _tcp: ['1.2.3.4'] }, 'invalid domain name: "_tcp"'],
    [{ 'a {\n}': ['1.2.3.4'] }, 'invalid domain name: "a {\\n}"'],
    [{ ['a'.repeat(254)]: ['1.2.3.4'] }, 'invalid domain name'],
    [{ foo: ['$$$$'] }, 'invalid nameserver: "$$$$"; want IP, IP:port or [IPv6]:port'],
    [{ foo: ['1.1.1.1 {\n}'] }, 'invalid nameserver'],
    [{ 'foo.com': ['1.2.3.4:65564'] }, 'invalid nameserver: "1.2.3.4:65564"'],
    [{ 'foo.com': ['1.2.3.4:dns'] }, 'invalid nameserver: "1.2.3.4:dns"'],
    [{ 'foo.com': ['tls://1.2.3.4'] }, 'invalid nameserver: "tls://1.2.3.4"'],
    [{ 'foo.com': ['[2001:db8::1]'] }, 'invalid nameserver: "[2001:db8::1]"'],
    [{ 'foo.com': ['fe80::1%eth0'] }, 'invalid nameserver: "fe80::1%eth0"'],
    [{ 'foo.com': ['ns.foo.com:53'] }, 'invalid nameserver: "ns.foo.com:53"'],
    [{ 'foo.com': [''] }, 'invalid nameserver: ""'],
    [
      { 'foo.com': ['::ffff:1.2.3.4'] },
      'invalid nameserver: "::ffff:1.2.3.4"; want IP, IP:port or [IPv6]:port, and the address as 1.2.3.4',
    ],
    [
      { 'foo.com': ['[2001:DB8::0:1]:53'] },
      'invalid nameserver: "[2001:DB8::0:1]:53"; want IP, IP:port or [IPv6]:port, and the address as 2001:db8::1',
    ],
    [{ 'foo.com': [null] }, 'invalid nameserver: ""'],
    [{ 'foo.com': [] }, '"foo.com" has no server; name one or remove the domain'],
    [{ 'foo.com': null }, '"foo.com" has no server'],
    [{ 'foo.com': '1.2.3.4' }, 'the servers of "foo.com" is no JSON list; want a list of texts'],
    [{ 'foo.com': [53] }, 'the servers of "foo.com" has 53, which is no text in quotes'],
    [['foo.com'], 'it is no JSON object; want an object of domains and lists of servers'],
    [7, 'it is no JSON object'],
  ])('%j is refused', (value, message) => {
    expect(() => stub(value)).toThrow(`Invalid configuration for stubDomains, ignoring update: ${message}`);
  });

  test.each([
    [['1.1.1.1', 'cluster.local'], '[1.1.1.1 cluster.local]', 'cluster.local'],
    [['ns.foo.com'], '[ns.foo.com]', 'ns.foo.com'],
    [['010.0.0.1'], '[010.0.0.1]', '010.0.0.1'], // Go 1.17 and later: no leading zeros.
  ])(
    'kubernetes/dns #539: %j names a server instead of its address, refused in the words of the Go agent',
    (servers, list, name) => {
      expect(() => stub({ 'foo.com': servers })).toThrow(
        `Invalid config: invalid nameservers ${list} for the stub domain foo.com: not an IP address or file: "${name}"`,
      );
    },
  );

  test.each(['', '{', "{'foo.com': ['1.2.3.4']}", '{"foo.com": ["1.2.3.4",]}', '\ufeff{}'])(
    '%j is no JSON, which is said with the form wanted',
    (text) => {
      expect(() => read({ stubDomains: text })).toThrow(
        /^Invalid configuration for stubDomains, ignoring update: invalid JSON ".*": .*; want an object of domains/,
      );
    },
  );
});

describe('upstreamNameservers', () => {
  test.each([
    [[]],
    [['1.2.3.4']],
    [['1.2.3.4', '8.8.4.4', '8.8.8.8']],
    [['1.2.3.4:53']],
    [['[2001:db8:2:2:2::2]:10053', '2001:db8:3:3:3::3']],
  ])('%j is used as it is written', (value) => {
    expect(upstream(value)).toEqual({ stubDomains: {}, upstreamServers: value });
  });

  test.each([
    [['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'], 'upstreamNameserver cannot have more than three entries'],
    [['1.1.1.1:abc'], 'bad port number: "abc"'],
    [['1.1.1.1:'], 'bad port number: ""'],
    [['1.1.1.1:0'], 'bad port number: "0"'],
    [['1.1.1.1:123456789'], 'bad port number: "123456789"'],
    [['invalidip'], 'address invalidip: missing port in address'],
    [['invalidip:80'], 'bad IP address: "invalidip"'],
    [[''], 'missing port in address'],
    [['1.1.1.1', 'cluster.local'], 'address cluster.local: missing port in address'],
    [['/etc/resolv.conf'], 'address /etc/resolv.conf: missing port in address'],
    ['1.1.1.1', 'it is no JSON list; want a list of servers'],
    [{}, 'it is no JSON list'],
    [[1], 'it has 1, which is no text in quotes'],
  ])('%j is refused', (value, message) => {
    expect(() => upstream(value)).toThrow(`Invalid configuration for upstreamNameservers, ignoring update: ${message}`);
  });
});

describe('federations have no effect, but must be right', () => {
  test.each(['', '  ', 'a=b', 'a=b,cc=dd', 'abc=d.e.f', ' a = b '])('"%s" is', (text) => {
    expect(read({ federations: text })).toEqual(KUBE_DNS_NONE);
  });

  test.each([
    ['ccdd', 'invalid format, must be key=value'],
    ['a=b,ccdd', 'invalid format, must be key=value'],
    ['-', 'invalid format, must be key=value'],
    ['a.b.c=d.e.f', '"a.b.c" not a valid federation name'],
    ['=b', '"" not a valid federation name'],
    ['a=.', '"." not a valid domain name'],
    ['a=', '"" not a valid domain name'],
  ])('"%s" is not, and then nothing is used', (text, message) => {
    expect(() => read({ federations: text, stubDomains: '{}' })).toThrow(
      `Invalid configuration for federations, ignoring update: ${message}`,
    );
  });
});
