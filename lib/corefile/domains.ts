/** Server blocks of domains that the user names: stub domains, rewritten names; and the user's hosts. */

import { differs } from '../helm/conditions';
import { eachEntry, eachObject, type Lines, verbatim, when } from '../helm/control';
import { anyOf, choose, join } from '../helm/functions';
import type { Values } from '../values';
import { HOST, REWRITE, STUB_DOMAIN } from '../values-corefile';
import { CLUSTER, LOCAL, UPSTREAM } from './pillars';
import { NO_IPV6, type ServerBlock, serverBlock } from './server-block';

/** What all blocks have in common. */
export type Common = Pick<ServerBlock, 'isOwnImage' | 'metrics' | 'hosts'>;

/** A server block per stub domain, in the order of their names. */
export function stubDomainLines(stubDomains: Values['stubDomains'], { metrics, hosts }: Common): Lines {
  return eachEntry(stubDomains, STUB_DOMAIN, ['$domain', '$stub'], (domain, stub): Lines => {
    const forward = `    forward . ${join(stub.to, ' ')}`;
    const hasOptions = anyOf([stub.protocol, differs(stub.policy, 'random'), stub.tlsServerName]);
    return [
      `${domain}:53 {`,
      '    errors',
      when<Lines>(stub.log, '    log'),
      `    cache ${stub.ttlSeconds}`,
      '    reload',
      '    loop',
      `    bind ${LOCAL}`,
      when<Lines>(stub.suppressAAAA, NO_IPV6),
      when<Lines>(hosts, '    import hosts'),
      when<Lines>(
        hasOptions,
        [
          `${forward} {`,
          when<Lines>(stub.protocol, `            ${stub.protocol}`),
          when<Lines>(differs(stub.policy, 'random'), `            policy ${stub.policy}`),
          when<Lines>(stub.tlsServerName, `            tls_servername ${stub.tlsServerName}`),
          '    }',
        ],
        forward,
      ),
      `    prometheus ${metrics}`,
      verbatim(stub.extraPlugins, undefined, 4),
      '}',
    ];
  });
}

/** A server block per name that stands for another: it keeps and asks as the zone where the other name is. */
export function rewriteLines({ rewrites, zones }: Values, common: Common): Lines {
  return eachEntry(rewrites, REWRITE, ['$name', '$rewrite'], (name, { to, exact, external }) =>
    serverBlock({
      names: `${name}:53`,
      zone: choose(external, zones.external, zones.cluster),
      upstream: choose(external, UPSTREAM, CLUSTER),
      ...common,
      rewrite: choose(exact, `name exact ${name} ${to}`, `name suffix .${name} .${to} answer auto`),
    }),
  );
}

/**
 * The snippet that every block imports. It reads no file: /etc/hosts has names of the node that are nobody else's.
 * @source coredns plugin/hosts: without a file it is /etc/hosts
 */
export function hostsLines(hosts: Values['hosts']): Lines {
  return when<Lines>(hosts, [
    '(hosts) {',
    '    hosts /dev/null {',
    eachObject(hosts, HOST, '$host', ({ ip, names }): Lines => `            ${ip} ${join(names, ' ')}`),
    '            fallthrough',
    '    }',
    '}',
  ]);
}
