/**
 * Programs that serve our addresses and are none of ours: the Go agent, which has no socket by which it says so. What it needs
 * of the node is left to it. Seen in /proc/net/udp and udp6 of the network namespace (proc(5)):
 *
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
 *   21: 0A00600A:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 48211 …
 *
 * Addresses are 32-bit words as the processor has them in memory; Kubernetes' processors all have the lowest octet first.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { textToAddress } from '../wire/address-text';

/** Reads of /proc, and the inodes of our own sockets. */
export interface SocketTables {
  /** @throws Error without the file */
  read(file: string): string;
  /** Also of those that another thread has open. @throws Error without /proc */
  own(): ReadonlySet<string>;
}

const SYSTEM: SocketTables = {
  read: (file) => readFileSync(file, 'latin1'),
  own() {
    const inodes = new Set<string>();
    for (const fd of readdirSync('/proc/self/fd')) {
      try {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
        if (inode !== undefined) inodes.add(inode);
      } catch {
        // Closed meanwhile: the descriptor of the folder itself is one.
      }
    }
    return inodes;
  },
};

/**
 * Which of the addresses others have a UDP socket on. One on all addresses does not count: it needs none of them.
 * @returns none without /proc
 */
export function servedByOthers(
  addresses: readonly string[],
  port: number,
  tables: SocketTables = SYSTEM,
): readonly string[] {
  try {
    const own = tables.own();
    return addresses.filter((address) => {
      const octets = textToAddress(address);
      if (octets === undefined) return false;
      const local = `${hexWords(octets)}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
      const rows = tables.read(`/proc/net/${octets.length === 4 ? 'udp' : 'udp6'}`).split('\n');
      return rows.some((row) => {
        const fields = row.trim().split(/\s+/);
        return fields[1] === local && !own.has(fields[9]);
      });
    });
  } catch {
    return [];
  }
}

function hexWords(octets: Uint8Array): string {
  let text = '';
  for (let word = 0; word < octets.length; word += 4) {
    for (let index = word + 3; index >= word; index--) text += octets[index].toString(16).padStart(2, '0');
  }
  return text.toUpperCase();
}
