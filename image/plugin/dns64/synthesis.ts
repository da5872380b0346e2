/** IPv6 addresses made of IPv4 addresses, and answers made of them. */
import { Type } from '../../wire/codes';
import type { Message, ResourceRecord } from '../../wire/message';

/** Seconds that an answer without a SOA record may be kept (RFC 6147 §5.1.7). */
const TTL_SECONDS_MAX = 600;
/** Octet of an address that stays zero between the parts of an IPv4 address (RFC 6052 §2.2, bits 64 to 71). */
const ZERO_OCTET = 8;

/**
 * The IPv6 address that stands for an IPv4 address.
 * @param prefix sixteen octets, zero beyond `prefixBits`
 * @param prefixBits 32, 40 … 96
 * @param address four octets
 * @source RFC 6052 §2.2
 */
export function embedAddress(prefix: readonly number[], prefixBits: number, address: Uint8Array): Uint8Array {
  const embedded = Uint8Array.from(prefix);
  let at = prefixBits / 8;
  for (const octet of address) {
    if (at === ZERO_OCTET) at++;
    embedded[at++] = octet;
  }
  return embedded;
}

/** Seconds that made-up records may live: those of the SOA that denied real ones. */
function ttlMax({ authority }: Message): number {
  return authority.findLast(({ type }) => type === Type.SOA)?.ttl ?? TTL_SECONDS_MAX;
}

/**
 * The answer section of an AAAA question from that of the A question of the same name: addresses are embedded, aliases and all
 * else stay.
 * @param denial what the AAAA question was answered
 * @source RFC 6147 §5.1.7; coredns plugin/dns64/dns64.go Synthesize at v1.13.2
 */
export function synthesize(
  denial: Message,
  answer: readonly ResourceRecord[],
  prefix: readonly number[],
  prefixBits: number,
): ResourceRecord[] {
  const ttlSeconds = ttlMax(denial);
  return answer.map((record) => {
    if (record.type !== Type.A || record.data.length !== 4) return record;
    const data = embedAddress(prefix, prefixBits, record.data);
    return { ...record, type: Type.AAAA, ttl: Math.min(record.ttl, ttlSeconds), data };
  });
}
