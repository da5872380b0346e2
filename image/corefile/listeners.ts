/** From zones and bind addresses to sockets, with CoreDNS's checks for zones that are served twice. */
import { type ZoneAddress, zoneAddressText } from './address';
import { CorefileError, type Position, text } from './errors';
import { joinHostPort, portNumber } from './go-host-port';
import type { ListenerPlan, ZonePlan } from './plan';

/** A block as far as its sockets are concerned. */
export interface BoundBlock {
  readonly addresses: readonly ZoneAddress[];
  /** Bind addresses, or `['']` for the wildcard. */
  readonly hosts: readonly string[];
  /** Where it begins, for messages. */
  readonly position?: Position;
}

/**
 * Remembers what is served, and finds zones served twice, bound and unbound.
 * @source coredns core/dnsserver/address.go
 */
class Overlaps {
  private readonly served = new Set<string>();
  /** Per zone and port the last way it was served. */
  private readonly anywhere = new Map<string, string>();

  add(address: ZoneAddress, host: string, position: Position | undefined): void {
    const server = zoneAddressText(address, host);
    const unbound = zoneAddressText(address, '');
    if (this.served.has(server)) throw new CorefileError(text.alreadyDefined(server), position);
    const other = host === '' ? this.anywhere.get(unbound) : this.served.has(unbound) ? unbound : undefined;
    if (other !== undefined) throw new CorefileError(text.overlap(server, other), position);
    this.served.add(server);
    this.anywhere.set(unbound, server);
  }
}

function port(address: ZoneAddress, position: Position | undefined): number {
  const number = portNumber(address.port);
  if (number === undefined) throw new CorefileError(text.portInvalid(address.port), position);
  return number;
}

/**
 * The sockets that serve `blocks`, sorted by label. Blocks that share address and port share a socket.
 * @throws CorefileError when a port is none, or a zone is served twice
 * @source coredns core/dnsserver/register.go
 */
export function listenersOf(blocks: readonly BoundBlock[]): ListenerPlan[] {
  const listeners = new Map<string, ListenerPlan & { zones: ZonePlan[] }>();
  blocks.forEach(({ addresses, hosts, position }, block) => {
    for (const address of addresses) {
      for (const host of hosts) {
        const number = port(address, position);
        const label = `${address.transport}://${joinHostPort(host, number)}`;
        const listener = listeners.get(label) ?? { address: host, port: number, label, zones: [] };
        listeners.set(label, listener);
        listener.zones.push({ zone: address.zone, block });
      }
    }
  });
  const overlaps = new Overlaps();
  for (const { addresses, hosts, position } of blocks) {
    for (const address of addresses) for (const host of hosts) overlaps.add(address, host, position);
  }
  return [...listeners.values()].sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
}
