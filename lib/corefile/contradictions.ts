/** Values of the Corefile that cannot work together, and texts that no image could read. */
import type { Construct } from 'constructs';
import { refuse } from '../helm/app';
import { differs, isBelow, not } from '../helm/conditions';
import { anyOf, both, hasKey, sharesElement, sharesKey, union } from '../helm/functions';
import { includes } from '../helm/lists';
import { hasOwnFlags } from '../mode';
import type { Values } from '../values';
import { type CorefileText, lint, lintStubDomains } from './lint';

type Zone = Values['zones']['cluster'];

/** The reverse zones, which have server blocks anyway. */
const REVERSE = { 'in-addr.arpa': '', 'ip6.arpa': '' };

/**
 * Refuse them: at once where they are plain, by Helm's `fail` where they are expressions.
 * @throws RangeError with the message of the first
 */
export function refuseCorefile(scope: Construct, values: Values): void {
  refuseTexts(scope, values);
  refuseReplaced(scope, values);
  refuseEqualZones(scope, values);
  for (const [name, zone] of Object.entries(values.zones)) refuseZone(scope, values, `zones.${name}`, zone);
  const { lameduckSeconds, daemonSet } = values;
  const grace = daemonSet.terminationGracePeriodSeconds;
  refuse(
    scope,
    'lameduck',
    both(lameduckSeconds, not(isBelow(lameduckSeconds, grace))),
    `lameduckSeconds is ${lameduckSeconds} and daemonSet.terminationGracePeriodSeconds ${grace}, so that the kubelet ` +
      'kills the pod before it has put its node in order: make the second one greater, by five or more',
  );
}

function refuseTexts(scope: Construct, values: Values): void {
  const { corefile, extraServerBlocks, zones } = values;
  const isOwnImage = hasOwnFlags(values);
  const texts: Omit<CorefileText, 'isOwnImage'>[] = [
    { name: 'corefile', text: corefile, depth: 0 },
    { name: 'extraServerBlocks', text: extraServerBlocks, depth: 0 },
    ...Object.entries(zones).map(([name, { extraPlugins }]) => ({
      name: `zones.${name}.extraPlugins`,
      text: extraPlugins,
      depth: 1 as const,
    })),
  ];
  for (const text of texts) {
    const wrong = lint({ ...text, isOwnImage });
    refuse(scope, `lint-${text.name}`, wrong as never, `${wrong}`);
  }
  const inDomains = lintStubDomains(values.stubDomains, isOwnImage);
  refuse(scope, 'lint-stubDomains', inDomains as never, `${inDomains}`);
}

/** A whole Corefile replaces what these values would write. */
function refuseReplaced(scope: Construct, values: Values): void {
  const { corefile, extraServerBlocks, stubDomains, rewrites, hosts } = values;
  const replaced = { extraServerBlocks, stubDomains, rewrites, hosts };
  for (const [name, value] of Object.entries(replaced)) {
    refuse(
      scope,
      `corefile-${name}`,
      both(corefile, value),
      `corefile and ${name} are both set, and corefile replaces everything: move what ${name} says into corefile and ` +
        `leave ${name} empty`,
    );
  }
}

/** A Corefile has each zone once. */
function refuseEqualZones(scope: Construct, values: Values): void {
  const { stubDomains, rewrites, clusterDomain, extraClusterDomains } = values;
  for (const [name, domains] of Object.entries({ stubDomains, rewrites })) {
    refuse(
      scope,
      `${name}-cluster`,
      hasKey(domains, clusterDomain),
      `${name} has ${clusterDomain}, which is clusterDomain: say it in zones.cluster`,
    );
    refuse(
      scope,
      `${name}-reverse`,
      sharesKey(domains, REVERSE),
      `${name} has in-addr.arpa or ip6.arpa: say it in zones.reverse, or name a part such as 10.in-addr.arpa`,
    );
  }
  refuse(
    scope,
    'stubDomains-rewrites',
    sharesKey(stubDomains, rewrites),
    'stubDomains and rewrites have a name in common, and a name has one server block: remove it from one',
  );
  refuse(
    scope,
    'extraClusterDomains',
    includes(extraClusterDomains, clusterDomain),
    `extraClusterDomains has ${clusterDomain}, which is clusterDomain: remove it there`,
  );
}

function refuseZone(scope: Construct, values: Values, name: string, { cache, forward }: Zone): void {
  const { maxAgeSeconds, expireSeconds, readTimeoutMs } = forward;
  refuse(
    scope,
    `${name}-age`,
    both(maxAgeSeconds, isBelow(maxAgeSeconds, expireSeconds)),
    `${name}.forward.maxAgeSeconds is ${maxAgeSeconds} and expireSeconds ${expireSeconds}, which it cannot be less than: ` +
      'lower expireSeconds, or set maxAgeSeconds to 0 for no limit',
  );
  refuse(
    scope,
    `${name}-itself`,
    sharesElement(union(values.localIPs, values.clusterDNS.ips), forward.to),
    `${name}.forward.to has an address of localIPs or clusterDNS.ips, where the cache would ask itself: name another ` +
      'server, or __PILLAR__CLUSTER__DNS__ for the cluster DNS pods',
  );
  const { verifyTimeoutMs, ttlSeconds, recheckSeconds } = cache.serveStale;
  const isNewer = [
    maxAgeSeconds,
    differs(readTimeoutMs, 2000),
    differs(verifyTimeoutMs, 1800),
    differs(ttlSeconds, 30),
    recheckSeconds,
  ];
  refuse(
    scope,
    `${name}-flavor`,
    both(not(hasOwnFlags(values)), anyOf(isNewer)),
    `image.flavor is k8s-dns-node-cache, which does not know what ${name} sets: remove forward.maxAgeSeconds, ` +
      'forward.readTimeoutMs, and of cache.serveStale verifyTimeoutMs, ttlSeconds and recheckSeconds',
  );
}
