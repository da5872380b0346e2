/** Requests of rtnetlink(7) for devices and their addresses, and what its messages say. Structs are drawn at their reader. */
import { AF_INET, AF_INET6 } from '../kernel/libc';
import {
  AttributeWalk,
  MessageWriter,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  readI32,
  readU32,
} from '../kernel/netlink-message';
import { addressToText, textToAddress } from '../wire/address-text';

// Types of messages and attributes: <linux/rtnetlink.h>, <linux/if_link.h>, <linux/if_addr.h>.
export const RTM_NEWLINK = 16;
export const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
export const RTM_NEWADDR = 20;
export const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
/** Name of a device in a link message. */
export const IFLA_IFNAME = 3;
const IFLA_TXQLEN = 13;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_EXT_MASK = 29;
/** Counters are left out of the answer: they are most of it. */
const RTEXT_FILTER_SKIP_STATS = 8;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_FLAGS = 8;
const IFA_PROTO = 11;
/** No duplicate address detection: a device that is down never does it, and the address could not be bound (RFC 4862 §5.4). */
const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;

/** ifinfomsg: family 1, padding 1, type 2, index 4, flags 4, change 4. */
export const LINK_STRUCT_BYTES = 16;
/** ifaddrmsg: family 1, prefix 1, flags 1, scope 1, index 4. */
export const ADDRESS_STRUCT_BYTES = 8;
/** Where both structs keep the device's index. */
export const INDEX_OFFSET = 4;

/**
 * Who made an address, as the kernel keeps it from 5.18 on (`ip addr` shows `proto 0x35`): the number is ours, DNS's port.
 * Older kernels do not keep it; there nothing of a former configuration is known, and nothing removed.
 */
const ADDRESS_PROTOCOL = 53;

/** A network device. */
export interface Device {
  readonly index: number;
  readonly name: string;
  /** As `ip link` calls it: dummy, bridge, …; '' for hardware and the loopback. */
  readonly kind: string;
}

/** An address of a device. */
export interface DeviceAddress {
  /** Canonical text (RFC 5952). */
  readonly address: string;
  readonly deviceIndex: number;
  /** IPv6 that waits for its duplicate address detection, or found a duplicate: nobody can bind it. */
  readonly isTentative: boolean;
  /** Did this program add it? False also when the kernel is too old to keep that. */
  readonly isOurs: boolean;
}

function linkRequest(type: number, flags: number, index: number): MessageWriter {
  return new MessageWriter(type, NLM_F_REQUEST | flags).u32(0).u32(index).u32(0).u32(0);
}

/** Which device is it? @param device name or index */
export function deviceRequest(device: string | number): Uint8Array {
  const index = typeof device === 'number' ? device : 0;
  const request = linkRequest(RTM_GETLINK, 0, index).attribute(IFLA_EXT_MASK, [RTEXT_FILTER_SKIP_STATS, 0, 0, 0]);
  return (typeof device === 'string' ? request.text(IFLA_IFNAME, device) : request).finish();
}

/** Make a device that is down and has no queue, as the Go agent makes it. */
export function addDeviceRequest(name: string, kind: string): Uint8Array {
  return linkRequest(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, 0)
    .text(IFLA_IFNAME, name)
    .attribute(IFLA_TXQLEN, [0, 0, 0, 0])
    .nest(IFLA_LINKINFO, (info) => info.text(IFLA_INFO_KIND, kind))
    .finish();
}

/** Remove a device by its name. */
export function removeDeviceRequest(name: string): Uint8Array {
  return linkRequest(RTM_DELLINK, NLM_F_ACK, 0).text(IFLA_IFNAME, name).finish();
}

/** All addresses of all devices. */
export function addressesRequest(): Uint8Array {
  return new MessageWriter(RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP).u32(0).u32(0).finish();
}

function addressRequest(type: number, flags: number, index: number, address: string): MessageWriter {
  const octets = textToAddress(address)!;
  return new MessageWriter(type, NLM_F_REQUEST | NLM_F_ACK | flags)
    .u8(octets.length === 4 ? AF_INET : AF_INET6)
    .u8(octets.length * 8) // A host's prefix: /32 or /128.
    .u8(octets.length === 4 ? 0 : IFA_F_NODAD)
    .u8(0) // Scope: global.
    .u32(index)
    .attribute(IFA_LOCAL, octets)
    .attribute(IFA_ADDRESS, octets);
}

/** Give a device an address, of scope global. @param address a text that node:net takes for an address */
export function addAddressRequest(index: number, address: string): Uint8Array {
  return addressRequest(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index, address)
    .attribute(IFA_PROTO, [ADDRESS_PROTOCOL])
    .finish();
}

/** Take an address from a device. */
export function removeAddressRequest(index: number, address: string): Uint8Array {
  return addressRequest(RTM_DELADDR, 0, index, address).finish();
}

/** The device of an RTM_NEWLINK payload; undefined when it is too short to be one. */
export function readDevice(payload: Uint8Array): Device | undefined {
  if (payload.length < LINK_STRUCT_BYTES) return undefined;
  const walk = new AttributeWalk().over(payload, LINK_STRUCT_BYTES, payload.length);
  let [name, kind] = ['', ''];
  while (walk.next()) {
    if (walk.type === IFLA_IFNAME) name = walk.text();
    if (walk.type !== IFLA_LINKINFO) continue;
    const info = new AttributeWalk().over(payload, walk.value, walk.end);
    if (info.find(IFLA_INFO_KIND)) kind = info.text();
  }
  return { index: readI32(payload, INDEX_OFFSET), name, kind };
}

/**
 * The address of an RTM_NEWADDR payload; undefined when there is none in it.
 * IFA_LOCAL is the address itself; where there is none (IPv6) IFA_ADDRESS is, which else may be the far end of a link.
 */
export function readAddress(payload: Uint8Array): DeviceAddress | undefined {
  if (payload.length < ADDRESS_STRUCT_BYTES) return undefined;
  const walk = new AttributeWalk().over(payload, ADDRESS_STRUCT_BYTES, payload.length);
  let local: Uint8Array | undefined;
  let address: Uint8Array | undefined;
  let flags = payload[2];
  let protocol = 0;
  while (walk.next()) {
    const valueBytes = walk.end - walk.value;
    if (walk.type === IFA_LOCAL) local = payload.subarray(walk.value, walk.end);
    else if (walk.type === IFA_ADDRESS) address = payload.subarray(walk.value, walk.end);
    else if (walk.type === IFA_FLAGS && valueBytes >= 4) flags = readU32(payload, walk.value);
    else if (walk.type === IFA_PROTO && valueBytes >= 1) protocol = payload[walk.value];
  }
  const octets = local ?? address;
  if (octets?.length !== 4 && octets?.length !== 16) return undefined;
  return {
    address: addressToText(octets),
    deviceIndex: readI32(payload, INDEX_OFFSET),
    isTentative: (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) !== 0,
    isOurs: protocol === ADDRESS_PROTOCOL,
  };
}
