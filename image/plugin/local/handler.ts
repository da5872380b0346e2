/**
 * Answers what must never leave the machine: localhost, the names of 127.0.0.0/8, and the addresses 0 and 255 (RFC 6303,
 * RFC 6761 §6.3). `localhost.` in front of a search domain is localhost, too.
 * @source coredns plugin/local/local.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory, Scratch, WorkerLog } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { quote } from '../../corefile/go-quote';
import type { Counters } from '../../observe/counters';
import { Class, Rcode, Type, typeText } from '../../wire/codes';
import type { ResourceRecord } from '../../wire/message';
import { textToName } from '../../wire/name-text';
import { questionName, replyWith } from '../reply';
import { ZoneList } from '../zone-list';
import type { LocalOptions } from './setup';

/** A week, for the denials' SOA as well. */
const TTL_SECONDS = 604_800;
const LOCALHOST = 'localhost.';
const ZONES: readonly string[] = [LOCALHOST, '0.in-addr.arpa.', '127.in-addr.arpa.', '255.in-addr.arpa.'];
const POINTER = '1.0.0.127.in-addr.arpa.';
const LOCALHOST_NAME = textToName(LOCALHOST)!;
const IPV4 = Uint8Array.of(127, 0, 0, 1);
const IPV6 = Uint8Array.of(...Array<number>(15).fill(0), 1);
/** localhost. root.localhost. 1 0 0 0 604800 */
const SOA = Uint8Array.from([
  ...LOCALHOST_NAME,
  ...textToName('root.localhost.')!,
  ...[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ...[TTL_SECONDS >>> 24, (TTL_SECONDS >>> 16) & 0xff, (TTL_SECONDS >>> 8) & 0xff, TTL_SECONDS & 0xff],
]);

const record = (name: Uint8Array, type: number, data: Uint8Array): ResourceRecord => {
  return { name, type, class: Class.IN, ttl: TTL_SECONDS, data };
};

class LocalHandler implements Handler {
  readonly name = 'local';
  private readonly zones = new ZoneList(ZONES);
  private readonly scratch: Scratch;
  private readonly counters: Counters;
  private readonly slot: number;
  private readonly log: WorkerLog;
  private readonly remoteAddress: HandlerContext['remoteAddress'];

  constructor({ scratch, counters, log, remoteAddress }: HandlerContext) {
    this.scratch = scratch;
    this.counters = counters;
    this.slot = counters.slot('coredns_local_localhost_requests_total');
    this.log = log;
    this.remoteAddress = remoteAddress;
  }

  handle(query: Query): Step {
    const { name } = query;
    if (name.length > LOCALHOST.length && name.startsWith(LOCALHOST)) {
      const { type } = query.view;
      const who = `${quote(name)} ${typeText(type)}, from ${this.remoteAddress(query)}`;
      this.log.plugin(this.name, 'DEBUG', `Intercepting localhost query for ${who}`);
      this.counters.add(this.slot, 1);
      return this.answer(query, addressOf(type));
    }
    const zone = this.zones.find(name);
    if (zone === '') return Step.PASS;
    if (name === zone) return this.apex(query, zone);
    if (name !== POINTER) return this.deny(query, zone, Rcode.NXDOMAIN);
    if (query.view.type === Type.PTR) return this.answer(query, LOCALHOST_NAME);
    return this.deny(query, zone, Rcode.NOERROR);
  }

  private apex(query: Query, zone: string): Step {
    const { type } = query.view;
    if (type === Type.SOA) return this.answer(query, SOA);
    if (type === Type.NS) return this.answer(query, LOCALHOST_NAME);
    return this.answer(query, zone === LOCALHOST ? addressOf(type) : undefined);
  }

  /** @param data of the record asked for; none is a denial with a SOA at the very name, as in CoreDNS */
  private answer(query: Query, data: Uint8Array | undefined): Step {
    const name = questionName(query);
    const answer = data === undefined ? [] : [record(name, query.view.type, data)];
    const authority = data === undefined ? [record(name, Type.SOA, SOA)] : [];
    return replyWith(query, this.name, this.scratch, Rcode.NOERROR, { answer, authority, additional: [] }, 0);
  }

  /** The SOA's owner is the end of the question's name, in the client's letters. */
  private deny(query: Query, zone: string, rcode: number): Step {
    const name = questionName(query);
    const owner = name.subarray(name.length - textToName(zone)!.length);
    const authority = [record(owner, Type.SOA, SOA)];
    return replyWith(query, this.name, this.scratch, rcode, { answer: [], authority, additional: [] }, 0);
  }
}

function addressOf(type: number): Uint8Array | undefined {
  if (type === Type.A) return IPV4;
  return type === Type.AAAA ? IPV6 : undefined;
}

/** Make the handler. */
export const handler: HandlerFactory<LocalOptions> = (_options, context) => new LocalHandler(context);
