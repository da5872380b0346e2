/** Good messages of many kinds, for the fuzzer to spoil and the unit tests to cut at every octet. */
import { Class, Type } from '../../image/wire/codes';
import { encodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { textToName } from '../../image/wire/name';
import { textToRecord } from '../../image/wire/record-text';

/** One record of every type with a form or with names in it, and some that are opaque. */
export const RECORD_LINES = [
  'www.example.org. 300 IN A 192.0.2.1',
  'www.example.org. 300 IN AAAA 2001:db8::1',
  'example.org. 3600 IN NS ns1.example.org.',
  'alias.example.org. 60 IN CNAME www.example.org.',
  'example.org. 3600 IN SOA ns1.example.org. hostmaster.example.org. 2026010101 7200 3600 1209600 30',
  '1.2.0.192.in-addr.arpa. 60 IN PTR www.example.org.',
  'example.org. 60 IN HINFO "arm64" "Linux"',
  'example.org. 60 IN MX 10 mail.example.org.',
  'example.org. 60 IN TXT "v=spf1 -all" ""',
  '_dns._udp.example.org. 30 IN SRV 0 100 53 ns1.example.org.',
  'example.org. 60 IN NAPTR 10 20 "s" "SIP+D2U" "!^.*$!x!" _sip._udp.example.org.',
  'sub.example.org. 60 IN DNAME other.example.net.',
  'example.org. 60 IN CAA 0 issue "ca.example.net; policy=ev"',
  'example.org. 60 IN HTTPS 1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1',
  'example.org. 60 IN SVCB 0 svc.example.net.',
  'example.org. 60 IN DS \\# 24 3c2e0d02 0102030405060708090a0b0c0d0e0f1011121314',
  'example.org. 60 IN DNSKEY \\# 8 0101030803010001',
  'example.org. 60 IN RRSIG \\# 25 00010802000000 3c65f00000 65e00000 3c2e 00 aabbccddeeff',
  'example.org. 60 IN NSEC \\# 12 016103657861000006400000 00',
  'example.org. 60 IN RP \\# 4 01610000',
  'example.org. 60 IN AFSDB \\# 5 0001016100',
  'example.org. 60 IN TYPE65280 \\# 5 0102030405',
  'example.org. 60 CH TXT "chaos"',
].map((line) => line.replace('016103657861000006400000 00', '0161000006400000 00000001'));

/** A record that must be good. */
export function record(line: string): ResourceRecord {
  const result = textToRecord(line);
  if (result.record === undefined) throw new Error(result.error);
  return result.record;
}

/** An OPT record with the given options as hex. */
export function opt(udpBytes: number, ttl: number, optionsHex = ''): ResourceRecord {
  const data = Uint8Array.from(Buffer.from(optionsHex, 'hex'));
  return { name: Uint8Array.of(0), type: Type.OPT, class: udpBytes, ttl, data };
}

/** A message with what a test is not about left at its usual value. */
export function message(parts: Partial<Message> & { ask?: string; type?: number }): Message {
  const { ask = 'www.Example.org.', type = Type.A, ...rest } = parts;
  const question = { name: textToName(ask)!, type, class: Class.IN };
  return { id: 0x1234, flags: 0x0100, question, answer: [], authority: [], additional: [], ...rest };
}

/** Octets of a message that must fit. */
export function encoded(whole: Message): Uint8Array {
  const out = new Uint8Array(65535);
  const length = encodeMessage(whole, out, 0, out.length);
  if (length === 0) throw new Error('the message does not fit');
  return out.slice(0, length);
}

/** Options in hex: none, a cookie, a subnet, NSID with padding and keepalive, an unknown one with EXPIRE. */
const OPTIONS = [
  '',
  '000a00081122334455667788',
  '000800070001180 0c00002'.replace(' ', ''),
  '00030000000c0004000000000 00b0000',
  'fde90002aabb00090000',
].map((hex) => hex.replaceAll(' ', ''));

/** Queries and replies, each with every record type and each OPT form. */
export function seedMessages(): Uint8Array[] {
  const records = RECORD_LINES.map(record);
  const seeds: Uint8Array[] = [];
  const names = ['.', 'a.', 'kubernetes.Default.svc.cluster.local.', `${'x'.repeat(63)}.`.repeat(3) + 'example.org.'];
  for (const ask of names) {
    seeds.push(encoded(message({ ask })));
    for (const options of OPTIONS) {
      seeds.push(encoded(message({ ask, type: Type.AAAA, additional: [opt(1232, 0x8000, options)] })));
    }
  }
  const soa = records.filter(({ type }) => type === Type.SOA);
  seeds.push(encoded(message({ flags: 0x2400, answer: soa }))); // NOTIFY with the new SOA (RFC 1996 §3.7).
  seeds.push(encoded(message({ type: Type.IXFR, authority: soa }))); // RFC 1995 §3.
  for (const one of records) {
    const reply = { flags: 0x8180, ask: 'example.org.', type: one.type };
    seeds.push(encoded(message({ ...reply, answer: [one, one] })));
    seeds.push(encoded(message({ ...reply, authority: [one], additional: [opt(4096, 0)] })));
    seeds.push(encoded(message({ additional: [one, opt(512, 0)] })));
  }
  seeds.push(encoded(message({ flags: 0x8183, authority: soa })));
  seeds.push(encoded(message({ flags: 0x8180, answer: records, authority: records, additional: records })));
  return seeds;
}
