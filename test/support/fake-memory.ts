/**
 * Memory of fake-libc.ts, and the structs in it: what the real kernel reads and writes through the addresses it is given.
 */
import { Arena } from '../../image/kernel/arena';
import {
  CMSG_DATA,
  CMSG_LEVEL,
  CMSG_TYPE,
  IOV_BASE,
  IOV_LEN,
  MSG_CONTROL,
  MSG_CONTROLLEN,
  MSG_FLAGS,
  MSG_IOV,
  MSG_LEN,
} from '../../image/kernel/layout';
import {
  AF_INET,
  AF_INET6,
  IP_PKTINFO,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_PKTINFO,
  IPV6_RECVPKTINFO,
  MSG_TRUNC,
} from '../../image/kernel/libc';
import { sockaddrPort, sockaddrText, writeSockaddr } from '../../image/kernel/sockaddr';
import type { Endpoint, UdpSocket } from './fake-network';

const PAGE_BYTES = 4096;

/** Maps by address, and structs in them. */
export class FakeMemory {
  private readonly regions: Arena[] = [];
  /** Maps cross 4 GiB: a pointer cut to 32 bits hits nothing. */
  private nextAddress = 2 ** 32 - PAGE_BYTES;

  /** Maps that were made. */
  get mapCount(): number {
    return this.regions.length;
  }

  mapMemory(bytes: number): number {
    const address = this.nextAddress;
    this.nextAddress += bytes + PAGE_BYTES;
    this.regions.push(new Arena(address, new ArrayBuffer(bytes)));
    return address;
  }

  viewMemory(address: number, bytes: number): ArrayBuffer {
    const region = this.region(address, bytes);
    if (region.base !== address || region.bytes !== bytes) throw new Error('only whole maps can be viewed');
    return region.u8.buffer as ArrayBuffer;
  }

  discardMemory(address: number, bytes: number): number {
    const region = this.region(address, bytes);
    if (region.base !== address || region.bytes !== bytes) return -22; // EINVAL
    region.u8.fill(0);
    return 0;
  }

  /** The map that holds `bytes` at `address`. @throws as the kernel gives EFAULT: a wrong pointer is a mistake of ours */
  private region(address: number, bytes: number): Arena {
    for (const region of this.regions) {
      if (address >= region.base && address + bytes <= region.base + region.bytes) return region;
    }
    throw new Error(`EFAULT: no memory of ${bytes} bytes at address ${address}`);
  }

  protected bytesAt(address: number, bytes: number): Uint8Array {
    const region = this.region(address, bytes);
    return region.u8.subarray(address - region.base, address - region.base + bytes);
  }

  protected view(address: number, bytes: number): DataView {
    const at = this.bytesAt(address, bytes);
    return new DataView(at.buffer, at.byteOffset, bytes);
  }

  protected endpointAt(address: number, bytes: number): Endpoint {
    const region = this.region(address, bytes);
    const offset = address - region.base;
    return { address: sockaddrText(region, offset), port: sockaddrPort(region, offset) };
  }

  /** Write a socket address as a socket of `family` sees it; `sizeAddress` holds the room, then the size. */
  protected writeEndpoint(
    family: number,
    endpoint: Endpoint,
    address: number,
    sizeAddress: DataView,
    at: number,
  ): void {
    const scratch = new Arena(0, new ArrayBuffer(64));
    const isMapped = family === AF_INET6 && !endpoint.address.includes(':');
    const bytes = writeSockaddr(scratch, 0, isMapped ? `::ffff:${endpoint.address}` : endpoint.address, endpoint.port);
    const room = sizeAddress.getUint32(at, true);
    this.bytesAt(address, Math.min(room, bytes)).set(scratch.u8.subarray(0, Math.min(room, bytes)));
    sizeAddress.setUint32(at, bytes, true);
  }

  protected fillMessage(header: DataView, bytes: Buffer): void {
    const iovec = this.view(pointer(header, MSG_IOV), 16);
    const kept = Math.min(bytes.length, iovec.getUint32(IOV_LEN, true));
    this.bytesAt(pointer(iovec, IOV_BASE), kept).set(bytes.subarray(0, kept));
    header.setUint32(MSG_LEN, kept, true);
    header.setUint32(MSG_FLAGS, kept < bytes.length ? MSG_TRUNC : 0, true);
  }

  /** The address a datagram was sent to, for sockets that asked for it. @returns bytes of control data */
  protected writeControl(socket: UdpSocket, to: string, control: number): number {
    const isIpv4 = socket.family === AF_INET;
    const option = isIpv4 ? `${IPPROTO_IP} ${IP_PKTINFO}` : `${IPPROTO_IPV6} ${IPV6_RECVPKTINFO}`;
    if (control === 0 || socket.options.get(option) !== 1) return 0;
    const scratch = new Arena(0, new ArrayBuffer(64));
    writeSockaddr(scratch, 0, isIpv4 || to.includes(':') ? to : `::ffff:${to}`, 0);
    const view = this.view(control, isIpv4 ? 32 : 40);
    view.setUint32(0, isIpv4 ? 28 : 36, true);
    view.setUint32(CMSG_LEVEL, isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, true);
    view.setUint32(CMSG_TYPE, isIpv4 ? IP_PKTINFO : IPV6_PKTINFO, true);
    const data = this.bytesAt(control + CMSG_DATA, isIpv4 ? 12 : 20);
    if (isIpv4) {
      data.set([1, 0, 0, 0, ...scratch.u8.subarray(4, 8), ...scratch.u8.subarray(4, 8)]);
      return 32;
    }
    data.set([...scratch.u8.subarray(8, 24), 1, 0, 0, 0]);
    return 40;
  }

  /** The address that control data asks to send from, else `unset`. */
  protected sourceOf(socket: UdpSocket, unset: Endpoint, header: DataView): Endpoint {
    if (header.getUint32(MSG_CONTROLLEN, true) === 0) return unset;
    const control = pointer(header, MSG_CONTROL);
    const isIpv4 = this.view(control, 16).getUint32(CMSG_LEVEL, true) === IPPROTO_IP;
    const scratch = new Arena(0, new ArrayBuffer(64));
    scratch.u8[0] = isIpv4 ? AF_INET : AF_INET6;
    if (isIpv4) scratch.u8.set(this.bytesAt(control + CMSG_DATA + 4, 4), 4);
    else scratch.u8.set(this.bytesAt(control + CMSG_DATA, 16), 8);
    return { address: sockaddrText(scratch, 0), port: socket.local?.port ?? unset.port };
  }
}

/** A 64-bit pointer of a struct. */
export function pointer(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}
