/** What the main thread has to do for a plan: ports, files, probes. The workers do the rest. */
import type { BlockPlan, Plan } from '../corefile/plan';
import type { ListenAddress } from '../observe/http';
import type { DnstapOptions, TapOptions } from '../plugin/dnstap/setup';
import type { HealthOptions } from '../plugin/health/setup';
import type { HostsOptions } from '../plugin/hosts/setup';
import type { LoopOptions } from '../plugin/loop/setup';
import type { PprofOptions } from '../plugin/pprof/setup';
import type { PrometheusOptions } from '../plugin/prometheus/setup';
import type { ReadyOptions } from '../plugin/ready/setup';
import type { ReloadOptions } from '../plugin/reload/setup';
import type { TraceOptions } from '../plugin/trace/setup';
import type { WatchedHosts } from './hosts-watch';
import { parseListenAddress } from './listen-address';
import type { LoopTarget } from './loop-probe';

/** A directive's HTTP address. */
export interface AddressFact {
  readonly address: ListenAddress;
  /** Where the operator changes it: `the health directive of the server block at Corefile:1`. */
  readonly origin: string;
}

/** Main's part of a plan. */
export interface PlanFacts {
  /** Each address once, as in CoreDNS, whichever block names it first. */
  readonly metrics: readonly AddressFact[];
  /** Each address once. */
  readonly health: readonly (AddressFact & { readonly lameduckMs: number })[];
  /** Each address once, like those of pprof. */
  readonly ready: readonly AddressFact[];
  readonly pprof: readonly AddressFact[];
  /** Of every block with `trace`. */
  readonly traces: readonly TraceOptions[];
  readonly taps: readonly TapOptions[];
  /** Each file once, with the shortest interval of those who use it. */
  readonly hosts: readonly WatchedHosts[];
  readonly loops: readonly { readonly block: number; readonly zone: string; readonly target: LoopTarget }[];
  /** Of the last block with `reload`, which decides for the process as in CoreDNS; null without one. */
  readonly reload: ReloadOptions | null;
}

/** @throws Error for an address whose port is none, with the directive and its place */
export function planFacts(plan: Plan): PlanFacts {
  const metrics = new Map<string, AddressFact>();
  const health = new Map<string, AddressFact & { lameduckMs: number }>();
  const ready = new Map<string, AddressFact>();
  const pprof = new Map<string, AddressFact>();
  const traces: TraceOptions[] = [];
  const taps: TapOptions[] = [];
  const hosts = new Map<string, number>();
  const loops: PlanFacts['loops'][number][] = [];
  let reload: ReloadOptions | null = null;
  for (const [index, block] of plan.blocks.entries()) {
    for (const plugin of block.plugins) {
      if (plugin.name === 'prometheus') {
        const { address } = plugin.options as PrometheusOptions;
        if (!metrics.has(address)) metrics.set(address, addressFact(plugin.name, address, block));
      } else if (plugin.name === 'health') {
        const { address, lameduckMs } = plugin.options as HealthOptions;
        const before = health.get(address)?.lameduckMs ?? 0;
        const fact = addressFact(plugin.name, address, block);
        health.set(address, { ...fact, lameduckMs: Math.max(before, lameduckMs) });
      } else if (plugin.name === 'ready' || plugin.name === 'pprof') {
        const facts = plugin.name === 'ready' ? ready : pprof;
        const { address } = plugin.options as ReadyOptions | PprofOptions;
        if (!facts.has(address)) facts.set(address, addressFact(plugin.name, address, block));
      } else if (plugin.name === 'trace') {
        traces.push(plugin.options as TraceOptions);
      } else if (plugin.name === 'dnstap') {
        taps.push(...(plugin.options as DnstapOptions).taps);
      } else if (plugin.name === 'hosts') {
        const { path, reloadMs } = plugin.options as HostsOptions;
        hosts.set(path, shorterInterval(hosts.get(path), reloadMs));
      } else if (plugin.name === 'loop') {
        const { zone, address, port } = plugin.options as LoopOptions;
        loops.push({ block: index, zone, target: { address, port } });
      } else if (plugin.name === 'reload') {
        reload = plugin.options as ReloadOptions;
      }
    }
  }
  return {
    metrics: [...metrics.values()],
    health: [...health.values()],
    ready: [...ready.values()],
    pprof: [...pprof.values()],
    traces,
    taps,
    hosts: [...hosts].map(([path, reloadMs]) => ({ path, reloadMs })),
    loops,
    reload,
  };
}

function addressFact(directive: string, address: string, block: BlockPlan): AddressFact {
  const origin = `the ${directive} directive of the server block at ${block.file}:${block.line}`;
  try {
    return { address: parseListenAddress(address), origin };
  } catch (error) {
    throw new Error(`plugin/${directive}: ${(error as Error).message} - change ${origin}`);
  }
}

/** 0 means never, so it yields to any interval. */
function shorterInterval(before: number | undefined, interval: number): number {
  if (before === undefined || before === 0) return interval;
  return interval === 0 ? before : Math.min(before, interval);
}
