/** The values of the Corefile (values.ts holds the others). */

import { group, integer, list, text } from './helm/values';
import * as patterns from './patterns';

/** CoreDNS rounds what is below up to 1024; a million entries of one block would take over 3 GB there. */
const CAPACITY = { minimum: 1024, maximum: 999_999 };
/** A week: no record is worth keeping longer. */
const TTL = { minimum: 1, maximum: 604_800 };
const PROTOCOLS = ['', 'force_tcp', 'prefer_udp'];

const CAPACITY_SENTENCE = 'Most answers kept, 1024 or more.';
const TTL_SENTENCE = 'Longest time an answer is kept, in seconds.';

function zone(sentence: string, denialTtlSeconds: number, protocol: string, to: string) {
  return group(sentence, {
    cache: group('What is kept.', {
      success: group('Answers that hold records.', {
        capacity: integer(9984, CAPACITY_SENTENCE, CAPACITY),
        ttlSeconds: integer(30, TTL_SENTENCE, TTL),
      }),
      denial: group('Answers that say there is no such name or record.', {
        capacity: integer(9984, CAPACITY_SENTENCE, CAPACITY),
        ttlSeconds: integer(denialTtlSeconds, TTL_SENTENCE, TTL),
      }),
    }),
    forward: group('Who is asked for what is not kept.', {
      to: list<string>([], to, { type: 'string', pattern: patterns.UPSTREAM }, { maxItems: 15, uniqueItems: true }),
      protocol: text(
        protocol,
        'force_tcp: always over TCP. prefer_udp: over UDP even for a client that came over TCP. Empty: as the ' +
          'client came.',
        { enum: PROTOCOLS },
      ),
    }),
  });
}

const TO_CLUSTER =
  'Servers as address, address:port, tls://address or a resolv.conf file. Empty: the cluster DNS pods, through ' +
  'upstreamService.';

/** What the cache keeps, whom it asks, and Corefile text of the user's own. */
export const COREFILE = {
  zones: group('Cache and upstreams by zone.', {
    cluster: zone('The cluster domain.', 5, 'force_tcp', TO_CLUSTER),
    reverse: zone('Addresses to names: in-addr.arpa and ip6.arpa.', 30, 'force_tcp', TO_CLUSTER),
    external: zone(
      'Everything else.',
      30,
      '',
      'Servers as address, address:port, tls://address or a resolv.conf file. Empty: upstreamNameservers of the ' +
        'kube-dns ConfigMap, or else the resolv.conf of the node.',
    ),
  }),
  extraServerBlocks: text('', 'Corefile text after the zones. Used as it is: braces are not template code.', {
    pattern: patterns.COREFILE,
  }),
  corefile: text(
    '',
    'A whole Corefile in place of all zones above. Used as it is; the __PILLAR__ names are filled in on the node.',
    { pattern: patterns.COREFILE },
  ),
  kubeDNSConfigMap: group('stubDomains and upstreamNameservers as kube-dns reads them.', {
    name: text('kube-dns', 'Name of that ConfigMap in the release namespace. It may be missing.', {
      pattern: patterns.OBJECT_NAME,
    }),
  }),
};
