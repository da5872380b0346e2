import { Type } from '../../../image/wire/codes';
import { dataIsPlain, dataIsValid, dataLayout, Part, plainNameEnd } from '../../../image/wire/rdata';
import { RECORD_LINES, record } from '../../fuzz/wire-seeds';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

test('names that we may compress are in types of RFC 1035 only, and no data has more than two names', () => {
  for (let type = 0; type <= 0xffff; type++) {
    const layout = dataLayout(type);
    if (layout.includes(Part.NAME)) expect(type).toBeLessThan(16);
    expect(layout.filter((part) => part === Part.NAME || part === Part.NAME_PLAIN).length).toBeLessThanOrEqual(2);
  }
});

test('data is valid whole, and not with an octet less or more unless it is opaque at its end', () => {
  for (const { type, data } of RECORD_LINES.map(record)) {
    const bytes = Uint8Array.of(...new Uint8Array(20), ...data, 0xff);
    const isValid = (size: number) => dataIsValid(bytes, 0, type, 20, 20 + size);
    expect([isValid(data.length), dataIsPlain(data, type)]).toEqual([true, true]);
    const ending = dataLayout(type).at(-1);
    if (ending === Part.REST) continue;
    expect(isValid(data.length + 1)).toBe(false);
    if (ending !== Part.STRINGS) expect(isValid(data.length - 1)).toBe(false);
  }
});

test.each([
  ['no data', Type.A, '', true],
  ['an address', Type.A, 'c0000201', true],
  ['three octets of an address', Type.A, 'c00002', false],
  ['a name', Type.CNAME, '016100', true],
  ['a name and an octet', Type.CNAME, '01610000', false],
  ['a pointer: nothing is there to point at', Type.CNAME, 'c00c', false],
  ['a pointer into the data itself', Type.SOA, `0b6161616161616161616161c000${'00'.repeat(20)}`, false],
  ['options', Type.OPT, '00030000', true],
  ['half an option', Type.OPT, '0003', false],
  ['anything in an unknown type', 65280, 'c00c', true],
])('standing alone: %s', (_, type, hex, wanted) => expect(dataIsPlain(bytesOf(hex), type)).toBe(wanted));

test.each([
  ['00', 1],
  ['016100ff', 3],
  ['0161', 0],
  ['', 0],
  ['c000', 0],
  ['4000', 0],
  ['0161'.repeat(127) + '00', 255],
  ['0161'.repeat(128) + '00', 0],
])('the name %s ends at %i', (hex, wanted) => expect(plainNameEnd(bytesOf(hex), 0)).toBe(wanted));
