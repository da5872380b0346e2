/**
 * In which order records stand: aliases, other records, addresses, mail servers, OPT. Addresses and mail servers among
 * themselves in an order of chance, by weight or by network.
 * @source coredns plugin/loadbalance/loadbalance.go, weighted.go, prefer.go at v1.13.2
 */
import { formatIp } from '../../corefile/ip-address';
import type { Random } from '../../kernel/random';
import { Type } from '../../wire/codes';
import type { ResourceRecord } from '../../wire/message';
import { nameToText } from '../../wire/name-text';
import { holds, type Network } from '../acl/network';
import type { WeightedNames } from './weights';

/** Of an address that the file does not name. */
const WEIGHT = 1;

/** Records of a section by kind, each in their order. */
interface Kinds {
  readonly alias: ResourceRecord[];
  readonly rest: ResourceRecord[];
  readonly address: ResourceRecord[];
  readonly mail: ResourceRecord[];
  /** OPT and signatures of the message, which stay last (RFC 8945 §5.1). */
  readonly last: ResourceRecord[];
}

function kindOf(type: number): keyof Kinds {
  switch (type) {
    case Type.CNAME:
      return 'alias';
    case Type.A:
    case Type.AAAA:
      return 'address';
    case Type.MX:
      return 'mail';
    case Type.OPT:
    case Type.TSIG:
    case Type.SIG:
      return 'last';
    default:
      return 'rest';
  }
}

function kindsOf(records: readonly ResourceRecord[]): Kinds {
  const kinds: Kinds = { alias: [], rest: [], address: [], mail: [], last: [] };
  for (const record of records) kinds[kindOf(record.type)].push(record);
  return kinds;
}

/** Fisher and Yates: every order is as likely as every other. */
function shuffle(records: ResourceRecord[], random: Random): void {
  for (let index = 0; index < records.length - 1; index++) {
    const other = index + random.below(records.length - index);
    [records[index], records[other]] = [records[other], records[index]];
  }
}

/** The section with addresses and mail servers in an order of chance. */
export function shuffled(records: readonly ResourceRecord[], random: Random): ResourceRecord[] {
  const { alias, rest, address, mail, last } = kindsOf(records);
  shuffle(address, random);
  shuffle(mail, random);
  return [...alias, ...rest, ...address, ...mail, ...last];
}

/** One of the addresses: each as often as its part of all weights. */
function pick(addresses: readonly ResourceRecord[], names: WeightedNames, random: Random): number {
  const weights = addresses.map(({ name, data }) => {
    const known = names[nameToText(name, 0).toLowerCase()];
    return known?.[formatIp(data)] ?? WEIGHT;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let left = (random.u16() * 65536 + random.u16()) % sum;
  return weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
}

/** The section with one address at the place of the first; a section without addresses as it is. */
export function weighted(
  records: readonly ResourceRecord[],
  names: WeightedNames,
  random: Random,
): readonly ResourceRecord[] {
  const { alias, rest, address, mail, last } = kindsOf(records);
  if (address.length === 0) return records;
  const top = pick(address, names, random);
  [address[0], address[top]] = [address[top], address[0]];
  return [...alias, ...rest, ...address, ...mail, ...last];
}

/** The section with addresses in the networks before all others, in the order of the networks. */
export function preferred(records: readonly ResourceRecord[], networks: readonly Network[]): ResourceRecord[] {
  const { alias, rest, address, mail, last } = kindsOf(records);
  const rank = ({ data }: ResourceRecord): number => {
    const index = networks.findIndex((network) => holds(network, data));
    return index < 0 ? networks.length : index;
  };
  const ranked = address.map((record) => ({ record, rank: rank(record) })).sort((a, b) => a.rank - b.rank); // Stable.
  return [...alias, ...ranked.map(({ record }) => record), ...mail, ...rest, ...last];
}
