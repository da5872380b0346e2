/**
 * Takes samples of queries for whoever looks (`top`, `query`). Off, it costs one branch per answer: `isOn` is read, and
 * nothing else is.
 */
import { type Query, TCP } from '../chain/query';
import type { ListenerRoutes } from '../chain/route';
import type { Arena } from '../kernel/arena';
import type { Clock } from '../kernel/clock';
import { AF_INET } from '../kernel/libc';
import { sockaddrPort } from '../kernel/sockaddr';
import type { NameHash } from '../memory/hash';
import { NO_BLOCK, Path, queryMark, SampleWriter } from '../observe/samples';
import { Opcode } from '../wire/codes';
import { ExtendedError } from '../wire/edns';
import { RCODE_MASK } from '../wire/header';
import type { QueryView } from '../wire/question';

/** Where the address stands in a sockaddr_in and a sockaddr_in6. */
const ADDRESS_4 = 4;
const ADDRESS_6 = 8;
const ADDRESS_MAPPED = 20;

/** The opcode in the third octet of a header: QR, opcode, AA, TC, RD. */
const OPCODE_IN_OCTET = 3;
const OPCODE_OF_OCTET = 0xf;

/** The INFO-CODE; the cause stands above it (wire/edns.ts withCause). */
const INFO_CODE_MASK = 0xffff;

/** Of one worker. */
export class Sampler {
  /** Does anybody look? */
  isOn = false;
  private readonly arena: Arena;
  private readonly clock: Clock;
  private readonly hash: NameHash;
  private writer: SampleWriter | undefined;
  /** Queries until the next sample. */
  private gap = 1;
  private seed = 0x9e3779b9;

  constructor(arena: Arena, clock: Clock, hash: NameHash) {
    this.arena = arena;
    this.clock = clock;
    this.hash = hash;
  }

  /** Write to this ring from now on; null: to none. */
  use(ring: SharedArrayBuffer | null): void {
    this.writer = ring === null ? undefined : new SampleWriter(ring);
    this.isOn = ring !== null;
    this.gap = 1;
  }

  /**
   * A query was answered while its packet was looked at.
   * @param view of the query, which was hashed last @param outOffset where its answer is
   */
  answeredAtOnce(
    listener: ListenerRoutes,
    view: QueryView,
    protocol: number,
    peerOffset: number,
    outOffset: number,
    receivedAtMs: number,
    isHit: boolean,
  ): void {
    const { u8 } = this.arena;
    if (((u8[outOffset + 2] >>> OPCODE_IN_OCTET) & OPCODE_OF_OCTET) === Opcode.STATUS) return; // We ask ourselves: for the lease.
    const writer = this.writer!;
    writer.see();
    const isWanted = this.isWanted(view, peerOffset);
    if (!this.isDue() && !isWanted) return;
    const path = isHit ? Path.HIT : Path.REFUSED;
    this.begin(path, u8[outOffset + 3] & RCODE_MASK, view, peerOffset, receivedAtMs);
    const zone = isHit ? listener.zones.find(view, this.hash.suffixes) : -1;
    const block = zone < 0 ? NO_BLOCK : listener.routes[zone].block.index;
    writer.end(protocol === TCP, block, isHit ? 'cache' : '', '', isWanted);
  }

  /** A query went the long way and is over. */
  finished(query: Query): void {
    const writer = this.writer!;
    writer.see();
    const { view, peerOffset } = query;
    const isWanted = this.isWanted(view, peerOffset);
    if (!this.isDue() && !isWanted) return;
    this.begin(pathOf(query), query.rcode & RCODE_MASK, view, peerOffset, query.receivedAtMs);
    writer.end(query.protocol === TCP, query.route.block.index, query.maker, query.upstream, isWanted);
  }

  private isWanted(view: QueryView, peerOffset: number): boolean {
    const { wanted } = this.writer!;
    return wanted !== 0 && wanted === queryMark(sockaddrPort(this.arena, peerOffset), view.id);
  }

  /** Gaps vary from 1 to twice the mean: an even one would beat with queries that come in pairs, as A and AAAA do. */
  private isDue(): boolean {
    if (--this.gap > 0) return false;
    const { step } = this.writer!;
    let seed = this.seed; // xorshift32 (Marsaglia, 2003).
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    this.seed = seed;
    this.gap = 1 + ((seed >>> 0) % (2 * step - 1));
    return true;
  }

  private begin(path: Path, rcode: number, view: QueryView, peer: number, receivedAtMs: number): void {
    const { u8, u32 } = this.arena;
    const microseconds = (this.clock.now() - receivedAtMs) * 1000;
    const word = (peer + ADDRESS_6) >>> 2;
    const isMapped = u32[word] === 0 && u32[word + 1] === 0 && u32[word + 2] === 0xffff0000; // ::ffff:a.b.c.d
    const isShort = u8[peer] === AF_INET || isMapped;
    const address = peer + (u8[peer] === AF_INET ? ADDRESS_4 : isMapped ? ADDRESS_MAPPED : ADDRESS_6);
    const { key, nameBytes, type } = view;
    this.writer!.begin(path, rcode, type, microseconds, u8, address, isShort ? 4 : 16, key, nameBytes);
  }
}

/** How a query was answered, from what the handlers left in it. */
function pathOf(query: Query): Path {
  const infoCode = query.extendedError < 0 ? -1 : query.extendedError & INFO_CODE_MASK;
  if (infoCode === ExtendedError.STALE_ANSWER || infoCode === ExtendedError.STALE_NXDOMAIN) return Path.STALE;
  if (query.joined) return Path.JOINED;
  if (query.upstream !== '') return Path.MISS;
  if (query.maker === 'cache' || infoCode === ExtendedError.CACHED_ERROR) return Path.HIT;
  return query.maker === '' ? Path.REFUSED : Path.MADE;
}
