/** Who else serves our addresses: rows as /proc/net/udp of Linux 6.1 has them, and real sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type SocketTables, servedByOthers } from '../../../image/node/other-servers';

const TITLES =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';
const row = (local: string, inode: number): string =>
  `  821: ${local} 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 00000000b1b5c0d2 0`;

function tables(udp: string[], udp6: string[], own: number[] = []): SocketTables {
  return {
    read: (file) => `${[TITLES, ...(file.endsWith('6') ? udp6 : udp)].join('\n')}\n`,
    own: () => new Set(own.map(String)),
  };
}

describe('an address is served by another program', () => {
  const V4 = '0A00600A:0035';
  const V6 = '530000FD000000000000000010000000:0035';
  test.each<[string, string, SocketTables, boolean]>([
    ['when it has a socket on it', '10.96.0.10', tables([row(V4, 7)], []), true],
    ['beside one of ours', '10.96.0.10', tables([row(V4, 7), row(V4, 8)], [], [7]), true],
    ['of IPv6', 'fd00:53::10', tables([], [row(V6, 7)]), true],
    ['not when it is ours', '10.96.0.10', tables([row(V4, 7)], [], [7]), false],
    ['not at another port', '10.96.0.10', tables([row('0A00600A:0036', 7)], []), false],
    ['not at another address', '10.96.0.11', tables([row(V4, 7)], []), false],
    ['not by a socket on all addresses', '10.96.0.10', tables([row('00000000:0035', 7)], []), false],
    ['not when nobody is there', '10.96.0.10', tables([], []), false],
    ['not when the text is no address', 'ten', tables([row(V4, 7)], []), false],
  ])('%s', (_title, address, access, is) => {
    expect(servedByOthers([address], 53, access)).toEqual(is ? [address] : []);
  });

  test('nobody is seen without /proc', () => {
    const fail = (): never => {
      throw new Error('ENOENT');
    };
    expect(servedByOthers(['10.96.0.10'], 53, { read: fail, own: () => new Set() })).toEqual([]);
    expect(servedByOthers(['10.96.0.10'], 53, { read: () => '', own: fail })).toEqual([]);
  });

  test('sockets of this process are ours; to another process they are not', async () => {
    for (const [type, address] of [['udp4', '127.0.0.1'] as const, ['udp6', '::1'] as const]) {
      const socket = createSocket(type);
      socket.bind(0, address);
      await once(socket, 'listening');
      const { port } = socket.address();
      expect(servedByOthers([address], port)).toEqual([]);
      expect(
        servedByOthers([address], port, { read: (file) => readFileSync(file, 'latin1'), own: () => new Set() }),
      ).toEqual([address]);
      socket.close();
    }
  });
});
