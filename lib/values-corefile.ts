/** The values of the Corefile (values.ts holds the others). */

import { entries, flag, group, integer, list, objects, shape, text } from './helm/values';
import * as patterns from './patterns';
import { POLICIES, PROTOCOLS, SERVERS, zone } from './values-zones';

const TO_CLUSTER =
  'Servers as address, address:port, tls://address or a resolv.conf file; __PILLAR__CLUSTER__DNS__ and ' +
  '__PILLAR__UPSTREAM__SERVERS__ are filled in on the node. Empty: the cluster DNS pods, through upstreamService.';

/** Whom the names of a domain are asked of. */
export const STUB_DOMAIN = shape(
  {
    to: list<string>(
      [],
      'Its servers, as in zones.',
      { type: 'string', pattern: patterns.UPSTREAM },
      {
        ...SERVERS,
        minItems: 1,
      },
    ),
    protocol: text('', 'force_tcp, prefer_udp, or as the client came.', { enum: PROTOCOLS }),
    policy: text('random', 'random, round_robin or sequential; random when left out.', { enum: POLICIES }),
    tlsServerName: text('', 'Name in the certificates of servers with tls://.', {
      pattern: patterns.DOMAIN_OR_EMPTY,
      maxLength: patterns.NAME_MAX,
    }),
    ttlSeconds: integer(30, 'Longest time an answer is kept, in seconds; 30 when left out.', {
      minimum: 1,
      maximum: 604_800,
    }),
    log: flag(false, 'A line for every answer.'),
    suppressAAAA: flag(false, 'Answer questions for IPv6 addresses with none.'),
    extraPlugins: text('', 'More lines for the server block.', { pattern: patterns.COREFILE }),
  },
  ['to'],
);

/** What is asked for instead of a name. */
export const REWRITE = shape(
  {
    to: text('', 'What is asked for instead: a name for the name, its end for the end of the name.', {
      pattern: patterns.DOMAIN,
      maxLength: patterns.NAME_MAX,
    }),
    exact: flag(false, 'Only the name itself. False: names below it, and not the name itself.'),
    external: flag(false, 'Ask the servers of zones.external. False: those of zones.cluster.'),
  },
  ['to'],
);

/** A line of a hosts file. */
export const HOST = shape(
  {
    ip: text('', 'Address.', { pattern: patterns.IP }),
    names: list<string>(
      [],
      'Its names.',
      { type: 'string', pattern: patterns.DOMAIN, maxLength: patterns.NAME_MAX },
      {
        minItems: 1,
        maxItems: 20,
        uniqueItems: true,
      },
    ),
  },
  ['ip', 'names'],
);

const CLUSTER = zone('The cluster domain.', 5, 'force_tcp', TO_CLUSTER);

/** What every zone may say; defaults differ. */
export const ZONE = CLUSTER;

const KEYS = { type: 'string', pattern: patterns.DOMAIN, maxLength: patterns.NAME_MAX };

/** What the cache keeps, whom it asks, and Corefile text of the user's own. */
export const COREFILE = {
  zones: group('Cache and servers by zone.', {
    cluster: CLUSTER,
    reverse: zone('Addresses to names: in-addr.arpa and ip6.arpa.', 30, 'force_tcp', TO_CLUSTER),
    external: zone(
      'Everything else.',
      30,
      '',
      'Servers as address, address:port, tls://address or a resolv.conf file; __PILLAR__CLUSTER__DNS__ sends ' +
        'everything to the cluster DNS pods. Empty: upstreamNameservers of the kube-dns ConfigMap, or else the ' +
        'resolv.conf of the node.',
    ),
  }),
  extraClusterDomains: list<string>(
    [],
    'More domains that the cluster DNS pods answer for, such as one that the cluster had before.',
    { type: 'string', pattern: patterns.DOMAIN, maxLength: patterns.NAME_MAX },
    { maxItems: 20, uniqueItems: true },
  ),
  stubDomains: entries(
    'Domains with servers of their own, by name. They come beside those of the kube-dns ConfigMap.',
    STUB_DOMAIN,
    KEYS,
  ),
  rewrites: entries('Names that stand for others, by name; clients see the name they asked for.', REWRITE, KEYS),
  hosts: objects('Addresses of names that no server knows, as in a hosts file; in all zones.', HOST, {
    maxItems: 1000,
  }),
  extraServerBlocks: text('', 'Corefile text after the zones. Used as it is: braces are not template code.', {
    pattern: patterns.COREFILE,
  }),
  importConfigMap: text(
    '',
    'Name of a ConfigMap of yours in the release namespace: its keys *.override are lines for the server block of ' +
      'zones.external, its keys *.server are server blocks. It may be missing.',
    { pattern: patterns.SUBDOMAIN_OR_EMPTY, maxLength: patterns.NAME_MAX },
  ),
  corefile: text(
    '',
    'A whole Corefile in place of all zones above. Used as it is; the __PILLAR__ names are filled in on the node.',
    { pattern: patterns.COREFILE },
  ),
  kubeDNSConfigMap: group('stubDomains and upstreamNameservers as kube-dns reads them.', {
    name: text('kube-dns', 'Name of that ConfigMap in the release namespace. It may be missing.', {
      pattern: patterns.SUBDOMAIN,
      maxLength: patterns.NAME_MAX,
    }),
  }),
  lameduckSeconds: integer(
    0,
    'How long a pod that is told to stop goes on answering, in seconds; less than ' +
      'daemonSet.terminationGracePeriodSeconds. The lease of flavor nodelocaldns makes it needless.',
    { minimum: 0, maximum: 3600 },
  ),
};
