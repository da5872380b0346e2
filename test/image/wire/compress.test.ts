import { Compression } from '../../../image/wire/compress';
import { MALFORMED, textToName } from '../../../image/wire/name';

/** The octets of names written one after another from offset 12 of a message at 3, in hex. */
function written(...names: string[]): string {
  const compression = new Compression();
  const out = new Uint8Array(400);
  let at = 15;
  for (const text of names) at = compression.writeName(textToName(text)!, 0, out, 3, at, out.length);
  return Buffer.from(out.subarray(15, at)).toString('hex');
}

test.each([
  ['a name again', written('a.b.', 'a.b.'), '0161016200' + 'c00c'],
  ['an ending', written('a.b.', 'c.b.'), '0161016200' + '0163c00e'],
  ['an ending of what ends in a pointer', written('b.', 'a.b.', 'x.a.b.'), '016200' + '0161c00c' + '0178c00f'],
  ['another case is another name', written('A.', 'a.'), '014100' + '016100'],
  ['a dot within a label is no border', written('a\\.b.', 'b.'), '03612e6200' + '016200'],
  ['the root is never pointed at', written('.', '.'), '0000'],
])('%s', (_, found, wanted) => expect(found).toBe(wanted));

test('a name that does not fit is refused and nothing is written behind the end', () => {
  const name = textToName('ab.cd.')!;
  for (let room = 0; room < name.length; room++) {
    const out = new Uint8Array(20).fill(0xee);
    expect(new Compression().writeName(name, 0, out, 0, 12, 12 + room)).toBe(MALFORMED);
    expect(out.slice(12 + room).every((byte) => byte === 0xee)).toBe(true);
  }
});
