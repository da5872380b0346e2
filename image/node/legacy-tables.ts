/**
 * Has somebody changed the tables of iptables-legacy? They have no events; but the kernel tells a table's number of rules,
 * its size and where its hooks begin for one getsockopt of 1 µs. A rule replaced by one of the same size in the same chain goes
 * unseen: the look at every sync interval finds it.
 */
import { readFileSync } from 'node:fs';
import type { Arena } from '../kernel/arena';
import { AF_INET, AF_INET6, IPPROTO_IP, IPPROTO_IPV6, type Libc, SOCK_CLOEXEC, SOCK_DGRAM } from '../kernel/libc';

/** IP families whose tables are watched. */
export type LegacyFamily = 'ipv4' | 'ipv6';

/** Tables that rules of ours are in. */
const TABLES = ['raw', 'filter'] as const;

/** IPT_SO_GET_INFO, and the same number for IPv6: <linux/netfilter_ipv4/ip_tables.h>. */
const GET_INFO = 64;
/** ipt_getinfo: name 32, valid hooks 4, hook entries 5 × 4, underflows 5 × 4, number of entries 4, size 4. */
const NAME_BYTES = 32;
const INFO_BYTES = 84;
const INFO_WORDS = (INFO_BYTES - NAME_BYTES) / 4;

/**
 * Asking for a table that is not there makes the kernel load its module and create it, in this network namespace, for good:
 * whoever looks for legacy rules would then find some. So these lists are read first.
 */
const NAME_LISTS = { ipv4: '/proc/net/ip_tables_names', ipv6: '/proc/net/ip6_tables_names' } as const;

interface Table {
  readonly family: LegacyFamily;
  readonly fd: number;
  readonly name: string;
  /** What the kernel said last; all zero while the table is not there. */
  readonly words: Int32Array;
  isThere: boolean;
}

/** Fingerprints of the tables raw and filter. */
export class LegacyTables {
  private readonly libc: Libc;
  private readonly arena: Arena;
  private readonly info: number;
  private readonly infoBytes: number;
  private readonly fds: number[] = [];
  private readonly tables: Table[] = [];
  private readonly readNames: (file: string) => string;
  /** What cannot be watched, and why; for the log. */
  readonly problems: string[] = [];

  /** Bytes of arena taken. */
  static readonly ARENA_BYTES = 192;

  constructor(libc: Libc, arena: Arena, families: readonly LegacyFamily[], readNames = readText) {
    this.libc = libc;
    this.arena = arena;
    this.info = arena.allocate(INFO_BYTES);
    this.infoBytes = arena.allocate(4);
    this.readNames = readNames;
    for (const family of families) {
      const fd = libc.socket(family === 'ipv4' ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      if (fd < 0) {
        this.problems.push(`no ${family} socket to watch its rules with: errno ${-fd}`);
        continue;
      }
      this.fds.push(fd);
      for (const name of TABLES) {
        const table = { family, fd, name, words: new Int32Array(INFO_WORDS), isThere: false };
        this.tables.push(table);
        this.look(table);
      }
    }
  }

  /** Is a table other than at the last call, or gone, or new? */
  changed(): boolean {
    let isChanged = false;
    for (const table of this.tables) if (this.look(table)) isChanged = true;
    return isChanged;
  }

  private look(table: Table): boolean {
    const { libc, arena, info, infoBytes } = this;
    if (!table.isThere && !this.isListed(table)) return false;
    arena.u8.fill(0, info, info + INFO_BYTES);
    for (let index = 0; index < table.name.length; index++) arena.u8[info + index] = table.name.charCodeAt(index);
    arena.u32[infoBytes >>> 2] = INFO_BYTES;
    const level = table.family === 'ipv4' ? IPPROTO_IP : IPPROTO_IPV6;
    const result = libc.getsockopt(table.fd, level, GET_INFO, arena.address(info), arena.address(infoBytes));
    const wasThere = table.isThere;
    table.isThere = result === 0;
    let isChanged = wasThere !== table.isThere;
    for (let index = 0; index < INFO_WORDS; index++) {
      const word = table.isThere ? arena.i32[((info + NAME_BYTES) >>> 2) + index] : 0;
      if (table.words[index] !== word) isChanged = true;
      table.words[index] = word;
    }
    return isChanged;
  }

  private isListed({ family, name }: Table): boolean {
    return this.readNames(NAME_LISTS[family]).split('\n').includes(name);
  }

  close(): void {
    for (const fd of this.fds.splice(0)) this.libc.close(fd);
    this.tables.length = 0;
  }
}

/** A kernel without iptables has no such list. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
