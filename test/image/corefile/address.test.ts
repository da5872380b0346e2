import { parseKey, splitTransport, zonesOf } from '../../../image/corefile/address';
import { tables } from '../../support/coredns-tables';
import { needs } from '../../support/needs';

const key = (text: string) => parseKey(text, 53).map(({ transport, zone, port }) => `${transport} ${zone} ${port}`);

describe('a key says what is served where', () => {
  test.each([
    ['.', ['dns . 53']],
    ['example.org', ['dns example.org. 53']],
    ['EXAMPLE.org.', ['dns example.org. 53']],
    ['example.org:1053', ['dns example.org. 1053']],
    ['dns://.:1053', ['dns . 1053']],
    ['tls://example.org', ['tls example.org. 853']],
    ['https://example.org', ['https example.org. 443']],
    ['example.org:99999x', ['dns example.org:99999x. 53']],
    ['127.0.0.1', ['dns 127.0.0.1. 53']],
    ['10.0.0.0/24', ['dns 0.0.10.in-addr.arpa. 53']],
    ['10.0.0.0/24:54', ['dns 0.0.10.in-addr.arpa. 54']],
    ['10.0.0.0/15', ['dns 0.10.in-addr.arpa. 53', 'dns 1.10.in-addr.arpa. 53']],
    ['0.0.0.0/0', ['dns in-addr.arpa. 53']],
    ['192.0.2.1/32', ['dns 1.2.0.192.in-addr.arpa. 53']],
    ['2001:db8::/32', ['dns 8.b.d.0.1.0.0.2.ip6.arpa. 53']],
    ['10.0.0.0/33', ['dns 10.0.0.0/33. 53']],
  ])('%s', (text, expected) => {
    expect(key(text)).toEqual(expected);
  });

  test('a network between two labels is all zones up to the next', () => {
    expect(key('10.0.0.0/12')).toHaveLength(16);
    expect(key('10.0.0.0/12')[15]).toBe('dns 15.10.in-addr.arpa. 53');
    expect(key('10.0.0.0/1')).toHaveLength(128);
  });

  test.each([
    ['', 'expecting data after last colon: ""'],
    ['example.org:', 'expecting data after last colon: "example.org:"'],
    [':53', 'zone is not a valid domain name: '],
    ['a..b', 'zone is not a valid domain name: a..b'],
    ['x'.repeat(256), 'specified zone is too long: 256 > 255'],
    ['::/16', 'invalid CIDR ::/16'],
    ['0::1/16', 'invalid CIDR 0::1/16'],
  ])('%j is refused', (text, message) => {
    expect(() => parseKey(text, 53)).toThrow(message);
  });
});

test('what a plugin names is normalized, and nothing when it is no zone', () => {
  expect(zonesOf('dns://Example.org:53')).toEqual(['example.org.']);
  expect(zonesOf('a..b')).toEqual([]);
});

needs('tables').describe('CoreDNS’s own tables', () => {
  test.each(tables('coredns-v1.13.2', 'TestInspectServerBlocks'))('keys: $name', (row) => {
    const blocks = row.serverBlocks as { Keys: string[] }[];
    const expected = (row.expectedServerBlocks as { Keys: string[] }[]).flatMap(({ Keys }) => Keys);
    const found = blocks.flatMap(({ Keys }) => Keys.flatMap((text) => parseKey(text, 53)));
    expect(found.map(({ transport, zone, port }) => `${transport}://${zone}:${port}`)).toEqual(expected);
  });

  test.each(tables('coredns-v1.13.2', 'TestHostNormalizeExact'))('zones of $in', (row) => {
    const expected = (row.out as string[] | null) ?? [];
    expect(zonesOf(row.in as string).slice(0, expected.length || undefined)).toEqual(expected);
  });

  test.each(tables('coredns-v1.13.2', 'TestTransport'))('transport of $input', (row) => {
    const name = (row.expected as { $id: string }).$id.replace('transport.', '').toLowerCase();
    expect(splitTransport(row.input as string).transport).toBe(name);
  });
});
