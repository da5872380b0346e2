/**
 * Who answers for an address that kube-proxy does not know (169.254.20.10) while the lease is lost: the pods of kube-dns.
 * A headless Service has them as addresses of its name, so they are learned by DNS, through the cluster IP, and no rights
 * at the API are needed. What was learned last stays until something else is: kube-dns may be the very thing that is ill.
 */
import { randomInt } from 'node:crypto';
import { FALLBACK_AGAIN_MS_MAX, FALLBACK_AGAIN_MS_MIN, FALLBACK_ANSWER_MS, FALLBACK_ENDPOINTS_MAX } from '../limits';
import { addressToText } from '../wire/address-text';
import { Class, Rcode, rcodeText, Type } from '../wire/codes';
import { FLAG_QR, FLAG_RD, RCODE_MASK } from '../wire/header';
import { decodeMessage, encodeMessage, type Message, type Question } from '../wire/message';
import { textToName } from '../wire/name-text';
import type { KeeperClock } from './keeper';
import { exchange } from './question';

/** Addresses and the shortest TTL among them. */
export interface Learned {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number;
}

/** Asks a server for one type of a name. @throws Error that says why there is no answer */
export type AskServer = (server: string, name: string, type: number) => Promise<Learned>;

/** What learning needs. */
export interface FallbackAccess {
  readonly clock: KeeperClock;
  /** @default {@link askServer} */
  readonly ask?: AskServer;
  /** Other endpoints than before: rules are to be written. */
  changed(endpoints: readonly string[]): void;
}

/** Whom to ask for what. */
export interface FallbackPlan {
  /** The headless Service's full name; '' for none. */
  readonly name: string;
  /** Cluster IPs of kube-dns, each asked for both families until one answers. */
  readonly servers: readonly string[];
  /** Addresses of ours, which are no way out. */
  readonly own: readonly string[];
}

/** The endpoints of kube-dns as DNS has them. */
export class Fallback {
  private readonly plan: FallbackPlan;
  private readonly access: FallbackAccess;
  private known: readonly string[] = [];
  private why: string;
  private pauseMs = FALLBACK_AGAIN_MS_MIN;
  private cancel: () => void = () => {};
  private isStopped = false;

  constructor(plan: FallbackPlan, access: FallbackAccess) {
    this.plan = plan;
    this.access = access;
    this.why = reasonAtStart(plan);
  }

  /** IPv4 and IPv6, in order; at most FALLBACK_ENDPOINTS_MAX of each family. */
  get endpoints(): readonly string[] {
    return this.known;
  }

  /** Why the last question gave none; '' when it gave some. Endpoints may be there all the same, from before. */
  get reason(): string {
    return this.why;
  }

  /** Ask, and again when the TTL is over. */
  start(): void {
    this.isStopped = false;
    if (reasonAtStart(this.plan) === NOT_YET) void this.learn();
  }

  stop(): void {
    this.isStopped = true;
    this.cancel();
  }

  private async learn(): Promise<void> {
    let pauseMs: number;
    try {
      const { addresses, ttlSeconds } = await this.lookUp();
      pauseMs = Math.min(Math.max(1000 * ttlSeconds, FALLBACK_AGAIN_MS_MIN), FALLBACK_AGAIN_MS_MAX);
      this.pauseMs = FALLBACK_AGAIN_MS_MIN;
      this.take(addresses);
    } catch (error) {
      this.why = (error as Error).message;
      ({ pauseMs } = this);
      this.pauseMs = Math.min(2 * this.pauseMs, FALLBACK_AGAIN_MS_MAX);
    }
    if (!this.isStopped) this.cancel = this.access.clock.after(pauseMs, () => void this.learn());
  }

  /** The first server that has some. @throws Error with what each of them said */
  private async lookUp(): Promise<Learned> {
    const reasons: string[] = [];
    for (const server of this.plan.servers) {
      try {
        return await this.fromServer(server);
      } catch (error) {
        reasons.push((error as Error).message);
      }
    }
    throw new Error(reasons.join('; '));
  }

  /** Both families; one that fails takes back what the other has: half an answer would remove rules. */
  private async fromServer(server: string): Promise<Learned> {
    const { ask = askServer } = this.access;
    const { name, own } = this.plan;
    const both = await Promise.all([Type.A, Type.AAAA].map((type) => ask(server, name, type)));
    const families = both.map(({ addresses }) =>
      [...new Set(addresses)]
        .filter((address) => !own.includes(address))
        .sort()
        .slice(0, FALLBACK_ENDPOINTS_MAX),
    );
    const addresses = families.flat();
    if (addresses.length === 0) throw new Error(`${name} has no addresses on ${server}: is it a headless Service?`);
    return { addresses, ttlSeconds: Math.min(...both.map(({ ttlSeconds }) => ttlSeconds)) };
  }

  private take(addresses: readonly string[]): void {
    this.why = '';
    if (this.isStopped || addresses.join() === this.known.join()) return;
    this.known = addresses;
    this.access.changed(addresses);
  }
}

const NOT_YET = 'not asked yet';

function reasonAtStart({ name, servers }: FallbackPlan): string {
  if (name === '') return 'no -fallbacksvc is set: name a headless Service with the pods of kube-dns';
  return servers.length === 0 ? 'the cluster IP of -upstreamsvc is not known' : NOT_YET;
}

/** What one question may be answered with: 70 addresses, no fragments (DNS flag day 2020). */
const PAYLOAD_BYTES = 1232;
const DNS_PORT = 53;

/** Over UDP. Of an answer that was cut off (TC) the addresses that came are taken: they are more than rules have room for. */
export const askServer: AskServer = async (server, name, type) => {
  const wire = textToName(name);
  if (wire === undefined) throw new Error(`${name} is no name`);
  const question: Question = { name: wire, type, class: Class.IN };
  const id = randomInt(0x10000);
  const packet = encodeQuestion(id, question);
  const answer = await exchange({
    packet,
    address: server,
    port: DNS_PORT,
    withinMs: FALLBACK_ANSWER_MS,
    accepts: (candidate) => isAnswer(decode(candidate), id, question),
  }).catch((error: Error) => {
    throw new Error(`${name} could not be looked up on ${server}: ${error.message}`);
  });
  return readAnswer(decode(answer)!, name, server, type);
};

function encodeQuestion(id: number, question: Question): Uint8Array {
  const out = new Uint8Array(512);
  const edns = { name: Uint8Array.of(0), type: Type.OPT, class: PAYLOAD_BYTES, ttl: 0, data: new Uint8Array() };
  const message = { id, flags: FLAG_RD, question, answer: [], authority: [], additional: [edns] };
  return out.slice(0, encodeMessage(message, out, 0, out.length));
}

function decode(packet: Uint8Array): Message | undefined {
  return packet.length < 12 ? undefined : decodeMessage(packet, 0, packet.length);
}

function isAnswer(message: Message | undefined, id: number, asked: Question): boolean {
  if (message?.question === undefined || message.id !== id || (message.flags & FLAG_QR) === 0) return false;
  const { name, type } = message.question;
  return type === asked.type && Buffer.from(name).equals(asked.name);
}

/** Addresses of the type, whatever their owner: the name may be an alias. */
function readAnswer(message: Message, name: string, server: string, type: number): Learned {
  const rcode = message.flags & RCODE_MASK;
  if (rcode !== Rcode.NOERROR) throw new Error(`${name} could not be looked up on ${server}: ${rcodeText(rcode)}`);
  const records = message.answer.filter((record) => record.type === type);
  const ttlSeconds = Math.min(...records.map(({ ttl }) => ttl), FALLBACK_AGAIN_MS_MAX / 1000);
  return { addresses: records.map(({ data }) => addressToText(data)), ttlSeconds };
}
