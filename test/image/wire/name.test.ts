import {
  copyNameFolded,
  expandName,
  fqdn,
  isSubdomain,
  MALFORMED,
  namesEqualFolded,
  nameToText,
  skipName,
  textToName,
} from '../../../image/wire/name';

const hexToBytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const HEAD = '00'.repeat(12);
const label = (size: number) => size.toString(16).padStart(2, '0') + '61'.repeat(size);
const NAME_255 = label(63).repeat(3) + label(61) + '00';
const NAME_256 = label(63).repeat(3) + label(62) + '00';
const CHAIN = (hops: number) =>
  '0000' + Array.from({ length: hops }, (_, hop) => (0xc000 + 12 + 2 * hop).toString(16)).join('');

describe('a name in a message', () => {
  const GOOD: [string, string, number, string][] = [
    ['the root', '00', 12, '.'],
    ['labels', '03777777 03436f4d 00', 12, 'www.CoM.'],
    ['a pointer', '03636f6d 00 03777777 c00c', 17, 'www.com.'],
    ['a pointer only', '03636f6d 00 c00c', 17, 'com.'],
    ['a pointer to a pointer', '03636f6d 00 0162 c00c 0161 c011', 21, 'a.b.com.'],
    ['255 octets', NAME_255, 12, `${'a'.repeat(63)}.`.repeat(3) + 'a'.repeat(61) + '.'],
    ['127 labels', '0161'.repeat(127) + '00', 12, 'a.'.repeat(127)],
    ['any octet in a label', '04 00 2e ff 5c 00', 12, '\\000\\.\\255\\\\.'],
    ['128 pointers', CHAIN(128), 12 + 2 * 128, '.'],
  ];
  const BAD: [string, string, number][] = [
    ['nothing', '', 12],
    ['no root label', '0161', 12],
    ['a label cut short', '056161', 12],
    ['a pointer cut short', '0161 c0', 12],
    ['a pointer to itself', 'c00c', 12],
    ['a pointer forward', 'c00e 00', 12],
    ['pointers at each other', 'c00e c00c', 14],
    ['a pointer into the header', '00 c004', 13],
    ['a pointer behind the end', '00 ffff', 13],
    ['a label that runs on over the pointer to it', '00 05 c00d 000000', 14],
    ['label type 0x40', '4161 00', 12],
    ['label type 0x80', '8161 00', 12],
    ['256 octets', NAME_256, 12],
    ['128 labels', '0161'.repeat(128) + '00', 12],
    ['256 octets by way of a pointer', label(63).repeat(3) + label(60) + '00' + '0161' + 'c00c', 12 + 3 * 64 + 61 + 1],
    ['129 pointers', CHAIN(129), 12 + 2 * 129],
  ];
  const offset = 5;
  const place = (hex: string) => hexToBytes('ee'.repeat(offset) + HEAD + hex);

  test.each(GOOD)('%s is stepped over and expanded', (_, hex, at, text) => {
    const bytes = place(hex);
    expect(skipName(bytes, offset, bytes.length, offset + at)).toBe(bytes.length);
    const target = new Uint8Array(300).fill(0xee);
    const nameBytes = expandName(bytes, offset, bytes.length, offset + at, target, 7);
    expect(nameToText(target, 7)).toBe(text);
    expect(target[6]).toBe(0xee);
    expect(target.slice(7 + nameBytes).every((byte) => byte === 0xee)).toBe(true);
  });

  test.each(BAD)('%s is refused', (_, hex, at) => {
    const bytes = place(hex);
    const target = new Uint8Array(255 + 4).fill(0xee);
    expect(skipName(bytes, offset, bytes.length, offset + at)).toBe(MALFORMED);
    expect(expandName(bytes, offset, bytes.length, offset + at, target, 2)).toBe(MALFORMED);
    expect([target[0], target[1], target[257], target[258]]).toEqual([0xee, 0xee, 0xee, 0xee]);
  });

  test('what is behind the end of the message is not read', () => {
    const bytes = place('03777777 00');
    for (let end = offset + 12; end < bytes.length; end++)
      expect(skipName(bytes, offset, end, offset + 12)).toBe(MALFORMED);
  });
});

describe('copyNameFolded', () => {
  const key = new Uint8Array(255);
  test.each([
    ['folds letters only', '05 40415a5b60 00', '05 40617a5b60 00'],
    ['keeps octets above 127', '03 c1c3dd 00', '03 c1c3dd 00'],
    ['takes 255 octets', NAME_255, NAME_255],
    ['takes the root', '00', '00'],
  ])('%s', (_, hex, wanted) => {
    const bytes = hexToBytes(hex);
    const nameBytes = copyNameFolded(bytes, bytes.length, 0, key);
    expect(key.slice(0, nameBytes)).toEqual(hexToBytes(wanted));
  });
  test.each([
    ['a pointer', 'c000'],
    ['256 octets', NAME_256],
    ['a label cut short', '0361'],
    ['no root', '0161'],
    ['nothing', ''],
  ])('refuses %s', (_, hex) => {
    const bytes = hexToBytes(hex);
    expect(copyNameFolded(bytes, bytes.length, 0, key)).toBe(MALFORMED);
  });
});

describe('comparing names', () => {
  const bytes = (text: string) => textToName(text)!;
  test.each([
    ['a.Example.', 'A.eXAMPLE.', true],
    ['.', '.', true],
    ['a.', 'b.', false],
    ['a.b.', 'a.', false],
    ['a.', 'a.b.', false],
    ['a\\.b.', 'a.b.', false],
    ['[.', '{.', false], // 0x5B and 0x7B differ by the bit that folds letters.
  ])('%s and %s are equal: %p', (left, right, wanted) => {
    expect(namesEqualFolded(bytes(left), 0, bytes(right), 0)).toBe(wanted);
    expect(namesEqualFolded(Uint8Array.of(9, ...bytes(left)), 1, bytes(right), 0)).toBe(wanted);
  });

  test.each([
    ['www.example.org.', 'example.org.', true],
    ['example.org.', 'example.org.', true],
    ['example.org.', '.', true],
    ['.', '.', true],
    ['badexample.org.', 'example.org.', false],
    ['org.', 'example.org.', false],
    ['example.com.', 'example.org.', false],
    ['\\007example.org.', 'example.org.', false], // The label holds what looks like a length octet.
  ])('%s is within %s: %p', (name, zone, wanted) => {
    expect(isSubdomain(bytes(name), bytes(name).length, bytes(zone), bytes(zone).length)).toBe(wanted);
  });
});

describe('names as text', () => {
  test.each([
    ['a.b', '0161016200', 'a.b.'],
    ['a.b.', '0161016200', 'a.b.'],
    ['.', '00', '.'],
    ['a\\.b.', '03612e6200', 'a\\.b.'],
    ['\\065\\000.', '02410000', 'A\\000.'],
    ['\\\\.', '015c00', '\\\\.'],
    ['a b@(c).', '07612062402863 2900', 'a\\ b\\@\\(c\\).'],
    ['é.', '02c3a900', '\\195\\169.'],
    ['_sip._udp.', '045f736970045f75647000', '_sip._udp.'],
  ])('%s', (text, hex, printed) => {
    const name = textToName(text)!;
    expect(Buffer.from(name).toString('hex')).toBe(hex.replaceAll(' ', ''));
    expect(nameToText(name, 0)).toBe(printed);
    expect(textToName(printed)).toEqual(name);
  });
  test.each([
    ['nothing', ''],
    ['an empty label', 'a..b'],
    ['a leading dot', '.a'],
    ['a label of 64', 'a'.repeat(64)],
    ['256 octets', `${'a'.repeat(63)}.`.repeat(3) + 'a'.repeat(62)],
    ['an octet of 256', '\\256.'],
    ['two digits', '\\06'],
    ['digits and a letter', '\\06a.'],
    ['a lone backslash', 'a\\'],
  ])('%s is no name', (_, text) => expect(textToName(text)).toBeUndefined());

  test.each([
    ['a', 'a.'],
    ['a.', 'a.'],
    ['.', '.'],
    ['', '.'],
    ['a\\.', 'a\\..'],
    ['a\\\\.', 'a\\\\.'],
  ])('fqdn(%p) is %p', (text, wanted) => expect(fqdn(text)).toBe(wanted));
});
