import { canonicalIp, formatIp, parseIp } from '../../../image/corefile/ip-address';
import fc from '../../support/property';

test.each([
  ['1.2.3.4', '1.2.3.4'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'], // The first of equal runs (RFC 5952 §4.2.3).
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'], // A single zero group stays (§4.2.2).
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
])('%s is written %s', (written, canonical) => {
  expect(canonicalIp(written)).toBe(canonical);
});

test.each(['', '1.2.3', '01.2.3.4', '256.1.1.1', 'fe80::1%eth0', ':::', '1:2:3:4:5:6:7:8:9', 'localhost', '[::1]'])(
  '%j is no address',
  (written) => {
    expect(canonicalIp(written)).toBeUndefined();
  },
);

test('any 16 bytes survive being written and read, as the system’s own parser sees them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      fc.pre(bytes.slice(0, 10).some((byte) => byte !== 0)); // Not an IPv4 address in disguise.
      expect(parseIp(formatIp(bytes))).toEqual(bytes);
      expect(new URL(`http://[${formatIp(bytes)}]`).hostname).toBe(`[${formatIp(bytes)}]`);
    }),
  );
});
