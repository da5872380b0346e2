/** Devices and addresses in memory behind {@link FakeNetlink}, as the kernel keeps them, with what it may refuse. */
import { EEXIST, ENODEV, EOPNOTSUPP } from '../../../image/kernel/errno';
import { AttributeWalk, MessageWriter } from '../../../image/kernel/netlink-message';
import { addressToText } from '../../../image/wire/address-text';
import { done, FakeNetlink, message, type Sent, verdict } from '../../support/fake-netlink';

const EADDRNOTAVAIL = 99;
const [NEWLINK, DELLINK, GETLINK, NEWADDR, DELADDR, GETADDR] = [16, 17, 18, 20, 21, 22];
const TENTATIVE = 0x40;

export interface FakeAddress {
  readonly address: string;
  readonly protocol?: number;
  readonly flags?: number;
}

export interface FakeDevice {
  readonly name: string;
  readonly index: number;
  readonly kind: string;
  addresses: FakeAddress[];
}

export class RouteKernel extends FakeNetlink {
  devices: FakeDevice[] = [];
  /** Kinds that the kernel has. */
  kinds = ['dummy', 'ifb'];
  /** What a request of a type is refused with, and the kernel's words; asked each time. */
  refusal: (request: Sent) => readonly [number, string] | undefined = () => undefined;
  private nextIndex = 2;

  constructor() {
    super();
    this.addDevice('lo', '', ['127.0.0.1', '::1']);
    this.answer = (request) => {
      const refusal = this.refusal(request);
      return refusal === undefined ? this.act(request) : [verdict(request.sequence, ...refusal)];
    };
  }

  addDevice(name: string, kind: string, addresses: readonly string[] = []): FakeDevice {
    const device = { name, kind, index: this.nextIndex++, addresses: addresses.map((address) => ({ address })) };
    this.devices.push(device);
    return device;
  }

  find(name: string): FakeDevice | undefined {
    return this.devices.find((device) => device.name === name);
  }

  private act(request: Sent): Buffer[] {
    const { type, sequence, payload } = request;
    if (type === GETADDR) return this.list(sequence);
    if (type === NEWADDR || type === DELADDR) return [verdict(sequence, this.changeAddress(request))];
    const name = attribute(payload, 3)?.toString('latin1').replace('\0', '');
    const index = payload.readInt32LE(4);
    const device = this.devices.find((one) => (name === undefined ? one.index === index : one.name === name));
    if (type === NEWLINK) return [verdict(sequence, ...this.make(name!, payload, device))];
    if (device === undefined) return [verdict(sequence, -ENODEV)];
    if (type === GETLINK) return [message(NEWLINK, sequence, linkPayload(device)), verdict(sequence, 0)];
    expect(type).toBe(DELLINK);
    if (device.kind === '') return [verdict(sequence, -EOPNOTSUPP)];
    this.devices = this.devices.filter((one) => one !== device);
    return [verdict(sequence, 0)];
  }

  private make(name: string, payload: Buffer, device: FakeDevice | undefined): [number, string] {
    const info = attribute(payload, 18)!;
    const kind = info.toString('latin1', 4, info.indexOf(0, 4));
    if (device !== undefined) return [-EEXIST, ''];
    if (!this.kinds.includes(kind)) return [-EOPNOTSUPP, 'Unknown device type'];
    this.addDevice(name, kind);
    return [0, ''];
  }

  private changeAddress({ type, payload }: Sent): number {
    const device = this.devices.find(({ index }) => index === payload.readInt32LE(4));
    if (device === undefined) return -ENODEV;
    const address = addressToText(attribute(payload, 2, 8)!);
    const isThere = device.addresses.some((one) => one.address === address);
    if (type === NEWADDR && isThere) return -EEXIST;
    if (type === DELADDR && !isThere) return -EADDRNOTAVAIL;
    if (type === NEWADDR) device.addresses.push({ address, protocol: attribute(payload, 11, 8)?.[0] });
    else device.addresses = device.addresses.filter((one) => one.address !== address);
    return 0;
  }

  private list(sequence: number): Buffer[] {
    const all = this.devices.flatMap(({ index, addresses }) =>
      addresses.map((address) => message(NEWADDR, sequence, addressPayload(index, address), 2)),
    );
    return [...all, done(sequence)];
  }
}

/** Value of an attribute behind a struct; undefined when there is none. */
function attribute(payload: Buffer, type: number, structBytes = 16): Buffer | undefined {
  const walk = new AttributeWalk().over(payload, structBytes, payload.length);
  return walk.find(type) ? payload.subarray(walk.value, walk.end) : undefined;
}

/** What the kernel says of a device. */
export function linkPayload(
  { name, index, kind }: Pick<FakeDevice, 'name' | 'index' | 'kind'>,
  family = 0,
): Uint8Array {
  const writer = new MessageWriter(0, 0).u32(family).u32(index).u32(0).u32(0).text(3, name);
  if (kind !== '') writer.nest(18, (info) => info.text(1, kind));
  return writer.finish().subarray(16);
}

/** What the kernel says of an address: IPv4 with IFA_LOCAL, IPv6 without. */
export function addressPayload(index: number, { address, protocol, flags = 0 }: FakeAddress): Uint8Array {
  const isV6 = address.includes(':');
  const octets = isV6 ? v6(address) : address.split('.').map(Number);
  const writer = new MessageWriter(0, 0)
    .u8(isV6 ? 10 : 2)
    .u8(octets.length * 8)
    .u8(flags & 255)
    .u8(0)
    .u32(index);
  writer.attribute(1, octets);
  if (!isV6) writer.attribute(2, octets);
  writer.attribute(8, [flags & 255, flags >> 8, 0, 0]);
  if (protocol !== undefined) writer.attribute(11, [protocol]);
  return writer.finish().subarray(16);
}

/** Octets of an IPv6 address, by the platform's own parser. */
function v6(address: string): number[] {
  const [head, tail = ''] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const zeros = Array(8 - groups(head).length - groups(tail).length).fill('0');
  return [...groups(head), ...zeros, ...groups(tail)].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** Flags of an IPv6 address that nobody can bind yet. */
export const WAITING = TENTATIVE;
