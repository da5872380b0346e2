/** What operators are told when the link cannot be made: what was tried, why it failed, and the way out. */
import { EACCES, EPERM, errnoText } from '../kernel/errno';
import type { NetlinkReply } from '../kernel/netlink';
import { DEVICE_KINDS } from './device-kinds';

/** The link is not as it should be. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
  /** Positive; 0 when the kernel was not asked. */
  readonly errno: number;
  /** Done all the same, one line each. */
  readonly done: readonly string[];

  constructor(message: string, errno: number, done: readonly string[] = []) {
    super(message);
    this.errno = errno;
    this.done = done;
  }
}

/** A kernel's refusal: its errno as text, and its own words when it had some. */
function refusal({ error, explanation }: NetlinkReply): string {
  return explanation === '' ? errnoText(-error) : `${errnoText(-error)}: ${explanation}`;
}

/** @param what `add interface 'nodelocaldns'`, to go on after "Cannot" */
export function failed(what: string, reply: NetlinkReply): LinkError {
  const remedy = reply.error === -EPERM ? '; give the container the capability NET_ADMIN' : '';
  return new LinkError(`Cannot ${what}: ${refusal(reply)}${remedy}`, -reply.error);
}

/**
 * An address that was refused. Linux says EACCES for IPv6 where a sysctl disables it on the device, and EOPNOTSUPP
 * where it was booted without.
 */
export function addressRefused(address: string, name: string, reply: NetlinkReply): LinkError {
  const error = failed(`add ${address} to '${name}'`, reply);
  if (!address.includes(':')) return error;
  if (reply.error === -EACCES) {
    const remedy = `IPv6 is disabled there; set net.ipv6.conf.${name}.disable_ipv6=0 (and .default for the next one), or leave IPv6 out of -localip`;
    return new LinkError(`${error.message}: ${remedy}`, error.errno);
  }
  if (reply.error === -EPERM) return error;
  return new LinkError(
    `${error.message}; if the node was booted with ipv6.disable=1, leave IPv6 out of -localip`,
    error.errno,
  );
}

/** No kind of device can be had. */
export function noKind(name: string, errno: number): LinkError {
  const kinds = DEVICE_KINDS.join(', ');
  return new LinkError(
    `Cannot add interface '${name}': the kernel knows none of ${kinds}; load one (modprobe ${DEVICE_KINDS[0]}), or make ` +
      'the interface with its addresses yourself and run with -setupinterface=false',
    errno,
  );
}

/** Linux takes 15 octets (IFNAMSIZ), and forbids slashes, colons, blanks, and the two names of folders. */
export function nameProblem(name: string): LinkError | undefined {
  if (/^[^\s/:\x80-\uffff]{1,15}$/.test(name) && name !== '.' && name !== '..') return undefined;
  return new LinkError(
    `-interfacename is '${name}', want 1 to 15 ASCII characters without blank, slash and colon, as the kernel does`,
    0,
  );
}
