/**
 * The machine underneath as the agent uses it: link, rules, lease. The real ones are put together in system-node.ts; tests
 * bring their own and guard a node without touching one.
 */

import type { AskServer } from '../node/fallback';
import type { Firewall, RulePlan } from '../node/firewall';
import type { EndedFlows } from '../node/flows';
import type { OtherInstance } from '../node/instances';
import type { AskOurselves } from '../node/keeper';
import type { Link } from '../node/link';
import type { Log } from '../observe/log';
import type { FirewallChoice } from './flags';
import type { Clock } from './world';

/** The network interface that holds the addresses. */
export type LinkPort = Pick<Link, 'ensure' | 'dropFormer' | 'remove' | 'addressesOf' | 'forgetRoutes' | 'kind'>;

/** Looks for changes that others made to link and rules. */
export interface ChangesPort {
  /** What cannot be watched, and why, for the log. */
  readonly problems: readonly string[];
  /** Since the last time. Never blocks. */
  poll(): { readonly link: boolean; readonly rules: boolean };
  close(): void;
}

/** This process among others that serve the same link. */
export interface InstancePort {
  /** Others, also after {@link close}. @throws Error when they cannot be seen */
  others(): readonly OtherInstance[];
  /** Others no longer see this one. */
  close(): void;
}

/** Everything about the node that is not a socket of ours. */
export interface NodePorts {
  readonly link: LinkPort;
  /** @throws Error when what was asked for is not there */
  chooseFirewall(choice: FirewallChoice, log: Log): Promise<Firewall>;
  /** @param link '' for none @param firewall null when no rules are kept */
  watch(link: string, firewall: Firewall | null): ChangesPort;
  /** @throws Error when the kernel refuses */
  register(link: string): InstancePort;
  /** @param dnsPort where the cache listens */
  askOurselves(dnsPort: number, clock: Clock): AskOurselves;
  readonly askServer: AskServer;
  /** Addresses on which programs that are none of ours have a socket; none when that cannot be seen. */
  servedByOthers(addresses: readonly string[], port: number): readonly string[];
  /** End tracked flows that do not follow the rules of the plan; never throws. */
  endFlows(plan: RulePlan): Promise<EndedFlows>;
}
