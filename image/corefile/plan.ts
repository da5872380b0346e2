/**
 * The plan: a checked Corefile as plain data. The main thread makes it (load.ts); it crosses to the worker by structured
 * clone, so it holds no functions and no class instances.
 */

export interface Plan {
  /** Sockets to serve, a UDP and TCP pair each, sorted by label. */
  readonly listeners: readonly ListenerPlan[];
  /** Server blocks in file order. */
  readonly blocks: readonly BlockPlan[];
}

export interface ListenerPlan {
  /** IPv4 or IPv6 address without brackets; `''` is the dual-stack wildcard. */
  readonly address: string;
  readonly port: number;
  /** `dns://127.0.0.1:53`, `dns://[fd00::1]:53`, `dns://:53`: the `server` label of CoreDNS's metrics. */
  readonly label: string;
  /** Zones served here, each once. */
  readonly zones: readonly ZonePlan[];
}

export interface ZonePlan {
  /** As a lower-case FQDN: `cluster.local.` or `.`. */
  readonly zone: string;
  /** Index into {@link Plan.blocks}. */
  readonly block: number;
}

export interface BlockPlan {
  /** The block's zones as FQDNs in file order. */
  readonly zones: readonly string[];
  /** Where the block begins. */
  readonly file: string;
  readonly line: number;
  /** One entry per directive used, in the order of chain/order.ts, not of the file. */
  readonly plugins: readonly PluginPlan[];
}

export interface PluginPlan<Options = unknown> {
  /** Directive name: `cache`, `forward`, … */
  readonly name: string;
  /** What the plugin's setup.ts made of its tokens: plain data. */
  readonly options: Options;
}
