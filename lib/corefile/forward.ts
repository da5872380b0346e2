/** The `forward` of a server block. */
import { differs } from '../helm/conditions';
import { type Lines, when } from '../helm/control';
import { anyOf, fallback, inline, join } from '../helm/functions';
import { braced, type NamedLines } from '../helm/named-lines';
import { type Field, groupExpressions } from '../helm/values';
import type { Values } from '../values';
import { ZONE } from '../values-corefile';

type Forward = Values['zones']['cluster']['forward'];

/** `health_check DURATION [no_rec] [domain FQDN]`, where it is not that of CoreDNS: 0.5s, the root. */
function healthCheckLines({ intervalMs, domain, noRecursion }: Forward['healthCheck']): Lines {
  const named = differs(domain, '.');
  return when<Lines>(
    anyOf([differs(intervalMs, 500), noRecursion, named]),
    `health_check ${intervalMs}ms${inline(noRecursion, ' no_rec')}${inline(named, ` domain ${domain}`)}`,
  );
}

/** Options that differ from what holds without them. */
export const FORWARD_OPTIONS: NamedLines<{ readonly forward: Forward }> = {
  name: 'nodelocaldns.forwardOptions',
  sentence: 'Options of forward that differ from what holds without them.',
  inside: { forward: groupExpressions(ZONE.fields?.forward as Field<Forward>, '$forward') },
  lines: ({ forward }) => [
    when<Lines>(forward.protocol, forward.protocol),
    when<Lines>(differs(forward.policy, 'random'), `policy ${forward.policy}`),
    when<Lines>(forward.except, `except ${join(forward.except, ' ')}`),
    when<Lines>(forward.tlsServerName, `tls_servername ${forward.tlsServerName}`),
    when<Lines>(differs(forward.expireSeconds, 10), `expire ${forward.expireSeconds}s`),
    when<Lines>(forward.maxAgeSeconds, `max_age ${forward.maxAgeSeconds}s`),
    when<Lines>(differs(forward.readTimeoutMs, 2000), `read_timeout ${forward.readTimeoutMs}ms`),
    when<Lines>(forward.maxConcurrent, `max_concurrent ${forward.maxConcurrent}`),
    when<Lines>(differs(forward.maxFails, 2), `max_fails ${forward.maxFails}`),
    when<Lines>(forward.maxConnectAttempts, `max_connect_attempts ${forward.maxConnectAttempts}`),
    healthCheckLines(forward.healthCheck),
    when<Lines>(forward.failover, `failover ${join(forward.failover, ' ')}`),
    when<Lines>(forward.failFast, 'failfast_all_unhealthy_upstreams'),
  ],
};

/** @param upstream who is asked where the values name nobody */
export function forwardLines(forward: Forward, upstream: string): Lines {
  return braced(`forward . ${fallback(join(forward.to, ' '), upstream)}`, FORWARD_OPTIONS, { forward }, 4);
}
