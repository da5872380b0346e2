import { decodeMessage, encodeMessage } from '../../../image/wire/message';
import { nameToText } from '../../../image/wire/name';
import { recordToText } from '../../../image/wire/record-text';
import { encoded, message, opt, RECORD_LINES, record, seedMessages } from '../../fuzz/wire-seeds';

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));
const HEAD = '1234 8180 0001 0001 0000 0000';
const QUESTION = '076578616d706c65 036f7267 00 0001 0001'; // example.org., 29 octets with the header.

describe('decodeMessage', () => {
  // Names that point at the question, also in types whose names must stand in full when sent (RFC 3597 §4).
  test.each([
    ['NS', '0002', '036e7331 c00c', '036e7331076578616d706c65036f726700'],
    ['CNAME', '0005', 'c00c', '076578616d706c65036f726700'],
    [
      'SOA',
      '0006',
      `c00c 0161c00c ${'00'.repeat(20)}`,
      `076578616d706c65036f7267000161076578616d706c65036f726700${'00'.repeat(20)}`,
    ],
    ['PTR', '000c', 'c00c', '076578616d706c65036f726700'],
    ['MINFO', '000e', 'c00c c00c', '076578616d706c65036f726700'.repeat(2)],
    ['MX', '000f', '000a c00c', '000a076578616d706c65036f726700'],
    ['RP', '0011', 'c00c 00', '076578616d706c65036f72670000'],
    ['AFSDB', '0012', '0001 c00c', '0001076578616d706c65036f726700'],
    ['SRV', '0021', '000000640035 c00c', '000000640035076578616d706c65036f726700'],
    ['NAPTR', '0023', '000a0014 0173 00 00 c00c', '000a0014017300' + '00076578616d706c65036f726700'],
    ['KX', '0024', '0001 c00c', '0001076578616d706c65036f726700'],
    ['DNAME', '0027', 'c00c', '076578616d706c65036f726700'],
    ['RRSIG', '002e', `${'00'.repeat(18)} c00c aabb`, `${'00'.repeat(18)}076578616d706c65036f726700aabb`],
    ['NSEC', '002f', 'c00c 0001', '076578616d706c65036f7267000001'],
    ['HTTPS', '0041', '0001 c00c 00010000', '0001076578616d706c65036f72670000010000'],
    ['an unknown type: what looks like a pointer is none', 'ff00', 'c00c', 'c00c'],
    ['TXT', '0010', '01c0', '01c0'],
    ['A', '0001', 'c00cc00c', 'c00cc00c'],
    ['no data at all', '0001', '', ''],
  ])('expands names in %s', (_, type, data, wanted) => {
    const size = bytesOf(data).length.toString(16).padStart(4, '0');
    const bytes = bytesOf(`${HEAD} ${QUESTION} c00c ${type} 0001 0000003c ${size} ${data}`);
    const decoded = decodeMessage(bytes, 0, bytes.length)!;
    expect(Buffer.from(decoded.answer[0].data).toString('hex')).toBe(wanted);
    expect(nameToText(decoded.answer[0].name, 0)).toBe('example.org.');
    // And once more, through our own compression.
    const again = encoded(decoded);
    expect(decodeMessage(again, 0, again.length)).toEqual(decoded);
  });

  test.each([
    ['an A record of five octets', '0001', '0102030405'],
    ['an AAAA record of four', '001c', '01020304'],
    ['octets behind a name', '0005', 'c00c00'],
    ['a name that is cut', '0005', '0361'],
    ['a name that points forward', '0005', 'c0ff'],
    ['a SOA without its numbers', '0006', 'c00cc00c'],
    ['a string longer than the data', '0010', '0561'],
    ['a third string in HINFO', '000d', '000000'],
    ['an MX without a name', '000f', '000a'],
    ['a bad option', '0029', '00080001'],
  ])('refuses %s', (_, type, data) => {
    const size = (data.length / 2).toString(16).padStart(4, '0');
    const bytes = bytesOf(`${HEAD} ${QUESTION} c00c ${type} 0001 0000003c ${size} ${data}`);
    expect(decodeMessage(bytes, 0, bytes.length)).toBeUndefined();
  });

  test('refuses two questions, takes none', () => {
    const two = bytesOf(`1234 8180 0002 0000 0000 0000 ${QUESTION} ${QUESTION}`);
    expect(decodeMessage(two, 0, two.length)).toBeUndefined();
    const none = bytesOf('1234 8182 0000 0000 0000 0000');
    expect(decodeMessage(none, 0, 12)).toEqual({
      id: 0x1234,
      flags: 0x8182,
      question: undefined,
      answer: [],
      authority: [],
      additional: [],
    });
  });

  test('refuses every prefix of every seed that lacks a record', () => {
    for (const seed of seedMessages().filter(({ length }) => length < 300)) {
      expect(decodeMessage(seed, 0, seed.length)).toBeDefined();
      for (let octets = 0; octets < seed.length; octets++) expect(decodeMessage(seed, 0, octets)).toBeUndefined();
    }
  });

  test('its result does not change when the octets do', () => {
    const bytes = encoded(message({ answer: [record('a. TXT x')] }));
    const decoded = decodeMessage(bytes, 0, bytes.length)!;
    bytes.fill(0);
    expect(recordToText(decoded.answer[0])).toBe('a.\t3600\tIN\tTXT\t"x"');
    expect(nameToText(decoded.question!.name, 0)).toBe('www.Example.org.');
  });
});

describe('encodeMessage', () => {
  test('gives back every kind of record, in every section, at any offset', () => {
    const records = RECORD_LINES.map(record);
    const whole = message({
      answer: records,
      authority: records,
      additional: [...records, opt(1232, 0x8000, '00030000')],
    });
    const out = new Uint8Array(9000).fill(0xee);
    const length = encodeMessage(whole, out, 7, 8000);
    expect(decodeMessage(out, 7, length)).toEqual(whole);
    expect(out.slice(0, 7).every((byte) => byte === 0xee) && out.slice(7 + length).every((byte) => byte === 0xee)).toBe(
      true,
    );
  });

  test('compresses owners and names of RFC 1035’s types, not those of SRV', () => {
    const answer = ['www.example.org. NS ns.example.org.', 'www.example.org. SRV 0 0 53 ns.example.org.'].map(record);
    const octets = encoded(message({ ask: 'www.example.org.', answer }));
    const hex = Buffer.from(octets.subarray(33)).toString('hex');
    const ns = 'c00c' + '00020001' + '00000e10' + '0005' + '026e73c010';
    const srv = 'c00c' + '00210001' + '00000e10' + '0016' + '000000000035' + '026e73076578616d706c65036f726700';
    expect(hex).toBe(ns + srv);
  });

  test('keeps the case of each name rather than saving octets', () => {
    const answer = [record('WWW.example.org. A 192.0.2.1')];
    const octets = encoded(message({ ask: 'www.example.org.', answer }));
    expect(nameToText(decodeMessage(octets, 0, octets.length)!.answer[0].name, 0)).toBe('WWW.example.org.');
  });

  test('does not point at what begins behind the 14 bits of a pointer', () => {
    const filler = { ...record('a. TXT x'), type: 65280, data: new Uint8Array(16384) };
    const late = record('late.example.net. A 192.0.2.1');
    const whole = message({ answer: [filler, late, late] });
    const octets = encoded(whole);
    expect(decodeMessage(octets, 0, octets.length)).toEqual(whole);
  });

  test('says 0 when it does not fit, at every limit below, and writes nothing behind it', () => {
    const whole = message({ answer: RECORD_LINES.slice(0, 8).map(record) });
    const { length } = encoded(whole);
    for (let limit = 0; limit < length; limit++) {
      const out = new Uint8Array(length).fill(0xee);
      expect(encodeMessage(whole, out, 0, limit)).toBe(0);
      expect(out.slice(limit).every((byte) => byte === 0xee)).toBe(true);
    }
    expect(encodeMessage(whole, new Uint8Array(length), 0, length)).toBe(length);
  });
});
