import { recordToText, textToRecord } from '../../../image/wire/record-text';
import { RECORD_LINES, record } from '../../fuzz/wire-seeds';

const dataHex = (line: string) => Buffer.from(record(line).data).toString('hex');

describe('a line of a zone file', () => {
  test.each([
    ['a. 300 IN A 192.0.2.1', 'a.\t300\tIN\tA\t192.0.2.1'],
    ['a IN 300 A 192.0.2.1', 'a.\t300\tIN\tA\t192.0.2.1'],
    ['a. A 192.0.2.1', 'a.\t3600\tIN\tA\t192.0.2.1'],
    ['a. 1h30m a 192.0.2.1 ; a comment', 'a.\t5400\tIN\tA\t192.0.2.1'],
    ['@ CH TXT x', '.\t3600\tCH\tTXT\t"x"'],
    ['a. CLASS7 TYPE1 \\# 4 c0000201', 'a.\t3600\tCLASS7\tA\t192.0.2.1'],
    ['a. TYPE65280 \\# 3 01 02 03', 'a.\t3600\tIN\tTYPE65280\t\\# 3 010203'],
    ['a. TYPE65280 \\# 0', 'a.\t3600\tIN\tTYPE65280\t\\# 0'],
    ['a. AAAA 2001:DB8:0:0:1:0:0:1', 'a.\t3600\tIN\tAAAA\t2001:db8::1:0:0:1'],
    ['a. AAAA ::ffff:192.0.2.1', 'a.\t3600\tIN\tAAAA\t::ffff:192.0.2.1'],
    ['a. AAAA ::', 'a.\t3600\tIN\tAAAA\t::'],
    ['a. SOA ns. host. (1 2h 3m\n 1w 5)', 'a.\t3600\tIN\tSOA\tns. host. 1 7200 180 604800 5'],
    ['a. TXT one "two three" "" "q\\"\\\\" \\000', 'a.\t3600\tIN\tTXT\t"one" "two three" "" "q\\"\\\\" "\\000"'],
    ['a. TXT "x;y(z)"', 'a.\t3600\tIN\tTXT\t"x;y(z)"'],
    ['a. MX 10 mail', 'a.\t3600\tIN\tMX\t10 mail.'],
    ['a. SRV 1 2 53 t.', 'a.\t3600\tIN\tSRV\t1 2 53 t.'],
    ['a. CAA 128 issue "ca.net"', 'a.\t3600\tIN\tCAA\t128 issue "ca.net"'],
    [
      'a. HTTPS 1 . port=443 alpn="h2,h3" mandatory=alpn',
      'a.\t3600\tIN\tHTTPS\t1 . mandatory="alpn" alpn="h2,h3" port="443"',
    ],
    ['a. SVCB 0 b.', 'a.\t3600\tIN\tSVCB\t0 b.'],
    [
      'a. HTTPS 1 . no-default-alpn alpn=h2 key9=x ech=AAEC ipv6hint=::1,2001:db8::2',
      'a.\t3600\tIN\tHTTPS\t1 . alpn="h2" no-default-alpn ech="AAEC" ipv6hint="::1,2001:db8::2" key9="x"',
    ],
    ['a.b\\.c. PTR x\\032y.', 'a.b\\.c.\t3600\tIN\tPTR\tx\\ y.'],
    ['a. NAPTR 1 2 s "SIP+D2U" "" _sip._udp.x.', 'a.\t3600\tIN\tNAPTR\t1 2 "s" "SIP+D2U" "" _sip._udp.x.'],
  ])('%s', (line, wanted) => {
    const found = record(line);
    expect(recordToText(found)).toBe(wanted);
    expect(record(wanted)).toEqual(found);
  });

  test.each([
    ['a. A 192.0.2.1', 'c0000201'],
    ['a. AAAA 1::8.9.10.11', '00010000000000000000000008090a0b'],
    ['a. CAA 0 issue "x;y"', '00' + '056973737565' + '783b79'],
    ['a. TXT "a" b', '01610162'],
    ['a. HTTPS 1 . port=8443 alpn=h2', '000100' + '00010003026832' + '0003000220fb'],
    ['a. NAPTR 1 2 s x "" .', '00010002' + '0173' + '0178' + '00' + '00'],
  ])('%s has the octets %s', (line, wanted) => expect(dataHex(line)).toBe(wanted));

  test.each([
    ['', 'is empty; write: name [ttl] [class] TYPE data'],
    ['a.', 'has no record type; write: name [ttl] [class] TYPE data'],
    ['a. 300 IN', 'has no record type; write: name [ttl] [class] TYPE data'],
    ['a. IN IN A 192.0.2.1', "'IN' is no record type; use a name such as A or TYPE123"],
    ['a. NOPE x', "'NOPE' is no record type; use a name such as A or TYPE123"],
    ['a. TYPE65536 \\# 0', "'TYPE65536' is no record type; use a name such as A or TYPE123"],
    ['a. 4294967296 A 192.0.2.1', "'4294967296' is no record type; use a name such as A or TYPE123"],
    ['a..b A 192.0.2.1', "'a..b' is not a domain name: labels have 1 to 63 octets, the whole 255 at most"],
    ['a. A', 'A ends where an IPv4 address is wanted'],
    ['a. A 192.0.2.256', "A: '192.0.2.256' is not an IPv4 address"],
    ['a. A ::1', "A: '::1' is not an IPv4 address"],
    ['a. AAAA fe80::1%eth0', "AAAA: 'fe80::1%eth0' is not an IPv6 address"],
    ['a. A 192.0.2.1 192.0.2.2', "A has '192.0.2.2' behind its data; remove it"],
    ['a. MX 65536 m.', "MX: '65536' is not a whole number from 0 to 65535"],
    ['a. MX ten m.', "MX: 'ten' is not a whole number from 0 to 65535"],
    ['a. SOA ns. host. 1 2 3 4x 5', "SOA: '4x' is not seconds, or a time such as 1h30m"],
    ['a. TXT', 'TXT ends where one string or more is wanted'],
    ['a. TXT "open', 'has a quote that is not closed; add " or write \\" for a quote itself'],
    ['a. TXT x\\', 'ends with a lone backslash; write \\\\ for a backslash'],
    ['a. TXT \\256', "TXT: '\\256' has an escape that is no octet; write \\000 to \\255"],
    [`a. TXT ${'x'.repeat(256)}`, 'TXT: a string of 256 octets is over 255; cut it into several'],
    ['a. CAA 0 "is sue" x', "CAA: 'is sue' is not a tag"],
    ['a. HTTPS 1 . alpn', "HTTPS: parameter 'alpn' has a value that 'alpn' cannot have"],
    ['a. HTTPS 1 . port=1 port=2', "HTTPS: parameter 'port' is given twice; keep one"],
    ['a. HTTPS 1 . mandatory=port', "HTTPS: parameter 'port' is mandatory but not given"],
    ['a. HTTPS 1 . ipv4hint=::1', "HTTPS: parameter 'ipv4hint=::1' has a value that 'ipv4hint' cannot have"],
    [
      'a. HTTPS 1 . nope=1',
      "HTTPS: parameter 'nope' is not known; use one of mandatory, alpn, no-default-alpn, port, ipv4hint, ech, ipv6hint, dohpath or keyNUMBER",
    ],
    ['a. DS 1 2 3 aa', 'DS has no text form here; write its data as \\# SIZE HEX'],
    ['a. TYPE9 \\# 2 01', 'has 1 octets of data where \\# says 2'],
    ['a. TYPE9 \\# 1 0', "'0' is not hex, two digits an octet"],
    ['a. TYPE65280 \\# x', "'x' is not a size; write \\# SIZE HEX"],
    ['a. A \\# 3 010203', 'has data that A cannot have'],
    ['a. NS \\# 2 c00c', 'has data that NS cannot have'],
  ])('%s is refused with the reason', (line, reason) => {
    expect(textToRecord(line)).toEqual({ error: `Record '${line}': ${reason}` });
  });
});

test('every kind of record reads back as it was printed', () => {
  for (const one of RECORD_LINES.map(record)) expect(record(recordToText(one))).toEqual(one);
});

test.each([
  ['a tag with a space', 'CAA', '000269200161'],
  ['parameters out of order', 'HTTPS', '000100' + '0003000220fb' + '00010003026832'],
  ['an alpn list with a broken length', 'HTTPS', '000100' + '00010003096832'],
  ['half a parameter', 'HTTPS', '000100' + '0001'],
])('what the form of its type cannot say is printed as octets: %s', (_, type, hex) => {
  expect(recordToText(record(`a. ${type} \\# ${hex.length / 2} ${hex}`))).toContain(`\\# ${hex.length / 2} ${hex}`);
});
