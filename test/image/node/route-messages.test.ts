import {
  addAddressRequest,
  addDeviceRequest,
  addressesRequest,
  deviceRequest,
  readAddress,
  readDevice,
  removeAddressRequest,
  removeDeviceRequest,
} from '../../../image/node/route-messages';
import fc from '../../support/property';
import { addressPayload, linkPayload, WAITING } from './route-kernel';

/** Octets in groups of four, as hex: each line of <linux/rtnetlink.h> is a multiple of them. */
const words = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .match(/.{1,8}/g)!
    .join(' ');

test.each<[string, Uint8Array, string]>([
  [
    'a device by its name',
    deviceRequest('lo'),
    '30000000 12000100 00000000 00000000 00000000 00000000 00000000 00000000 08001d00 08000000 07000300 6c6f0000',
  ],
  [
    'a device by its index',
    deviceRequest(258),
    '28000000 12000100 00000000 00000000 00000000 02010000 00000000 00000000 08001d00 08000000',
  ],
  [
    'a new device: create, and only if there is none',
    addDeviceRequest('ndl', 'ifb'),
    '3c000000 10000506 00000000 00000000 00000000 00000000 00000000 00000000 ' +
      '08000300 6e646c00 08000d00 00000000 0c001200 08000100 69666200',
  ],
  [
    'a device less',
    removeDeviceRequest('ndl'),
    '28000000 11000500 00000000 00000000 00000000 00000000 00000000 00000000 08000300 6e646c00',
  ],
  ['all addresses', addressesRequest(), '18000000 16000103 00000000 00000000 00000000 00000000'],
  [
    'an IPv4 address: /32, with our mark',
    addAddressRequest(7, '169.254.20.10'),
    '30000000 14000506 00000000 00000000 02200000 07000000 08000200 a9fe140a 08000100 a9fe140a 05000b00 35000000',
  ],
  [
    'an IPv6 address: /128, without duplicate address detection',
    addAddressRequest(7, 'fd00::a'),
    '48000000 14000506 00000000 00000000 0a800200 07000000 ' +
      '14000200 fd000000 00000000 00000000 0000000a 14000100 fd000000 00000000 00000000 0000000a 05000b00 35000000',
  ],
  [
    'an address less',
    removeAddressRequest(7, '10.0.0.1'),
    '28000000 15000500 00000000 00000000 02200000 07000000 08000200 0a000001 08000100 0a000001',
  ],
])('%s', (_what, message, wanted) => expect(words(message)).toBe(wanted));

test.each([[{ name: 'nodelocaldns', index: 7, kind: 'dummy' }], [{ name: 'eth0', index: 2, kind: '' }]])(
  'device %j',
  (device) => expect(readDevice(linkPayload(device))).toEqual(device),
);

test.each([
  [{ address: '169.254.20.10' }, { isTentative: false, isOurs: false }],
  [
    { address: '169.254.20.10', protocol: 53 },
    { isTentative: false, isOurs: true },
  ],
  [
    { address: 'fd00::a', protocol: 3 },
    { isTentative: false, isOurs: false },
  ],
  [
    { address: 'fd00::a', flags: WAITING },
    { isTentative: true, isOurs: false },
  ],
  [
    { address: 'fd00::a', flags: 0x08 },
    { isTentative: true, isOurs: false },
  ], // It found a duplicate.
  [
    { address: 'fd00::a', flags: 0x282 },
    { isTentative: false, isOurs: false },
  ],
])('address %j is %j', (address, wanted) => {
  expect(readAddress(addressPayload(7, address))).toEqual({ address: address.address, deviceIndex: 7, ...wanted });
});

test('of a link between two, the near end is the address', () => {
  const payload = Buffer.from('0220000007000000' + '08000100c0000201' + '08000200c0000202', 'hex');
  expect(readAddress(payload)?.address).toBe('192.0.2.2');
});

test.each([
  ['too short', ''],
  ['no address', '0220000007000000'],
  ['an address of three octets', '0220000007000000' + '07000200c0000200'],
])('%s is no address', (_what, hex) => expect(readAddress(Buffer.from(hex, 'hex'))).toBeUndefined());

test('fuzz: any octets are a device or an address or neither', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      expect(readDevice(bytes) === undefined).toBe(bytes.length < 16);
      const { address } = readAddress(bytes) ?? { address: '0.0.0.0' };
      expect(address).toMatch(/^[0-9a-f:.]+$/);
    }),
    { numRuns: 5_000 },
  );
});
