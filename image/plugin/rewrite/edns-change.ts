/**
 * What `edns0` rules do with the options of a question.
 * @source coredns plugin/rewrite/edns0.go at v1.13.2
 */
import type { HandlerContext } from '../../chain/context';
import { TCP } from '../../chain/query';
import { parseIp } from '../../corefile/ip-address';
import { Option } from '../../wire/edns';
import { nameToText } from '../../wire/name-text';
import type { Draft, EdnsOption } from './draft';
import type { EdnsRule } from './rules';

/** What is undone in an answer: an option goes, or is what it was before. */
export interface EdnsRevert {
  readonly code: number;
  readonly before: EdnsOption | undefined;
}

/** What a rule did. */
export interface EdnsOutcome {
  readonly applied: boolean;
  readonly revert?: EdnsRevert;
}

/**
 * Codes with a form of their own in miekg/dns; `edns0 local` finds none of them in a question.
 * @source miekg/dns edns.go makeDataOpt: LLQ, UL, NSID, ESU, DAU, DHU, N3U, SUBNET … PADDING, EDE, REPORTING, ZONEVERSION
 */
const KNOWN_CODES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18, 19]);
const IGNORED: EdnsOutcome = { applied: false };

function number16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

/** Port of a server label such as `dns://[fd00::1]:53`. */
function portOf(server: string): number {
  return Number(/:(\d+)$/.exec(server)?.[1] ?? 0);
}

/** Address in a server label; of a wildcard socket it is `::`, which has no IPv4 form. */
function serverAddress(server: string, family: number): Uint8Array | undefined {
  const host = /^dns:\/\/\[?(.*?)\]?:\d+$/.exec(server)?.[1] || '::';
  const address = parseIp(host);
  return address?.length === 16 && family === 1 ? undefined : address;
}

/** Value of a variable in wire form; undefined when it has none. */
function variableValue(variable: string, draft: Draft, context: HandlerContext): Uint8Array | undefined {
  const query = draft.asked;
  switch (variable) {
    case '{qname}':
      return Buffer.from(nameToText(draft.name, 0), 'utf8');
    case '{qtype}':
      return number16(draft.type);
    case '{client_ip}':
      return parseIp(context.remoteAddress(query));
    case '{client_port}':
      return number16(context.remotePort(query));
    case '{server_ip}':
      return serverAddress(context.servers[query.listener], query.family);
    case '{server_port}':
      return number16(portOf(context.servers[query.listener]));
    case '{protocol}':
      return Buffer.from(query.protocol === TCP ? 'tcp' : 'udp');
    default: {
      const note = query.metadata?.get(variable.slice(1, -1)) ?? '';
      return note === '' ? undefined : Buffer.from(note, 'utf8');
    }
  }
}

/** FAMILY, SOURCE PREFIX-LENGTH, SCOPE 0 and the address as far as it counts (RFC 7871 §6). */
function subnetData(address: string, bits4: number, bits6: number): Uint8Array | undefined {
  const bytes = parseIp(address);
  if (bytes === undefined) return undefined;
  const bits = bytes.length === 4 ? bits4 : bits6;
  const kept = bytes.slice(0, Math.ceil(bits / 8));
  if (bits % 8 > 0) kept[kept.length - 1] &= 0xff00 >> (bits % 8);
  return Uint8Array.of(0, bytes.length === 4 ? 1 : 2, bits, 0, ...kept);
}

/** Put an option in place of the first that `isIt` finds, or behind all others. */
function put(rule: EdnsRule, draft: Draft, option: EdnsOption, isIt: (found: EdnsOption) => boolean): EdnsOutcome {
  const options = draft.options!;
  const at = options.findIndex(isIt);
  const { code } = option;
  if (at >= 0 && rule.action !== 'append') {
    const [before] = options.splice(at, 1, option);
    // Only local options come back: CoreDNS looks for the others under code 0.
    return { applied: true, revert: rule.revert && rule.option === 'local' ? { code, before } : undefined };
  }
  if (rule.action === 'replace') return IGNORED;
  // Values that CoreDNS works out are not appended to an option that is there; given ones are.
  const isWorkedOut = rule.option === 'subnet' || (rule.option === 'local' && typeof rule.data === 'string');
  if (at >= 0 && isWorkedOut) return IGNORED;
  options.push(option);
  return { applied: true, revert: rule.revert ? { code, before: undefined } : undefined };
}

function codeOf(rule: EdnsRule): number {
  if (rule.option === 'local') return rule.code;
  return rule.option === 'nsid' ? Option.NSID : Option.SUBNET;
}

function dataOf(rule: EdnsRule, draft: Draft, context: HandlerContext): Uint8Array | undefined {
  if (rule.option === 'nsid') return new Uint8Array(0);
  if (rule.option === 'subnet') return subnetData(context.remoteAddress(draft.asked), rule.bits4, rule.bits6);
  return typeof rule.data === 'string' ? variableValue(rule.data, draft, context) : Uint8Array.from(rule.data);
}

/** Apply a rule. A question without OPT record gets one, even when the rule then finds nothing to do. */
export function changeOptions(rule: EdnsRule, draft: Draft, context: HandlerContext): EdnsOutcome {
  const code = codeOf(rule);
  draft.optionsChanged = true;
  if (rule.action === 'unset') {
    draft.options = (draft.options ?? []).filter((option) => option.code !== code);
    return { applied: true };
  }
  const data = dataOf(rule, draft, context);
  if (data === undefined) return IGNORED;
  draft.options ??= [];
  const isIt = (found: EdnsOption) => found.code === code && (rule.option !== 'local' || !KNOWN_CODES.has(code));
  return put(rule, draft, { code, data }, isIt);
}

/** Undo in a list of options what rules with `revert` did, the last one first. */
export function revertOptions(options: readonly EdnsOption[], reverts: readonly EdnsRevert[]): EdnsOption[] {
  const reverted = [...options];
  for (const { code, before } of [...reverts].reverse()) {
    const at = reverted.findIndex((option) => option.code === code);
    if (at >= 0) reverted.splice(at, 1, ...(before === undefined ? [] : [before]));
  }
  return reverted;
}
