/** The rules in the words of iptables: those of the Go agent byte for byte, so that each can check and delete the other's. */
import type { RulePlan } from './firewall';
import { ruleKey, type Saved, type SavedRule } from './iptables-save';
import {
  type FamilyPlan,
  OUR_COMMENT,
  type PortName,
  portRange,
  RULES,
  type RuleChain,
  type RuleRow,
  type RuleTable,
} from './rules';

/** One rule as iptables takes it. */
export interface IptablesRule {
  readonly table: RuleTable;
  readonly chain: RuleChain;
  readonly words: readonly string[];
  readonly key: string;
}

/** Set of each family's leases. */
export function ipsetName(isIpv6: boolean): string {
  return isIpv6 ? 'nodelocaldns6' : 'nodelocaldns4';
}

/** Sets count whole seconds, and a lease must not outlive what was promised. */
export function ipsetTimeoutSeconds(leaseMs: number): number {
  return Math.max(1, Math.floor(leaseMs / 1000));
}

/**
 * Rules of one family, in order.
 * @param hasSets the kernel can look into sets; without, those of the Go agent and the way out alone
 */
export function iptablesRules(plan: RulePlan, family: FamilyPlan, hasSets: boolean): IptablesRule[] {
  const rows = RULES.filter(({ only }) => only !== 'nft').filter(
    ({ sourcePort, action, lease }) => hasSets || (sourcePort !== 'keeper' && action !== 'renew' && lease !== 'ended'),
  );
  return rows.flatMap((row) => {
    const addresses = addressesFor(row, family);
    const protocols = row.protocols.length === 0 ? [''] : row.protocols;
    return addresses.flatMap((address) =>
      protocols.flatMap((protocol) =>
        actions(row, plan, family).map((action) => {
          const words = [
            ...matchWords(row, plan, family, address, protocol),
            ...action,
            '-m',
            'comment',
            '--comment',
            row.comment,
          ];
          return { table: row.table, chain: row.chain, words, key: ruleKey(words) };
        }),
      ),
    );
  });
}

/** Those that nobody else answers have no way out for their queries to be tracked for. */
function addressesFor({ target, lease }: RuleRow, { addresses, fallback, sole }: FamilyPlan): readonly string[] {
  if (target === 'fallback') return fallback;
  return lease === 'ended' ? addresses.filter((address) => !sole.includes(address)) : addresses;
}

function matchWords(row: RuleRow, plan: RulePlan, family: FamilyPlan, address: string, protocol: string): string[] {
  return [
    ...(protocol === '' ? [] : ['-p', protocol]),
    ...(row.source === undefined ? [] : ['-s', address]),
    ...(row.target === undefined ? [] : ['-d', address]),
    ...(row.isLeaving === true ? ['!', '-o', 'lo'] : []),
    ...(row.sourcePort === undefined ? [] : ['--sport', portText(row.sourcePort, plan)]),
    ...(row.targetPort === undefined ? [] : ['--dport', portText(row.targetPort, plan)]),
    ...(row.lease === 'ended' ? ['-m', 'set', '!', '--match-set', ipsetName(family.isIpv6), 'dst'] : []),
  ];
}

function portText(port: PortName, plan: RulePlan): string {
  return [...new Set(portRange(port, plan))].join(':');
}

/** Most rows have one; a DNAT has one per endpoint. */
function actions(row: RuleRow, plan: RulePlan, { isIpv6, endpoints }: FamilyPlan): string[][] {
  switch (row.action) {
    case 'untrack':
      return [['-j', 'NOTRACK']];
    case 'ask': // Rows of nft's: sets of iptables count whole seconds.
      return [];
    case 'accept':
      return [['-j', 'ACCEPT']];
    case 'masquerade':
      return [['-j', 'MASQUERADE']];
    case 'renew': {
      const timeout = String(ipsetTimeoutSeconds(plan.leaseMs));
      return [['-j', 'SET', '--add-set', ipsetName(isIpv6), 'src', '--exist', '--timeout', timeout]];
    }
    case 'dnat':
      return endpoints.map((endpoint, index) => [
        ...chance(endpoints.length - index),
        ...['-j', 'DNAT', '--to-destination', endpoint],
      ]);
  }
}

/** One in so many of what came this far; the kernel keeps 31 bits of it, and iptables-save prints those. */
function chance(oneIn: number): string[] {
  if (oneIn === 1) return [];
  const probability = (Math.round(2 ** 31 / oneIn) / 2 ** 31).toFixed(11);
  return ['-m', 'statistic', '--mode', 'random', '--probability', probability];
}

/** What is to be done. */
export interface Change {
  /** For `iptables-restore --noflush`; '' when all is well. */
  readonly input: string;
  /** A line for the log per rule put (back) or taken away. */
  readonly lines: readonly string[];
}

/**
 * One transaction that makes rules of ours the wanted ones, in order, once each, above all others of their chains. Where
 * anything differs in a chain, all of ours there are taken out and put in again; other rules are not touched.
 * @param tables those that were read
 */
export function changeText(
  saved: Saved,
  wanted: readonly IptablesRule[],
  tables: readonly RuleTable[],
  isOurs: (rule: SavedRule) => boolean,
): Change {
  const lines: string[] = [];
  let input = '';
  for (const table of tables) {
    let text = '';
    for (const chain of ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] as const) {
      const here = wanted.filter((rule) => rule.table === table && rule.chain === chain);
      const keys = new Set(here.map(({ key }) => key));
      const found = saved.rules.filter(
        (rule) => rule.table === table && rule.chain === chain && (keys.has(rule.key) || isOurs(rule)),
      );
      if (found.map(({ key }) => key).join('\n') === here.map(({ key }) => key).join('\n')) continue;
      for (const { text: rule } of found) text += `-D ${chain} ${rule}\n`;
      here.forEach(({ words }, index) => {
        text += `-I ${chain} ${index + 1} ${words.map(quoteWord).join(' ')}\n`;
      });
      lines.push(...differences(found, here, `${table} ${chain}`));
    }
    if (text !== '') input += `*${table}\n${text}COMMIT\n`;
  }
  return { input, lines };
}

function differences(found: readonly SavedRule[], wanted: readonly IptablesRule[], place: string): string[] {
  const left = found.map(({ key }) => key);
  const added = wanted.filter(({ key }) => {
    const at = left.indexOf(key);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const stale = found.filter(({ key }, index) => {
    const isFirst = found.findIndex((rule) => rule.key === key) === index;
    return !isFirst || !wanted.some((rule) => rule.key === key);
  });
  if (added.length === 0 && stale.length === 0) return [`Mended the order of nodelocaldns rules - {${place}}`];
  return [
    ...stale.map(({ text }) => `Removed nodelocaldns rule - {${place} [${text}]}`),
    // The Go agent's words, which operators search logs for.
    ...added.map(({ words }) => `Added back nodelocaldns rule - {${place} [${words.join(' ')}]}`),
  ];
}

function quoteWord(word: string): string {
  return word.includes(' ') ? `"${word}"` : word;
}

/**
 * Knows rules of ours and of the Go agent again, with comments and without.
 * @param addresses that we serve; a rule of ours names others that an earlier configuration had
 * @param isAny take the Go agent's for any address
 */
export function ourRules(saved: Saved, addresses: readonly string[], isAny: boolean): (rule: SavedRule) => boolean {
  const known = new Set(addresses);
  for (const rule of saved.rules.filter(isMarked)) for (const address of addressesOf(rule)) known.add(address);
  return (rule) => {
    if (isMarked(rule)) return true;
    const isNamed = addressesOf(rule).some((address) => known.has(address));
    if (RULES.some(({ only, comment }) => only !== 'nft' && comment === rule.comment)) return isAny || isNamed;
    return isNamed && rule.comment === '' && isGoShaped(rule);
  };
}

/**
 * What goes when a cache ends.
 * @param keepsGoRules the Go agent goes on: rules of its form are its own, from now on
 */
export function removable(
  saved: Saved,
  addresses: readonly string[],
  keepsGoRules: boolean,
): (rule: SavedRule) => boolean {
  const isOurs = ourRules(saved, addresses, false);
  return keepsGoRules ? (rule) => isOurs(rule) && isMarked(rule) : isOurs;
}

function isMarked({ comment }: SavedRule): boolean {
  return comment.startsWith(OUR_COMMENT);
}

/** A key, which has its options in order. */
const GO_SHAPE = /^--[ds]port \d+ (-d \S+ -j \S+ -p (tcp|udp)|-j \S+ -p (tcp|udp) -s \S+)$/;

function addressesOf({ key }: SavedRule): string[] {
  return [...key.matchAll(/(?<!! )-[sd] (\S+)/g)].map(([, address]) => address);
}

/** As versions before 1.22.19 wrote them: a protocol, an address, a port and a target, and nothing else. */
function isGoShaped({ table, key }: SavedRule): boolean {
  const target = table === 'raw' ? '-j NOTRACK' : '-j ACCEPT';
  return table !== 'nat' && key.includes(target) && GO_SHAPE.test(key);
}
