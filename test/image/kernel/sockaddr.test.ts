import { isIP } from 'node:net';
import { Arena } from '../../../image/kernel/arena';
import {
  joinHostPort,
  sockaddrFamily,
  sockaddrPort,
  sockaddrText,
  writeSockaddr,
} from '../../../image/kernel/sockaddr';
import fc from '../../support/property';

const arena = new Arena(0, new ArrayBuffer(4096));
const AT = 64;

/** The bytes of a written socket address. */
function written(address: string, port: number): string {
  arena.u8.fill(0xee);
  const bytes = writeSockaddr(arena, AT, address, port);
  expect(arena.u8[AT - 1]).toBe(0xee);
  expect(arena.u8[AT + 32]).toBe(0xee);
  return Buffer.from(arena.u8.slice(AT, AT + bytes)).toString('hex');
}

/** The text of what was written. */
function again(address: string): string {
  written(address, 53);
  return sockaddrText(arena, AT);
}

test.each([
  ['10.0.0.10', 53, `0200${'0035'}0a00000a${'0'.repeat(16)}`],
  ['255.255.255.255', 65535, `0200${'ffff'}ffffffff${'0'.repeat(16)}`],
  ['::1', 53, `0a00${'0035'}00000000${'0'.repeat(30)}0100000000`],
  ['', 53, `0a00${'0035'}00000000${'0'.repeat(32)}00000000`],
  ['fd00:90::10', 8053, `0a00${'1f75'}00000000fd000090${'0'.repeat(20)}001000000000`],
  ['fe80::1%7', 1, `0a00${'0001'}00000000fe80${'0'.repeat(26)}000107000000`.replace('000107', '0107')],
  ['::ffff:1.2.3.4', 0, `0a00${'0000'}00000000${'0'.repeat(20)}ffff0102030400000000`],
])('%p port %d', (address, port, wanted) => expect(written(address, port)).toBe(wanted));

test.each([
  ['0.0.0.0', '0.0.0.0'],
  ['192.168.1.254', '192.168.1.254'],
  ['', '::'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['2001:DB8::00A', '2001:db8::a'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
  ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::ffff:a00:1', '10.0.0.1'],
  ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
])('%p is printed as Go does: %p', (address, wanted) => expect(again(address)).toBe(wanted));

test.each([
  ['10.0.0.1', 1],
  ['::ffff:10.0.0.1', 1],
  ['::fffe:10.0.0.1', 2],
  ['::1', 2],
  ['1::ffff:10.0.0.1', 2],
])('%p counts as family %d', (address, wanted) => {
  written(address, 53);
  expect(sockaddrFamily(arena, AT)).toBe(wanted);
});

test.each(['localhost', '1.2.3', 'fe80:::1', '12345::', '1.2.3.4:53'])(
  '%p is no address: a mistake of ours',
  (address) => {
    expect(() => written(address, 53)).toThrow('assertion failed');
  },
);

test.each([-1, 65536, Number.NaN])('%d is no port: a mistake of ours', (port) => {
  expect(() => written('::1', port)).toThrow('assertion failed');
});

test('IPv4 addresses go round', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(65535), (address, port) => {
      expect(written(address, port)).toHaveLength(32);
      expect(sockaddrText(arena, AT)).toBe(address);
      expect(sockaddrPort(arena, AT)).toBe(port);
    }),
  );
});

test('IPv6 addresses go round, as the URL parser of the platform prints them', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.nat(65535), (address, port) => {
      fc.pre(isIP(address) === 6);
      written(address, port);
      const printed = new URL(`http://[${address}]/`).hostname.slice(1, -1);
      if (!printed.startsWith('::ffff:')) expect(sockaddrText(arena, AT)).toBe(printed);
      const before = Buffer.from(arena.u8.slice(AT, AT + 28)).toString('hex');
      expect(sockaddrPort(arena, AT)).toBe(port);
      const text = sockaddrText(arena, AT);
      expect(written(text.includes('.') ? `::ffff:${text}` : text, port)).toBe(before);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['10.0.0.1', '10.0.0.1:53'],
  ['::1', '[::1]:53'],
  ['', ':53'],
])('%p with its port: %p', (host, wanted) => expect(joinHostPort(host, 53)).toBe(wanted));
