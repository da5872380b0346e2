/** Names and addresses of a hosts file, as one `hosts` of the Corefile sees them. */
import { HOSTS_RECORDS_MAX } from '../../limits';
import type { ZoneList } from '../zone-list';
import { ADDRESS_ROOM, type HostsPack, type PackedLists } from './pack';
import { findString, stringAt } from './strings';

/** What of the file is looked at. */
export interface HostsTableOptions {
  /** Other names are passed over. */
  readonly zones: ZoneList;
  /** Find names by address, too. */
  readonly reverse: boolean;
}

const IPV4_OCTETS = 4;
const IPV6_OCTETS = 16;

export class HostsTable {
  private readonly pack: HostsPack;
  private readonly options: HostsTableOptions;
  /** Pairs of name and address, each direction counted, as CoreDNS counts them: also those that no message has room for. */
  readonly entries: number;

  constructor(pack: HostsPack, options: HostsTableOptions) {
    this.pack = pack;
    this.options = options;
    this.entries = this.pairs() * (options.reverse ? 2 : 1);
  }

  private pairs(): number {
    const { names, byName } = this.pack;
    if (this.options.zones.coversAll) return byName.values.length;
    let pairs = 0;
    for (let name = 0; name < names.ends.length; name++) {
      if (this.options.zones.find(stringAt(names, name)) === '') continue;
      pairs += byName.starts[name + 1] - byName.starts[name];
    }
    return pairs;
  }

  /** IPv4 addresses of a canonical name, 4 octets each, in the order of the lines. */
  addresses4(name: string): readonly Uint8Array[] {
    return this.addresses(name, IPV4_OCTETS);
  }

  /** IPv6 addresses of a canonical name, 16 octets each, in the order of the lines. */
  addresses6(name: string): readonly Uint8Array[] {
    return this.addresses(name, IPV6_OCTETS);
  }

  private addresses(name: string, size: number): Uint8Array[] {
    const { names, octets, byName } = this.pack;
    const found: Uint8Array[] = [];
    if (this.options.zones.find(name) === '') return found;
    for (const address of listOf(byName, findString(names, name))) {
      if (found.length === HOSTS_RECORDS_MAX) break;
      const at = address * ADDRESS_ROOM;
      if (octets[at] === size) found.push(octets.slice(at + 1, at + 1 + size));
    }
    return found;
  }

  /** Canonical names of an address as formatIp writes it, in the order of the lines. */
  names(address: string): readonly string[] {
    const { names, addresses, byAddress } = this.pack;
    const found: string[] = [];
    if (!this.options.reverse) return found;
    for (const number of listOf(byAddress, findString(addresses, address))) {
      if (found.length === HOSTS_RECORDS_MAX) break;
      const name = stringAt(names, number);
      if (this.options.zones.find(name) !== '') found.push(name);
    }
    return found;
  }
}

const NOTHING = new Uint32Array(0);

/** @param key -1 for none */
function listOf({ starts, values }: PackedLists, key: number): Uint32Array {
  return key < 0 ? NOTHING : values.subarray(starts[key], starts[key + 1]);
}
