/**
 * The Corefile as the DaemonSet mounts it: typed zones to text. The cache fills in the __PILLAR__ names when it starts,
 * because only the node knows them.
 *
 * Layout matters in one place: k8s-dns-node-cache finds the forward block of `.` by its exact white space (4, 12, 4)
 * when the kube-dns ConfigMap names upstreams. @source kubernetes/dns cmd/node-cache/app/configmap.go
 */
import { type Lines, text, verbatim, when } from './helm/control';
import { fallback, join } from './helm/functions';
import { healthHost, metricsHost } from './mode';
import type { Values } from './values';

/** Addresses of `-localip`, space-separated. */
const LOCAL = '__PILLAR__LOCAL__DNS__';
/** ClusterIP of the upstream Service. */
const CLUSTER = '__PILLAR__CLUSTER__DNS__';
/** upstreamNameservers of the kube-dns ConfigMap, or /etc/resolv.conf. */
const UPSTREAM = '__PILLAR__UPSTREAM__SERVERS__';

/** One server block. */
export interface ZoneProps {
  /** Zones it answers for, without port. */
  readonly names: readonly string[];
  /** What it keeps and whom it asks. */
  readonly settings: Values['zones']['cluster'];
  /** Whom it asks where the settings name nobody. */
  readonly upstream: string;
  /** host:port of /metrics, the host empty for all addresses. */
  readonly metrics: string;
  /** host:port of /health; in one block only, because it is one listener. */
  readonly health?: string;
}

/** A server block, its directives in the order of the upstream manifest. */
export function serverBlock({ names, settings, upstream, metrics, health }: ZoneProps): Lines {
  const { cache, forward } = settings;
  const servers = fallback(join(forward.to, ' '), upstream);
  return [
    `${names.map((name) => `${name}:53`).join(' ')} {`,
    '    errors',
    '    cache {',
    `            success ${cache.success.capacity} ${cache.success.ttlSeconds}`,
    `            denial ${cache.denial.capacity} ${cache.denial.ttlSeconds}`,
    '    }',
    '    reload',
    '    loop',
    `    bind ${LOCAL}`,
    when(
      forward.protocol,
      [`    forward . ${servers} {`, `            ${forward.protocol}`, '    }'],
      [`    forward . ${servers}`],
    ),
    `    prometheus ${metrics}`,
    health === undefined ? undefined : `    health ${health}`,
    '}',
  ];
}

/**
 * The whole Corefile: the cluster domain, both reverse zones, everything else, then the user's own blocks; or the
 * user's Corefile alone.
 * @returns text that ends in a newline
 */
export function corefile(values: Values): string {
  const { zones, ports, clusterDomain } = values;
  const metrics = `${metricsHost(values)}:${ports.metrics}`;
  const reverse = { settings: zones.reverse, upstream: CLUSTER, metrics };
  const blocks: Lines = [
    // The probe's address, not the pillar: that stands for all local addresses, which `health` cannot take.
    serverBlock({
      names: [clusterDomain],
      settings: zones.cluster,
      upstream: CLUSTER,
      metrics,
      health: `${healthHost(values)}:${ports.health}`,
    }),
    serverBlock({ names: ['in-addr.arpa'], ...reverse }),
    serverBlock({ names: ['ip6.arpa'], ...reverse }),
    serverBlock({ names: ['.'], settings: zones.external, upstream: UPSTREAM, metrics }),
    verbatim(values.extraServerBlocks),
  ];
  return text(verbatim(values.corefile, blocks));
}
