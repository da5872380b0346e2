/**
 * A Corefile to values: to the typed zones where the Corefile that the chart makes of them says the same, else as it is.
 * Whether it says the same is asked of the chart's own code, so that nothing is carried over that would come out different.
 */
import { isDeepStrictEqual } from 'node:util';
import { manifests } from '../chart/manifests';
import { corefile } from '../corefile';
import { merge } from '../helm/values';
import { DOMAIN } from '../patterns';
import { DEFAULTS, type UserValues, type Values } from '../values';
import { type Directive, readCorefile, type ServerBlock } from './corefile-text';
import { Draft, isGroup } from './draft';
import type { Addresses } from './flags';
import { readZone, words, type ZoneReading } from './zone-reading';

const CLUSTER = '__PILLAR__CLUSTER__DNS__';
const UPSTREAM = '__PILLAR__UPSTREAM__SERVERS__';
const LOCAL = '__PILLAR__LOCAL__DNS__';
const ZONES = ['cluster', 'reverse4', 'reverse6', 'external'] as const;
type Zone = (typeof ZONES)[number];

/** The blocks of the chart's own Corefile, and those beside them. */
interface Roles extends Readonly<Record<Zone, ServerBlock>> {
  /** Domains of the cluster, the first first. */
  readonly domains: readonly string[];
  readonly extra: readonly ServerBlock[];
}

/**
 * Carry a Corefile over.
 * @param written as in the ConfigMap; names that an install script would have filled in may still be there
 * @param addresses those of `-localip`
 */
export function carryCorefile(draft: Draft, written: string, addresses: Addresses): void {
  const text = filledIn(draft, written.replaceAll('\r', ''));
  const blocks = readCorefile(text);
  carryPorts(draft, blocks ?? []);
  const reason = blocks === undefined ? 'its braces do not match' : carryZones(draft, blocks, addresses);
  if (reason === undefined) return;
  draft.set('corefile', text.endsWith('\n') ? text : `${text}\n`);
  draft.note('Corefile', `is carried over as it is, in the value corefile: ${reason}`);
  if (blocks === undefined || blocks.some(({ directives }) => directives.some(({ name }) => name === 'health'))) return;
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'])
    draft.set(`daemonSet.${probe}.enabled`, false);
  draft.note(
    'Corefile',
    'has no health directive, so that the probes are off. Add one and remove the lines that say so',
  );
}

/** Names that the node does not fill in: the manifest of Kubernetes has them for an install script. */
function filledIn(draft: Draft, text: string): string {
  if (!/__PILLAR__DNS__(DOMAIN|SERVER)__/.test(text)) return text;
  draft.note(
    '__PILLAR__DNS__DOMAIN__, __PILLAR__DNS__SERVER__',
    'were never filled in; they are cluster.local, and the address that each node knows',
  );
  return text
    .replaceAll('__PILLAR__DNS__DOMAIN__', DEFAULTS.clusterDomain)
    .replace(/^(\s*bind\s.*)\s__PILLAR__DNS__SERVER__/gm, '$1')
    .replaceAll('__PILLAR__DNS__SERVER__', CLUSTER);
}

function carryPorts(draft: Draft, blocks: readonly ServerBlock[]): void {
  const readings = blocks.map(readZone);
  const port = (text = ''): number | undefined => Number(/:([0-9]+)$/.exec(text)?.[1]) || undefined;
  draft.set('ports.metrics', readings.map(({ prometheus }) => port(prometheus)).find(Boolean));
  draft.set('ports.health', readings.map(({ health }) => port(health)).find(Boolean));
}

/** @returns why typed zones cannot say the same; undefined when they do, and are set */
function carryZones(draft: Draft, blocks: readonly ServerBlock[], addresses: Addresses): string | undefined {
  const hasParts = blocks.some(
    ({ keys, directives }) => /^\(/.test(keys[0]) || directives.some(({ name }) => name === 'import'),
  );
  if (hasParts) return 'it has snippets or imports';
  const roles = rolesOf(blocks);
  if (typeof roles === 'string') return roles;
  const readings = readingsOf(roles, addresses);
  if (!isDeepStrictEqual(compared(readings.reverse4), compared(readings.reverse6)))
    return 'in-addr.arpa and ip6.arpa differ';
  const trial = new Draft();
  const [clusterDomain, ...more] = roles.domains;
  trial.set('clusterDomain', clusterDomain);
  trial.set('extraClusterDomains', more);
  setZone(trial, 'cluster', readings.cluster);
  setZone(trial, 'reverse', readings.reverse4);
  setZone(trial, 'external', readings.external);
  setExtra(trial, roles.extra, addresses);
  trial.set('lameduckSeconds', lameduckSeconds(readings));
  const reason = whyNot(merge(draft.values, trial.values), readings, addresses);
  if (reason !== undefined) return reason;
  copy(trial.values, '', draft);
  remarkOnBind(
    draft,
    Object.values(readings).flatMap(({ bind }) => (bind.length > 0 ? bind : ['0.0.0.0'])),
    addresses,
  );
  return undefined;
}

/** It holds for the process, whichever block says it. */
function lameduckSeconds(readings: Record<Zone, ZoneReading>): number {
  return Math.max(...ZONES.map((role) => readings[role].lameduckSeconds));
}

/** Blocks of domains with servers of their own become values where the chart would write the same; others stay text. */
function setExtra(draft: Draft, blocks: readonly ServerBlock[], addresses: Addresses): void {
  const stubs = blocks.map((block) => stubDomain(block, addresses));
  const entries = stubs.flatMap((stub) => (stub === undefined ? [] : [stub]));
  draft.set('stubDomains', Object.fromEntries(entries));
  const rest = blocks.filter((_, index) => stubs[index] === undefined);
  draft.set('extraServerBlocks', rest.map(({ text }) => `${text}\n`).join(''));
}

/** Name and value of a stub domain; undefined when no value says what the block says. */
function stubDomain(block: ServerBlock, { local, cluster }: Addresses): readonly [string, object] | undefined {
  const [name, ...more] = block.keys.map((key) => key.replace(/:53$/, ''));
  const { zone, extra, bind } = readZone(block);
  const isOurs = bind.length > 0 && bind.every((address) => [LOCAL, ...local, ...cluster].includes(address));
  if (more.length > 0 || !isOurs || !new RegExp(DOMAIN).test(name)) return undefined;
  const { to, protocol, policy, tlsServerName } = zone.forward;
  const said = {
    to,
    protocol,
    policy,
    tlsServerName,
    ttlSeconds: zone.cache.success.ttlSeconds,
    log: zone.log.enabled,
    suppressAAAA: zone.suppressAAAA,
    extraPlugins: linesOf(extra),
  };
  const unsaid: Record<string, unknown> = {
    protocol: '',
    policy: 'random',
    tlsServerName: '',
    ttlSeconds: 30,
    log: false,
    suppressAAAA: false,
    extraPlugins: '',
  };
  const stub = Object.fromEntries(Object.entries(said).filter(([key, value]) => unsaid[key] !== value));
  const written = readCorefile(corefile(merge<Values>(DEFAULTS, { stubDomains: { [name]: stub } } as UserValues)));
  const ours = written?.find(({ keys }) => keys[0] === `${name}:53`);
  const isSame = ours !== undefined && isDeepStrictEqual(compared(readZone(ours)), compared(readZone(block)));
  return isSame && readZone(block).health === undefined ? [name, stub] : undefined;
}

/** Which block is which, or why they are not those of the chart. */
function rolesOf(blocks: readonly ServerBlock[]): Roles | string {
  const names = ({ keys }: ServerBlock): string[] => keys.map((key) => key.replace(/:53$/, '').replace(/(.)\.$/, '$1'));
  const find = (name: string): ServerBlock | undefined => blocks.find((block) => names(block).includes(name));
  const [reverse4, reverse6, external] = [find('in-addr.arpa'), find('ip6.arpa'), find('.')];
  const hasHealth = ({ directives }: ServerBlock): boolean => directives.some(({ name }) => name === 'health');
  const candidates = [find(DEFAULTS.clusterDomain), ...blocks.filter(hasHealth)];
  const cluster = candidates.find((block) => block && ![reverse4, reverse6, external].includes(block));
  const wanted = {
    'the cluster domain': cluster,
    'in-addr.arpa': reverse4,
    'ip6.arpa': reverse6,
    'all other names': external,
  };
  const missing = Object.entries(wanted).flatMap(([name, block]) => (block ? [] : [name]));
  if (!cluster || !reverse4 || !reverse6 || !external) return `it has no block for ${missing.join(' and ')}`;
  const reverse = new Set([...names(reverse4), ...names(reverse6)]);
  if (names(external).length > 1 || reverse.size > 2) return 'a block of it is for several zones';
  const own = [cluster, reverse4, reverse6, external];
  const domains = [...names(cluster)].sort(
    (one, other) => Number(other === DEFAULTS.clusterDomain) - Number(one === DEFAULTS.clusterDomain),
  );
  return { cluster, reverse4, reverse6, external, domains, extra: blocks.filter((block) => !own.includes(block)) };
}

/** What the blocks say, with one word for the servers that the chart names by itself. */
function readingsOf(roles: Roles, { cluster }: Addresses): Record<Zone, ZoneReading> {
  const read = (role: Zone): ZoneReading => {
    const reading = readZone(roles[role]);
    const own = role === 'external' ? [UPSTREAM] : [CLUSTER, ...cluster];
    const to = reading.zone.forward.to.map((server) => (own.includes(server) ? own[0] : server));
    return { ...reading, zone: { ...reading.zone, forward: { ...reading.zone.forward, to } } };
  };
  return Object.fromEntries(ZONES.map((role) => [role, read(role)])) as Record<Zone, ZoneReading>;
}

function setZone(draft: Draft, name: 'cluster' | 'reverse' | 'external', { zone, extra }: ZoneReading): void {
  const own = name === 'external' ? UPSTREAM : CLUSTER;
  const isUnsaid = isDeepStrictEqual(zone.forward.to, [own]);
  const forward = { ...zone.forward, to: isUnsaid ? [] : zone.forward.to };
  copy({ ...zone, forward, extraPlugins: linesOf(extra) }, `zones.${name}.`, draft);
}

function linesOf(directives: readonly Directive[]): string {
  return directives.map(({ text }) => `${outdented(text)}\n`).join('');
}

/** Lines after the first, without the blanks that the last of them begins with. */
function outdented(text: string): string {
  const blanks = /(?:^|\n)([ \t]*)\S*$/.exec(text)?.[1] ?? '';
  return text.replaceAll(`\n${blanks}`, '\n');
}

/** @returns why the values do not say what was read; undefined when they do */
function whyNot(values: UserValues, readings: Record<Zone, ZoneReading>, addresses: Addresses): string | undefined {
  for (const role of ZONES) if (readings[role].lost.length > 0) return `no value says '${readings[role].lost[0]}'`;
  try {
    manifests({ values });
  } catch (error) {
    return (error as Error).message.replaceAll(/\n(- )?/g, ' ');
  }
  const written = rolesOf(readCorefile(corefile(merge<Values>(DEFAULTS, values))) ?? []);
  if (typeof written === 'string') return written;
  const ours = readingsOf(written, addresses);
  if (lameduckSeconds(ours) !== lameduckSeconds(readings)) return 'lameduck would differ';
  for (const role of ZONES) {
    const [said, made] = [compared(readings[role]), compared(ours[role])];
    const name = Object.keys(made).find((key) => !isDeepStrictEqual(said[key], made[key]));
    if (name !== undefined) return `the block ${written[role].keys[0]} would differ in ${name}`;
  }
  return undefined;
}

/** What must be equal: not the addresses, which are the chart's, and not which block the probes ask. */
function compared({ zone, plain, hasPrometheus, extra, lost }: ZoneReading): Record<string, unknown> {
  const { extraPlugins, ...said } = zone;
  return { ...said, 'errors, reload, loop': plain, prometheus: hasPrometheus, plugins: extra.map(words).sort(), lost };
}

function copy(tree: object, prefix: string, draft: Draft): void {
  for (const [name, value] of Object.entries(tree)) {
    if (isGroup(prefix + name)) copy(value, `${prefix}${name}.`, draft);
    else draft.set(prefix + name, value);
  }
}

function remarkOnBind(draft: Draft, bound: readonly string[], { local, cluster }: Addresses): void {
  const known = new Set([LOCAL, ...local, ...cluster]);
  const more = [...new Set(bound)].filter((address) => !known.has(address));
  if (more.length === 0) return;
  const isEverywhere = more.includes('0.0.0.0') || more.includes('::');
  const where = isEverywhere ? 'answered on every address of the node' : 'named other addresses';
  draft.note(`bind ${more.join(' ')}`, `${where}; the cache answers on localIPs and clusterDNS.ips, and nowhere else`);
}
