import { parseIp } from '../../../../image/corefile/ip-address';
import { ALL_NETWORKS, holds, parseNetwork, withMask } from '../../../../image/plugin/acl/network';

test.each([
  ['10.218.10.8/24', '10.218.10.8/24'],
  ['10.218.10.8', '10.218.10.8/32'],
  ['2001:db8::1', '2001:db8::1/128'],
  ['x', 'x/32'],
])('%s is taken as %s', (value, normalized) => {
  expect(withMask(value)).toBe(normalized);
});

test.each([
  // Inside.
  ['10.0.0.0/8', '10.255.255.255', true],
  ['10.1.2.3/8', '10.0.0.0', true],
  ['192.0.2.128/25', '192.0.2.129', true],
  ['192.0.2.1/32', '192.0.2.1', true],
  ['0.0.0.0/0', '203.0.113.9', true],
  ['2001:db8::/33', '2001:db8:7fff::1', true],
  ['::ffff:10.0.0.0/104', '10.2.3.4', true],
  // Outside.
  ['10.0.0.0/8', '11.0.0.0', false],
  ['192.0.2.128/25', '192.0.2.127', false],
  ['192.0.2.1/32', '192.0.2.0', false],
  ['0.0.0.0/0', '::1', false],
  ['2001:db8::/33', '2001:db8:8000::1', false],
  ['::/0', '10.0.0.1', false],
])('%s holds %s: %p', (network, address, inside) => {
  expect(holds(parseNetwork(network)!, parseIp(address)!)).toBe(inside);
});

test('all networks are both families', () => {
  for (const address of ['203.0.113.9', 'fd00::1']) {
    expect(ALL_NETWORKS.some((network) => holds(network, parseIp(address)!))).toBe(true);
  }
});

test.each([
  ['10.0.0.0/33'],
  ['10.0.0/8'],
  ['10.0.0.0/'],
  ['10.0.0.0/x'],
  ['10.0.0.0/-1'],
  ['10.0.0.0/8/8'],
  ['::/129'],
])('%s is none', (value) => {
  expect(parseNetwork(value)).toBeUndefined();
});
