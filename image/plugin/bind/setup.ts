/** `bind ADDRESS|INTERFACE… { except ADDRESS|INTERFACE… }` */
import type { Controller } from '../../corefile/controller';
import type { NetworkInterface } from '../../corefile/environment';
import { CorefileError, text } from '../../corefile/errors';
import { canonicalIp } from '../../corefile/ip-address';

/** What `bind` says. */
export interface BindOptions {
  /**
   * Addresses to listen on, in file order, interfaces replaced by their addresses. A block without `bind` has
   * `['']`.
   */
  readonly addresses: readonly string[];
}

function addressesOf(names: readonly string[], interfaces: readonly NetworkInterface[]): string[] {
  return names.flatMap((name) => {
    const device = interfaces.find((candidate) => candidate.name === name);
    if (device) return device.addresses.map((address) => canonicalIp(address) ?? address); // fe80::1%eth0 stays.
    const address = canonicalIp(name);
    if (address === undefined) throw new CorefileError(text.bindInvalid(name));
    return [address];
  });
}

function excepted(controller: Controller): string[] {
  let names: string[] = [];
  while (controller.nextBlock()) {
    if (controller.value !== 'except') throw new CorefileError(text.bindOption(controller.value));
    names = controller.remainingArguments();
    if (names.length === 0) throw new CorefileError(text.bindExceptNothing);
  }
  return names;
}

/**
 * Reads `bind`; several add up.
 * @throws CorefileError
 * @source coredns plugin/bind/setup.go
 */
export function setup(controller: Controller): BindOptions {
  const interfaces = controller.environment.listInterfaces();
  const addresses: string[] = [];
  const named: string[] = [];
  while (controller.next()) {
    const names = controller.remainingArguments();
    if (names.length === 0) throw new CorefileError(text.bindNothing);
    const exceptNames = excepted(controller);
    named.push(...names);
    const wanted = addressesOf(names, interfaces);
    const unwanted = new Set(addressesOf(exceptNames, interfaces));
    addresses.push(...wanted.filter((address) => !unwanted.has(address)));
  }
  // CoreDNS starts without a socket, and with trace or loop in the block it has crashed (coredns #7565).
  if (addresses.length === 0) throw new CorefileError(text.bindNothingLeft(named.join(' ')));
  return { addresses };
}
