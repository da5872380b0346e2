/** What keeps the rules of a node, whichever tool writes them. */

/** What the rules are about. */
export interface RulePlan {
  /** IPv4 and IPv6 addresses that the cache serves. */
  readonly addresses: readonly string[];
  readonly dnsPort: number;
  readonly healthPort: number;
  /** Milliseconds after the last answer until the kernel lets pods go elsewhere. */
  readonly leaseMs: number;
  /** Standing DNAT for addresses that kube-proxy does not serve; without endpoints none is written. */
  readonly fallback: { readonly addresses: readonly string[]; readonly endpoints: readonly string[] };
}

/** The rules cannot be kept; `kind` is the label of coredns_nodecache_setup_errors_total. */
export class FirewallError extends Error {
  override readonly name = 'FirewallError';
  readonly kind: 'iptables' | 'iptables_lock';

  constructor(message: string, kind: 'iptables' | 'iptables_lock' = 'iptables') {
    super(message);
    this.kind = kind;
  }
}

/** One back-end. */
export interface Firewall {
  readonly name: 'nft' | 'iptables-nft' | 'iptables-legacy' | 'none';
  /** The kernel fails over by itself. */
  readonly leases: boolean;
  /** Make it as the plan wants. @returns a line per thing put (back) @throws FirewallError */
  ensure(plan: RulePlan): Promise<readonly string[]>;
  /** Let the lease end now. @throws FirewallError */
  endLease(addresses: readonly string[]): Promise<void>;
  /**
   * Take away everything of ours, and of the Go agent: a former one may have left it. A failure keeps nothing else.
   * @param keepsGoRules the Go agent is there: rules of its form stay
   * @param addresses whose rules a process before this one may have left, beside those of the plans so far
   * @throws FirewallError
   */
  remove(keepsGoRules?: boolean, addresses?: readonly string[]): Promise<void>;
}
