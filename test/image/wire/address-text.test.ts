import { isIP } from 'node:net';
import { addressToText, textToAddress } from '../../../image/wire/address-text';
import { Random } from '../../fuzz/random';

test.each([
  ['192.0.2.1', 'c0000201', '192.0.2.1'],
  ['::', '00'.repeat(16), '::'],
  ['::1', '00'.repeat(15) + '01', '::1'],
  ['1::', '0001' + '00'.repeat(14), '1::'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  ['1:0:3:4:5:6:7:8', '00010000000300040005000600070008', '1:0:3:4:5:6:7:8'], // One zero stays (RFC 5952 §4.2.2).
  ['1:0:0:2:0:0:0:3', '00010000000000020000000000000003', '1:0:0:2::3'], // The longest run.
  ['1:0:0:2:3:0:0:4', '00010000000000020003000000000004', '1::2:3:0:0:4'], // The first of equal ones.
  ['2001:DB8::A', '20010db800000000000000000000000a', '2001:db8::a'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
  ['1:2:3:4:5:6:192.0.2.1', '000100020003000400050006c0000201', '1:2:3:4:5:6:c000:201'],
])('%s', (text, hex, printed) => {
  const address = textToAddress(text)!;
  expect(Buffer.from(address).toString('hex')).toBe(hex);
  expect(addressToText(address)).toBe(printed);
});

test.each(['', '1.2.3', '1.2.3.256', '01.2.3.4', '1:2', ':::', '1::2::3', 'fe80::1%eth0', 'g::', '1.2.3.4 '])(
  '%p is no address',
  (text) => expect(textToAddress(text)).toBeUndefined(),
);

test('10 000 addresses, many zeros among them, read back as they were printed', () => {
  const random = new Random(6);
  for (let round = 0; round < 10_000; round++) {
    const address = Uint8Array.from({ length: 16 }, () => (random.below(3) === 0 ? random.below(256) : 0));
    const text = addressToText(address);
    expect(isIP(text)).toBe(6);
    expect(textToAddress(text)).toEqual(address);
  }
});
