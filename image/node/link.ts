/**
 * The interface that makes the cache's addresses addresses of this node. It stays down, as the Go agent leaves it: local
 * addresses answer all the same, no route but their own appears, and no IPv6 link-local address (device-kinds.ts).
 */
import { type Arena, mapArena } from '../kernel/arena';
import { EADDRNOTAVAIL, EEXIST, EINTR, ENODEV, EOPNOTSUPP } from '../kernel/errno';
import type { Libc } from '../kernel/libc';
import { NETLINK_ROUTE, NetlinkSocket } from '../kernel/netlink';
import { LINK_TRIES_MAX } from '../limits';
import { addressToText, textToAddress } from '../wire/address-text';
import { DEVICE_KINDS } from './device-kinds';
import { addressRefused, failed, LinkError, nameProblem, noKind } from './link-error';
import {
  addAddressRequest,
  addDeviceRequest,
  addressesRequest,
  type Device,
  type DeviceAddress,
  deviceRequest,
  readAddress,
  readDevice,
  removeAddressRequest,
  removeDeviceRequest,
} from './route-messages';

/** Of the discard prefix (RFC 6666): nobody has it, and nothing is sent to it. */
const DISCARD_ADDRESS = '100::1';

/** Makes, mends and removes the link. Each call opens its own netlink socket and closes it; none waits. */
export class Link {
  private readonly socket: NetlinkSocket;
  private lastKind = '';

  constructor(libc: Libc) {
    const arena: Arena = mapArena(libc, NetlinkSocket.ARENA_BYTES);
    this.socket = new NetlinkSocket(libc, arena);
  }

  /** Kind of the device that {@link ensure} found or made last: `dummy`, `ifb`, …; `device` for hardware; '' before. */
  get kind(): string {
    return this.lastKind;
  }

  /**
   * See to it that the device is there and has these addresses, as /32 and /128. A device of that name is taken as it is,
   * whatever its kind; its other addresses are left alone.
   * @param addresses IPv4 and IPv6 texts; the caller has checked them
   * @returns one line for each thing done; nothing when all was well
   * @throws LinkError when something is still missing; what could be done has been done and is in its `done`
   */
  ensure(name: string, addresses: readonly string[]): string[] {
    const problem = nameProblem(name);
    if (problem !== undefined) throw problem;
    return this.withSocket((socket) => {
      const done: string[] = [];
      for (let tries = 1; ; tries++) {
        try {
          const device = findDevice(socket, name) ?? this.make(socket, name, done);
          this.lastKind = device.kind || 'device';
          addMissing(socket, device, addresses, done);
          return done;
        } catch (error) {
          if (!(error instanceof LinkError)) throw error;
          // Another instance made it first, or somebody removed it since: look again.
          const isRace = error.errno === EEXIST || error.errno === ENODEV;
          if (!isRace || tries >= LINK_TRIES_MAX) throw new LinkError(error.message, error.errno, done);
        }
      }
    });
  }

  private make(socket: NetlinkSocket, name: string, done: string[]): Device {
    let errno = 0;
    for (const kind of DEVICE_KINDS) {
      const reply = socket.request(addDeviceRequest(name, kind));
      if (reply.error === -EOPNOTSUPP) {
        errno = EOPNOTSUPP;
        continue;
      }
      if (reply.error < 0) throw failed(`add interface '${name}' of kind ${kind}`, reply);
      const missing = DEVICE_KINDS.slice(0, DEVICE_KINDS.indexOf(kind)).join(' or ');
      const reason = missing === '' ? '' : `, which serves as well: the kernel has no device of kind ${missing}`;
      done.push(`Added interface - ${name} of kind ${kind}${reason}`); // The Go agent's words, which logs are searched for.
      const device = findDevice(socket, name);
      if (device === undefined) throw new LinkError(`Interface '${name}' was removed as soon as it was made`, ENODEV);
      return device;
    }
    throw noKind(name, errno);
  }

  /**
   * Take away addresses that this program gave the device with another configuration. They are known by a mark that Linux
   * keeps from 5.18 on; others, the operator's and the Go agent's, stay. Not while another instance runs: they may be its.
   * @param addresses those that stay
   * @returns one line for each that went
   */
  dropFormer(name: string, addresses: readonly string[]): string[] {
    const wanted = new Set(addresses.map(canonical));
    return this.withSocket((socket) => {
      const device = findDevice(socket, name);
      if (device === undefined) return [];
      const former = listAddresses(socket).filter(
        ({ deviceIndex, isOurs, address }) => deviceIndex === device.index && isOurs && !wanted.has(address),
      );
      for (const { address } of former) removeAddress(socket, device, address);
      return former.map(({ address }) => `removed ${address} of a former -localip from ${name}`);
    });
  }

  /**
   * Remove the device, whoever made it, as the Go agent does. One that cannot be removed (hardware, the loopback) only loses
   * `addresses`.
   * @returns false when there was none
   */
  remove(name: string, addresses: readonly string[] = []): boolean {
    if (nameProblem(name) !== undefined) return false; // No device has such a name.
    return this.withSocket((socket) => {
      const reply = socket.request(removeDeviceRequest(name));
      if (reply.error === -ENODEV) return false;
      if (reply.error === 0) return true;
      if (reply.error !== -EOPNOTSUPP) throw failed(`remove interface '${name}'`, reply);
      const device = findDevice(socket, name);
      if (device !== undefined) for (const address of addresses) removeAddress(socket, device, canonical(address));
      return device !== undefined;
    });
  }

  /**
   * IPv6 sockets of the host keep the route they have looked up, and an address that comes to a device that is down does not
   * make them look again: connected ones would send queries past us, out of the node, for as long as they live. An address
   * that goes does. To be called some time after {@link ensure} added one: the kernel adds its route later, by itself.
   * Where it is refused, sockets are as they were.
   */
  forgetRoutes(name: string): void {
    this.withSocket((socket) => {
      const device = findDevice(socket, name);
      if (device === undefined || socket.request(addAddressRequest(device.index, DISCARD_ADDRESS)).error < 0) return;
      socket.request(removeAddressRequest(device.index, DISCARD_ADDRESS));
    });
  }

  /** Addresses of a device in canonical text; null when there is no such device. */
  addressesOf(device: string): string[] | null {
    return this.withSocket((socket) => {
      const found = findDevice(socket, device);
      if (found === undefined) return null;
      return listAddresses(socket)
        .filter(({ deviceIndex }) => deviceIndex === found.index)
        .map(({ address }) => address);
    });
  }

  private withSocket<Result>(work: (socket: NetlinkSocket) => Result): Result {
    const opened = this.socket.open(NETLINK_ROUTE);
    if (opened < 0) throw failed('open a netlink socket', { error: opened, explanation: '', messages: [] });
    try {
      return work(this.socket);
    } finally {
      this.socket.close();
    }
  }
}

/** An address as the kernel's is written here: two texts may mean the same. */
function canonical(address: string): string {
  return addressToText(textToAddress(address)!);
}

/**
 * The device of a name or an index.
 * @returns undefined when there is none
 * @throws LinkError when the kernel does not say
 */
export function findDevice(socket: NetlinkSocket, device: string | number): Device | undefined {
  const reply = socket.request(deviceRequest(device));
  if (reply.error === -ENODEV) return undefined;
  if (reply.error < 0) throw failed(`find interface '${device}'`, reply);
  return reply.messages.length === 0 ? undefined : readDevice(reply.messages[0].payload);
}

function listAddresses(socket: NetlinkSocket): DeviceAddress[] {
  const reply = socket.request(addressesRequest());
  // A list that changes while it is read (EINTR) may miss one or have one twice: adding then says EEXIST, which is well.
  if (reply.error < 0 && reply.error !== -EINTR) throw failed('list addresses', reply);
  return reply.messages.flatMap(({ payload }) => readAddress(payload) ?? []);
}

function removeAddress(socket: NetlinkSocket, { index, name }: Device, address: string): void {
  const reply = socket.request(removeAddressRequest(index, address));
  const isGone = reply.error === 0 || reply.error === -EADDRNOTAVAIL || reply.error === -ENODEV;
  if (!isGone) throw failed(`remove ${address} from '${name}'`, reply);
}

/** One refused address does not keep the others off. */
function addMissing(socket: NetlinkSocket, device: Device, addresses: readonly string[], done: string[]): void {
  const present = listAddresses(socket);
  const problems: LinkError[] = [];
  for (const address of addresses.map(canonical)) {
    const equal = present.filter((one) => one.address === address);
    const own = equal.find(({ deviceIndex }) => deviceIndex === device.index);
    if (own !== undefined && !own.isTentative) continue;
    if (own !== undefined) removeAddress(socket, device, address); // Nobody can bind it, and a device that is down never frees it.
    const reply = socket.request(addAddressRequest(device.index, address));
    if (reply.error < 0 && reply.error !== -EEXIST) problems.push(addressRefused(address, device.name, reply));
    else done.push(`added ${address} to ${device.name}${elsewhere(socket, device, equal)}`);
  }
  if (problems.length === 0) return;
  const first = problems.find(({ errno }) => errno === ENODEV) ?? problems[0]; // The device went: worth another try.
  throw new LinkError(problems.map(({ message }) => message).join('; '), first.errno);
}

/** An address may be on several devices; the operator should know. */
function elsewhere(socket: NetlinkSocket, device: Device, equal: readonly DeviceAddress[]): string {
  const others = equal.filter(({ deviceIndex }) => deviceIndex !== device.index);
  if (others.length === 0) return '';
  const names = others.map(({ deviceIndex }) => findDevice(socket, deviceIndex)?.name ?? `interface ${deviceIndex}`);
  return `; it is on ${names.join(' and ')}, too: take it away there if this is not meant`;
}
