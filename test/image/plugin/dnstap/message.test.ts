import { parseIp } from '../../../../image/corefile/ip-address';
import { encodeTap, type TapMessage, TapType } from '../../../../image/plugin/dnstap/message';
import { decodeTap } from './collector';

const QUERY: TapMessage = {
  type: TapType.CLIENT_QUERY,
  overTcp: false,
  queryAddress: parseIp('192.0.2.7')!,
  queryPort: 40_000,
  queryMs: 1_700_000_000_123.456,
};

test('a message, octet by octet', () => {
  const hex = Buffer.from(encodeTap(QUERY, 'me', 'v', '')).toString('hex');
  expect(hex).toBe(
    '0a026d65' + // identity
      '120176' + // version
      '721b' + // message: type, family, protocol, address, port, seconds, nanoseconds
      '0805' +
      '1001' +
      '1801' +
      '2204c0000207' +
      '30c0b802' +
      '4080e2cfaa06' +
      '4d00ca5b07' +
      '7801', // type of the whole
  );
});

test('every field comes out again', () => {
  const message = {
    ...QUERY,
    ...{ type: TapType.FORWARDER_RESPONSE, overTcp: true, responseAddress: parseIp('fd00::1')!, responsePort: 53 },
    ...{ responseMs: 1_700_000_001_000, queryMessage: Uint8Array.of(1, 2), responseMessage: new Uint8Array(300) },
  };
  expect(decodeTap(encodeTap(message, 'ü', '', 'extra'))).toEqual({
    ...{ identity: 'ü', version: '', extra: 'extra', outer: 1, type: 'FR', family: 2, protocol: 2 },
    ...{ query: '192.0.2.7#40000', response: 'fd00::1#53', querySeconds: 1_700_000_000.123456 },
    ...{ responseSeconds: 1_700_000_001, queryMessage: Buffer.of(1, 2), responseMessage: Buffer.alloc(300) },
  });
});
