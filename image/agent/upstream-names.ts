/**
 * Upstreams whose Corefile gives a name: their addresses may change while we run. CoreDNS looks a name up at start and never
 * again; here it is asked for now and then, and when the answer is another one the Corefile is loaded anew.
 */
import { lookup, Resolver } from 'node:dns/promises';
import { canonicalIp } from '../corefile/ip-address';
import type { Plan } from '../corefile/plan';
import { HOST_LOOKUP_TIMEOUT_MS, UPSTREAM_NAMES_MS, UPSTREAM_NAMES_QUIET_MS } from '../limits';
import type { ForwardOptions, UpstreamName } from '../plugin/forward/setup';
import type { Cancel, Clock } from './world';

/** What watching needs. */
export interface UpstreamNamesAccess {
  readonly clock: Clock;
  /** The running plan. */
  plan(): Plan;
  /** @throws Error when there is no answer */
  lookUp(name: string, resolvers: readonly string[]): Promise<readonly string[]>;
  /** Load the Corefile anew. @param reason begins the log lines */
  reload(reason: string): Promise<void>;
}

/** Names of a plan's upstreams, each with the servers that know it once. */
export function upstreamNames(plan: Plan): UpstreamName[] {
  const names = new Map<string, UpstreamName>();
  for (const { plugins } of plan.blocks) {
    for (const { name, options } of plugins) {
      if (name !== 'forward') continue;
      for (const stanza of (options as ForwardOptions).stanzas) {
        for (const one of stanza.names) names.set(JSON.stringify([one.name, one.resolvers]), one);
      }
    }
  }
  return [...names.values()];
}

/** One per process. */
export class UpstreamNames {
  private readonly access: UpstreamNamesAccess;
  /** Until when a name that changed is left alone: some have other addresses in every answer. */
  private readonly quietUntilMs = new Map<string, number>();
  private cancel: Cancel = () => {};
  private isLooking = false;

  constructor(access: UpstreamNamesAccess) {
    this.access = access;
  }

  /** Look every UPSTREAM_NAMES_MS from now on. */
  start(): void {
    this.cancel();
    this.cancel = this.access.clock.every(UPSTREAM_NAMES_MS, () => void this.look());
  }

  stop(): void {
    this.cancel();
    this.cancel = () => {};
  }

  /** Ask for all names; the first that changed leads to a reload, which asks for all of them. */
  async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      const names = upstreamNames(this.access.plan());
      for (const known of this.quietUntilMs.keys()) {
        if (!names.some(({ name }) => name === known)) this.quietUntilMs.delete(known);
      }
      for (const one of names) if (await this.changed(one)) break;
    } finally {
      this.isLooking = false;
    }
  }

  private async changed({ name, resolvers, addresses }: UpstreamName): Promise<boolean> {
    const { clock, lookUp, reload } = this.access;
    if (clock.now() < (this.quietUntilMs.get(name) ?? 0)) return false;
    let found: readonly string[];
    try {
      found = await lookUp(name, resolvers);
    } catch {
      return false; // Who cannot be asked now keeps what we know.
    }
    if (
      found.length === 0 ||
      equalSets(
        found.map((address) => canonicalIp(address) ?? address),
        addresses,
      )
    )
      return false;
    this.quietUntilMs.set(name, clock.now() + UPSTREAM_NAMES_QUIET_MS);
    await reload(`upstream ${name} has other addresses`);
    return true;
  }
}

function equalSets(left: readonly string[], right: readonly string[]): boolean {
  const text = (values: readonly string[]) => [...new Set(values)].sort().join();
  return text(left) === text(right);
}

/**
 * Ask for a host's addresses without holding up the process.
 * @param resolvers `IP` or `IP:PORT` each; none: the system's way
 * @throws Error when there are none
 */
export async function lookUpLater(name: string, resolvers: readonly string[]): Promise<string[]> {
  if (resolvers.length === 0) return (await lookup(name, { all: true })).map(({ address }) => address);
  const resolver = new Resolver({ timeout: HOST_LOOKUP_TIMEOUT_MS, tries: 1 });
  resolver.setServers(resolvers.map((server) => (/^[^[]*:.*:/.test(server) ? `[${server}]` : server)));
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
  if (found.length === 0) throw new Error(`no addresses found for "${name}"`);
  // A family that could not be asked is not a family without addresses.
  for (const answer of answers) {
    if (answer.status === 'rejected' && !['ENODATA', 'ENOTFOUND'].includes(answer.reason.code)) throw answer.reason;
  }
  return found;
}
