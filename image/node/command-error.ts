/** What operators are told when a tool failed: what was tried, what it said, and the way out. */
import type { CommandResult } from './command';
import { FirewallError } from './firewall';

/** Characters of a tool's words that are shown. */
const SAID_CHARACTERS_MAX = 400;

/** What failures look like, and what helps. The first that fits counts. */
const REPAIRS: readonly [RegExp, string][] = [
  [
    /unable to initialize table/i,
    'give the container the capabilities NET_ADMIN and NET_RAW, which iptables-legacy needs; if it has them, the kernel ' +
      'of this node lacks ip_tables: choose another with -firewall',
  ],
  [
    /open socket to ipset/i,
    'give the container the capability NET_RAW: iptables looks up sets through a raw socket; or choose -firewall nft',
  ],
  [
    /can't open lock file/i,
    'mount the host file /run/xtables.lock (hostPath, type FileOrCreate) writable into the container, so that all who write rules share its lock',
  ],
  [
    /Operation not permitted|Permission denied|you must be root/i,
    'give the container the capability NET_ADMIN, for iptables-legacy NET_RAW, too, and hostNetwork: true',
  ],
  [
    /Protocol not supported|Unable to initialize netlink|do not exist \(do you need to insmod|Table does not exist/i,
    'the kernel of this node lacks it; load nf_tables or ip_tables on the node, or choose the other with -firewall',
  ],
];

/** The lock of iptables-legacy is held: text of its versions 1.4.20 to 1.8.11. */
const LOCK = /holding the xtables lock/i;

/** @param tried the command line, for the message */
export function commandError(tried: string, result: CommandResult): FirewallError {
  const { code, signal, stderr, missing, timedOut } = result;
  const said = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('# Warning'))
    .join('; ')
    .slice(0, SAID_CHARACTERS_MAX);
  if (missing)
    return new FirewallError(
      `${tried}: no such program in this container; install it, or choose another with -firewall`,
    );
  if (timedOut) return new FirewallError(`${tried}: not finished in time and ended; the node may be short of CPU`);
  if (LOCK.test(stderr)) {
    const repair = 'see who writes rules on this node for so long: `fuser -v /run/xtables.lock`';
    return new FirewallError(`${tried}: ${said}; ${repair}`, 'iptables_lock');
  }
  const repair = REPAIRS.find(([pattern]) => pattern.test(stderr))?.[1];
  const what = said === '' ? `ended with ${signal ?? `status ${code}`}` : said;
  return new FirewallError(`${tried}: ${what}${repair === undefined ? '' : `; ${repair}`}`);
}
