import { Type } from '../../../image/wire/codes';
import { Encoder } from '../../../image/wire/encoder';
import { textToName } from '../../../image/wire/name';

const NS = textToName('ns.example.')!;
const ENCODER = new Encoder();

/** A name, a number and the data of a record of this type that is a name, in hex behind the header. */
function written(type: number, limit: number): string {
  const out = new Uint8Array(64);
  ENCODER.begin(out, 3, limit);
  const fits = ENCODER.name(NS, 0) && ENCODER.number16(0xabcd) && ENCODER.data(type, NS, 0, NS.length);
  expect(out.subarray(3 + limit).every((byte) => byte === 0)).toBe(true);
  return fits ? Buffer.from(out.subarray(15, 3 + ENCODER.length)).toString('hex') : 'does not fit';
}

const NAME = '026e73076578616d706c6500';

test.each([
  ['a name that was written before is pointed at', written(Type.NS, 61), `${NAME}abcd` + '0002' + 'c00c'],
  ['not in data of a later type than those of RFC 1035', written(Type.DNAME, 61), `${NAME}abcd000c${NAME}`],
  ['what fits exactly fits', written(Type.NS, 12 + 12 + 2 + 4), `${NAME}abcd` + '0002' + 'c00c'],
  ['one octet less does not', written(Type.NS, 12 + 12 + 2 + 3), 'does not fit'],
  ['octets that do not fit', written(Type.DNAME, 39), 'does not fit'],
  ['a number that does not fit', written(Type.NS, 25), 'does not fit'],
  ['a name that does not fit', written(Type.NS, 23), 'does not fit'],
])('%s', (_, found, wanted) => expect(found).toBe(wanted));

test('a message begun knows no names of the one before', () => {
  expect(written(Type.NS, 61)).toBe(written(Type.NS, 61));
});
