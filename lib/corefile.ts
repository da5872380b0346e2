/**
 * The Corefile as the DaemonSet mounts it: typed values to text. The cache fills in the __PILLAR__ names when it starts,
 * because only the node knows them.
 *
 * Layout matters in one place: k8s-dns-node-cache finds the forward block of `.` by its exact white space (4, 12, 4)
 * when the kube-dns ConfigMap names upstreams. @source kubernetes/dns cmd/node-cache/app/configmap.go
 */
import { type Common, hostsLines, rewriteLines, stubDomainLines } from './corefile/domains';
import { FORWARD_OPTIONS } from './corefile/forward';
import { LINT_HELPER } from './corefile/lint-template';
import { CLUSTER, UPSTREAM } from './corefile/pillars';
import { SERVER_BLOCK, serverBlock } from './corefile/server-block';
import { differs } from './helm/conditions';
import { type Lines, text, verbatim, when } from './helm/control';
import { choose, join, prepend } from './helm/functions';
import { definition } from './helm/named-lines';
import { hasOwnFlags, healthHost, metricsHost } from './mode';
import type { Values } from './values';

/** Folder of the user's own ConfigMap. */
export const IMPORT_FOLDER = '/etc/coredns-import';

/** The whole without what a user's Corefile would replace. */
function blocks(values: Values): Lines {
  const { zones, ports, clusterDomain, extraClusterDomains, importConfigMap, lameduckSeconds } = values;
  const common: Common = {
    isOwnImage: hasOwnFlags(values),
    metrics: `${metricsHost(values)}:${ports.metrics}`,
    hosts: values.hosts,
  };
  const reverse = { zone: zones.reverse, upstream: CLUSTER, ...common };
  return [
    hostsLines(values.hosts),
    serverBlock({
      names: `${join(prepend(extraClusterDomains, clusterDomain), ':53 ')}:53`,
      zone: zones.cluster,
      upstream: CLUSTER,
      ...common,
      // The probe's address, not the pillar: that stands for all local addresses, which `health` cannot take.
      health: `${healthHost(values)}:${ports.health}`,
      lameduckSeconds,
    }),
    serverBlock({ names: 'in-addr.arpa:53', ...reverse }),
    serverBlock({ names: 'ip6.arpa:53', ...reverse }),
    stubDomainLines(values.stubDomains, common),
    rewriteLines(values, common),
    serverBlock({
      names: '.:53',
      zone: zones.external,
      upstream: UPSTREAM,
      ...common,
      overrides: choose(differs(importConfigMap, ''), `${IMPORT_FOLDER}/*.override`, ''),
    }),
    verbatim(values.extraServerBlocks),
    when<Lines>(importConfigMap, `import ${IMPORT_FOLDER}/*.server`),
  ];
}

/**
 * The whole Corefile: the cluster domain, both reverse zones, domains with servers of their own, everything else, then
 * the user's own blocks; or the user's Corefile alone.
 * @returns text that ends in a newline
 */
export function corefile(values: Values): string {
  return text(verbatim(values.corefile, blocks(values)));
}

/** The named templates that the ConfigMap includes. */
export const COREFILE_HELPERS = [definition(FORWARD_OPTIONS), definition(SERVER_BLOCK), LINT_HELPER].join('\n');

export { type ServerBlock, serverBlock } from './corefile/server-block';
