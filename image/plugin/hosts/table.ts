/**
 * Names and addresses of lines in the form of /etc/hosts.
 * @source coredns plugin/hosts/hostsfile.go at v1.13.2
 */
import { formatIp, parseIp } from '../../corefile/ip-address';
import { HOSTS_RECORDS_MAX } from '../../limits';
import { canonicalName, type ZoneList } from '../zone-list';

/** What of a line the table keeps. */
export interface HostsTableOptions {
  /** Other names are passed over. */
  readonly zones: ZoneList;
  /** Keep names by address, too. */
  readonly reverse: boolean;
}

const NOTHING: readonly never[] = [];

/** The address of a line; an IPv6 zone (`fe80::1%eth0`) is left off. */
function addressOf(word: string): Uint8Array | undefined {
  const percent = word.indexOf('%');
  return parseIp(percent < 0 ? word : word.slice(0, percent));
}

export class HostsTable {
  private readonly byName4 = new Map<string, Uint8Array[]>();
  private readonly byName6 = new Map<string, Uint8Array[]>();
  private readonly byAddress = new Map<string, string[]>();
  /** Pairs of name and address, each direction counted, as CoreDNS counts them: also those that no message has room for. */
  entries = 0;

  /** @param text lines; what is no line of a hosts file is passed over, as everywhere */
  constructor(text: string, options: HostsTableOptions) {
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline;
      this.readLine(text.slice(start, end), options);
      start = end + 1;
    }
  }

  private readLine(line: string, { zones, reverse }: HostsTableOptions): void {
    const comment = line.indexOf('#');
    const words = (comment < 0 ? line : line.slice(0, comment)).trim().split(/\s+/);
    if (words.length < 2) return;
    const address = addressOf(words[0]);
    if (address === undefined) return;
    const byName = address.length === 4 ? this.byName4 : this.byName6;
    const addressText = reverse ? formatIp(address) : '';
    for (let index = 1; index < words.length; index++) {
      const name = canonicalName(words[index]);
      if (name === undefined || zones.find(name) === '') continue;
      this.add(byName, name, address);
      if (reverse) this.add(this.byAddress, addressText, name);
    }
  }

  private add<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
    const values = map.get(key);
    this.entries++;
    if (values === undefined) map.set(key, [value]);
    else if (values.length < HOSTS_RECORDS_MAX) values.push(value);
  }

  /** IPv4 addresses of a canonical name, 4 octets each, in the order of the lines. */
  addresses4(name: string): readonly Uint8Array[] {
    return this.byName4.get(name) ?? NOTHING;
  }

  /** IPv6 addresses of a canonical name, 16 octets each, in the order of the lines. */
  addresses6(name: string): readonly Uint8Array[] {
    return this.byName6.get(name) ?? NOTHING;
  }

  /** Canonical names of an address as formatIp writes it, in the order of the lines. */
  names(address: string): readonly string[] {
    return this.byAddress.get(address) ?? NOTHING;
  }
}
