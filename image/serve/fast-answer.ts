/**
 * The short way: a question whose answer is in the table is answered in place, from the receive slot into the send slot. No
 * object, no string, no closure. Whatever is unusual goes the long way through the handlers.
 */
import { assert } from '../assert';
import { UDP } from '../chain/query';
import type { ListenerRoutes } from '../chain/route';
import type { Clock } from '../kernel/clock';
import { BATCH_SLOTS, REQUEST_BYTES_MAX } from '../limits';
import type { NameHash } from '../memory/hash';
import type { ZoneMeter } from '../plugin/prometheus/meter';
import { Class, Type } from '../wire/codes';
import { OPT_BYTES, replyOptBytes } from '../wire/edns';
import { FLAG_TC, OPCODE_MASK, RCODE_MASK } from '../wire/header';
import type { QueryView } from '../wire/question';
import { truncateAt } from '../wire/truncate';
import { appendOpt, replyBytesMax } from './reply';

/** Label `plugin` of a hit: who is nearest to the client. */
const CACHE = 'cache';
const LOADBALANCE = 'loadbalance';

export class FastAnswer {
  private readonly hash: NameHash;
  private readonly clock: Clock;
  /** Whose durations are still to be counted: all answers of a batch leave together. */
  private readonly meters: (ZoneMeter | undefined)[] = new Array<ZoneMeter | undefined>(BATCH_SLOTS).fill(undefined);
  private metersCount = 0;

  constructor(hash: NameHash, clock: Clock) {
    this.hash = hash;
    this.clock = clock;
  }

  /**
   * Answer from the table.
   * @param bytes the arena: the request is in it (view.messageOffset), the answer will be (outOffset)
   * @param view an accepted query
   * @param outOffset room for REQUEST_BYTES_MAX bytes
   * @returns size of the answer; 0 when the query must go the long way
   */
  answer(
    listener: ListenerRoutes,
    bytes: Uint8Array,
    view: QueryView,
    protocol: number,
    family: number,
    requestBytes: number,
    outOffset: number,
    nowMs: number,
  ): number {
    assert(outOffset + REQUEST_BYTES_MAX <= bytes.length);
    if (view.class !== Class.IN || (view.flags & OPCODE_MASK) !== 0 || view.type === Type.DS) return 0;
    if (view.ednsVersion !== 0 || view.hasOtherAdditional !== 0) return 0;
    const nameHash = this.hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
    const zone = listener.zones.find(view, this.hash.suffixes);
    if (zone < 0) return 0;
    const route = listener.routes[zone];
    const { cache } = route;
    if (cache === undefined || (route.mindsOptions && view.optionsBytes > 0)) return 0;
    cache.ask(view, nameHash);
    const entry = cache.lookUpFresh(nowMs);
    if (entry < 0) return 0;
    if (view.udpSize > route.udpBytesMax) view.udpSize = route.udpBytesMax; // The long way reads its query anew.
    const bytesMax = Math.min(replyBytesMax(view, protocol), REQUEST_BYTES_MAX);
    const optBytes = view.optOffset === 0 ? 0 : replyOptBytes(bytes, view, protocol !== UDP);
    const room = REQUEST_BYTES_MAX - optBytes;
    if (room < view.questionEnd) return 0; // Options as long as the slot: an oddity for the long way.
    let length = cache.writeHit(entry, bytes, view, bytes, outOffset, room);
    if (length === 0) return 0;
    if (route.hitOrder !== undefined && !route.hitOrder.arrange(bytes, outOffset, length)) return 0;
    const wholeBytes = length;
    if (length + optBytes > bytesMax) {
      if (optBytes > OPT_BYTES) return 0; // The long way compresses first, which may make room for the options.
      const { ttlOffsets, ttlCount } = cache.table;
      length = truncateAt(bytes, outOffset, length, ttlOffsets, 0, ttlCount, bytesMax - optBytes);
      assert(protocol === UDP || (bytes[outOffset + 2] & (FLAG_TC >>> 8)) === 0);
    }
    if (optBytes > 0) length += appendOpt(bytes, view, protocol, bytes, outOffset, length);
    cache.countHit(listener.index, entry, nowMs);
    if (route.meter !== undefined) {
      const rcode = bytes[outOffset + 3] & RCODE_MASK;
      const writer = route.hitOrder === undefined ? CACHE : LOADBALANCE;
      route.meter.count(protocol, family, view.type, view.doBit, requestBytes, rcode, writer, wholeBytes);
      this.meters[this.metersCount++] = route.meter;
      if (this.metersCount === BATCH_SLOTS) this.countDurations(nowMs);
    }
    return length;
  }

  /** A batch is sent: its answers took from `sinceMs` until now. */
  countDurations(sinceMs: number): void {
    if (this.metersCount === 0) return;
    const seconds = (this.clock.now() - sinceMs) / 1000;
    let start = 0;
    for (let index = 1; index <= this.metersCount; index++) {
      if (index < this.metersCount && this.meters[index] === this.meters[start]) continue;
      this.meters[start]!.took(seconds, index - start);
      start = index;
    }
    this.metersCount = 0;
  }
}
