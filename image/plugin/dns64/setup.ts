/** `dns64 [PREFIX]` or `dns64 { prefix PREFIX; translate_all; allow_ipv4 }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { formatIp, parseIp } from '../../corefile/ip-address';

/** What `dns64` says. */
export interface Dns64Options {
  /** Sixteen octets, those beyond `prefixBits` zero. @default 64:ff9b:: */
  readonly prefix: readonly number[];
  /** 32, 40, 48, 56, 64, 72, 80, 88 or 96. @default 96 */
  readonly prefixBits: number;
  /** Names with IPv6 addresses are answered from their IPv4 addresses, too. @default false */
  readonly translateAll: boolean;
  /** Clients that ask over IPv4 get the same answers. @default false: they can use IPv4 */
  readonly allowIpv4: boolean;
}

interface Cidr {
  readonly bytes: Uint8Array;
  readonly bits: number;
}

/** Go's net.ParseCIDR: an address with a colon has 16 octets, whatever it holds. */
function parseCidr(value: string): Cidr | undefined {
  const [address, mask, ...more] = value.split('/');
  const parsed = parseIp(address);
  if (parsed === undefined || more.length > 0 || !/^[0-9]+$/.test(mask ?? '')) return undefined;
  const isV6 = address.includes(':');
  const bytes = isV6 && parsed.length === 4 ? Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...parsed) : parsed;
  const bits = Number(mask);
  if (bits > bytes.length * 8) return undefined;
  const masked = bytes.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))));
  return { bytes: masked, bits };
}

/** Go prints an IPv4 address in IPv6 clothes as what it is, and the mask with it. */
function cidrText({ bytes, bits }: Cidr): string {
  const bare = parseIp(formatIp(bytes))!;
  return `${formatIp(bare)}/${bits - (bytes.length - bare.length) * 8}`;
}

function readPrefix(controller: Controller, value: string): Pick<Dns64Options, 'prefix' | 'prefixBits'> {
  const cidr = parseCidr(value);
  if (cidr === undefined) throw new CorefileError(text.cidrAddress(value));
  const { bytes, bits } = cidr;
  if (bytes.length !== 16) throw controller.error(text.dns64Family(cidrText(cidr)));
  if (bits % 8 !== 0 || bits < 32 || bits > 96) throw controller.error(text.dns64Length(cidrText(cidr)));
  return { prefix: [...bytes], prefixBits: bits };
}

function readOption(controller: Controller, options: Draft<Dns64Options>): void {
  switch (controller.value) {
    case 'prefix':
      Object.assign(options, readPrefix(controller, controller.argument()));
      return;
    case 'translate_all':
      options.translateAll = true;
      return;
    case 'allow_ipv4':
      options.allowIpv4 = true;
      return;
    default:
      throw controller.error(text.unknownProperty(controller.value));
  }
}

/**
 * Reads `dns64`. Behind a PREFIX the words of a block are read as if each began a line `dns64`, as in CoreDNS: of all options
 * only `prefix` then means something.
 * @throws CorefileError
 * @source coredns plugin/dns64/setup.go at v1.13.2
 */
export function setup(controller: Controller): Dns64Options {
  const options: Draft<Dns64Options> = {
    prefix: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    prefixBits: 96,
    translateAll: false,
    allowIpv4: false,
  };
  while (controller.next()) {
    const words = controller.remainingArguments();
    if (words.length > 1) throw controller.argumentError();
    if (words.length === 1) Object.assign(options, readPrefix(controller, words[0]));
    else while (controller.nextBlock()) readOption(controller, options);
  }
  return options;
}
