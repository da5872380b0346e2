import {
  classByName,
  classText,
  opcodeText,
  rcodeByName,
  rcodeText,
  TYPE_LABELS,
  typeByName,
  typeLabel,
  typeLabelIndex,
  typeText,
} from '../../../image/wire/codes';

describe('texts are those of miekg/dns and CoreDNS', () => {
  test.each([
    [typeText, 1, 'A'],
    [typeText, 65, 'HTTPS'],
    [typeText, 0, 'None'],
    [typeText, 123, 'TYPE123'],
    [typeText, 65535, 'Reserved'],
    [classText, 1, 'IN'],
    [classText, 3, 'CH'],
    [classText, 7, 'CLASS7'],
    [rcodeText, 0, 'NOERROR'],
    [rcodeText, 3, 'NXDOMAIN'],
    [rcodeText, 16, 'BADSIG'],
    [rcodeText, 12, 'RCODE12'],
    [opcodeText, 4, 'NOTIFY'],
    [opcodeText, 15, '15'],
  ])('%p of %i is %s', (text, number, wanted) => expect(text(number)).toBe(wanted));

  test('every type with a text is found by it', () => {
    for (let type = 0; type <= 0xffff; type++) {
      const text = typeText(type);
      if (!text.startsWith('TYPE')) expect(typeByName(text)).toBe(type);
    }
  });

  test.each([
    [typeByName, 'NSAP-PTR', 23],
    [typeByName, 'a', undefined],
    [typeByName, 'TYPE1', undefined],
    [classByName, 'CH', 3],
    [classByName, 'in', undefined],
    [rcodeByName, 'NXDOMAIN', 3],
    [rcodeByName, 'NOTIMPL', 4],
    [rcodeByName, 'NOPE', undefined],
  ])('%p finds %s', (find, name, wanted) => expect(find(name)).toBe(wanted));
});

describe('metric labels', () => {
  test('every labelled type has its own text as label, all others share one', () => {
    for (const label of TYPE_LABELS.slice(0, -1)) expect(typeLabel(typeByName(label)!)).toBe(label);
    const others = [0, 13, 41, 254, 256, 257, 256 + 1, 65535];
    expect(new Set(others.map(typeLabel))).toEqual(new Set(['other']));
    expect(typeLabelIndex(65535)).toBe(TYPE_LABELS.length - 1);
  });
});
