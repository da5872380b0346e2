/** The values of a zone: what is kept, whom it asks, what it writes to the log (values-corefile.ts holds the others). */
import { flag, group, integer, list, objects, shape, text } from './helm/values';
import * as patterns from './patterns';

/** CoreDNS rounds what is below up to 1024; a million entries of one block would take over 3 GB there. */
const CAPACITY = { minimum: 1024, maximum: 999_999 };
/** A week: no record is worth keeping longer. */
const TTL = { minimum: 1, maximum: 604_800 };
/** How a server is asked; empty: as the client asked. */
export const PROTOCOLS = ['', 'force_tcp', 'prefer_udp'];
/** Which server is asked first. */
export const POLICIES = ['random', 'round_robin', 'sequential'];
/** Codes of answers that may lead to another server. @source RFC 1035 §4.1.1 */
const RCODES = ['FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];
/** At most 15, as CoreDNS has it. @source coredns plugin/forward/forward.go */
export const SERVERS = { maxItems: 15, uniqueItems: true };

/** Errors that are counted, not written. */
export const CONSOLIDATED = shape(
  {
    pattern: text('', 'Regular expression (RE2) that is searched in the error, such as i/o timeout$.', {
      pattern: patterns.QUOTED,
    }),
    seconds: integer(300, 'Time after which one line says how many there were, in seconds; 300 when left out.', {
      minimum: 1,
      maximum: 86_400,
    }),
    level: text('error', 'Level of that line: debug, info, warning or error, which is meant when left out.', {
      enum: ['debug', 'info', 'warning', 'error'],
    }),
  },
  ['pattern'],
);

function store(sentence: string, ttlSeconds: number) {
  return group(sentence, {
    capacity: integer(9984, 'Most answers kept, 1024 or more; about 200 bytes each.', CAPACITY),
    ttlSeconds: integer(ttlSeconds, 'Longest time an answer is kept, in seconds.', TTL),
    minTtlSeconds: integer(5, 'Shortest time, in seconds; where it is above the longest, that one counts.', {
      minimum: 0,
      maximum: 3600,
    }),
    except: list<string>(
      [],
      'Names whose answers are not kept, nor those of names below them. A dot is all names.',
      { type: 'string', pattern: patterns.DOMAIN_OR_ROOT, maxLength: patterns.NAME_MAX },
      { maxItems: 100, uniqueItems: true },
    ),
  });
}

const PREFETCH = group('Popular answers are fetched anew before their time is up.', {
  amount: integer(0, 'Questions that make an answer popular; 0 is off.', { minimum: 0, maximum: 1000 }),
  durationSeconds: integer(60, 'A longer pause between two of them, in seconds, and counting begins anew.', {
    minimum: 1,
    maximum: 86_400,
  }),
  percentage: integer(10, 'Share of its time that is left when it is fetched, in percent, 10 to 90.', {
    minimum: 10,
    maximum: 90,
  }),
});

const SERVE_STALE = group('Answers whose time is up are given when servers have none (RFC 8767).', {
  enabled: flag(false, 'Give them.'),
  durationSeconds: integer(3600, 'How long after their time, in seconds.', TTL),
  refresh: text(
    'verify',
    'verify: servers are asked first. immediate: they are asked after the stale answer was given.',
    { enum: ['verify', 'immediate'] },
  ),
  verifyTimeoutMs: integer(
    1800,
    'How long verify waits for servers, in milliseconds; 0 as long as forward does. Flavor nodelocaldns.',
    { minimum: 0, maximum: 10_000 },
  ),
  ttlSeconds: integer(30, 'TTL that clients are told, in seconds; 30 is the one of RFC 8767. Flavor nodelocaldns.', {
    minimum: 0,
    maximum: 3600,
  }),
  recheckSeconds: integer(
    0,
    'How long servers are left alone after they had no answer, in seconds. Flavor nodelocaldns.',
    { minimum: 0, maximum: 300 },
  ),
});

function forward(protocol: string, to: string) {
  return group('Who is asked for what is not kept.', {
    to: list<string>([], to, { type: 'string', pattern: patterns.UPSTREAM }, SERVERS),
    protocol: text(
      protocol,
      'force_tcp: always over TCP. prefer_udp: over UDP even for a client that came over TCP. Empty: as the client came.',
      { enum: PROTOCOLS },
    ),
    policy: text('random', 'Which server is asked first: random, round_robin or sequential.', { enum: POLICIES }),
    except: list<string>(
      [],
      'Names that are not forwarded, nor those below them.',
      { type: 'string', pattern: patterns.DOMAIN, maxLength: patterns.NAME_MAX },
      { maxItems: 100, uniqueItems: true },
    ),
    tlsServerName: text('', 'Name in the certificates of servers with tls://. Empty: their address.', {
      pattern: patterns.DOMAIN_OR_EMPTY,
      maxLength: patterns.NAME_MAX,
    }),
    expireSeconds: integer(10, 'Longest time a connection is kept unused, in seconds.', {
      minimum: 1,
      maximum: 3600,
    }),
    maxAgeSeconds: integer(
      0,
      'Longest time a connection is kept at all, in seconds, expireSeconds or more; 0 is no limit. Flavor nodelocaldns.',
      { minimum: 0, maximum: 86_400 },
    ),
    readTimeoutMs: integer(2000, 'Time a server has for an answer, in milliseconds. Flavor nodelocaldns.', {
      minimum: 100,
      maximum: 10_000,
    }),
    maxConcurrent: integer(0, 'Questions in flight; more are refused. 0 is no limit of its own.', {
      minimum: 0,
      maximum: 999_999,
    }),
    maxFails: integer(2, 'A server with more failed health checks in a row is down; 0: no server is ever down.', {
      minimum: 0,
      maximum: 1000,
    }),
    maxConnectAttempts: integer(0, 'Failed attempts until the client is told SERVFAIL; 0: two per server.', {
      minimum: 0,
      maximum: 1000,
    }),
    healthCheck: group('How a server that fails is watched.', {
      intervalMs: integer(500, 'Time between two questions, in milliseconds.', { minimum: 100, maximum: 60_000 }),
      domain: text('.', 'Name whose servers are asked for.', {
        pattern: patterns.DOMAIN_OR_ROOT,
        maxLength: patterns.NAME_MAX,
      }),
      noRecursion: flag(false, 'Ask without the wish for recursion (RD).'),
    }),
    failover: list<string>(
      [],
      'Codes that let the next server be asked: FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED.',
      { type: 'string', enum: RCODES },
      { uniqueItems: true },
    ),
    failFast: flag(false, 'SERVFAIL at once while all servers are down, instead of trying one.'),
  });
}

/**
 * The values of one zone.
 * @param denialTtlSeconds default for answers that there is nothing
 * @param protocol default of `forward.protocol`
 * @param to sentence about `forward.to`
 */
export function zone(sentence: string, denialTtlSeconds: number, protocol: string, to: string) {
  return group(sentence, {
    cache: group('What is kept.', {
      enabled: flag(true, 'Keep anything. False where every question is to go to a server.'),
      success: store('Answers that hold records.', 30),
      denial: store('Answers that say there is no such name or record.', denialTtlSeconds),
      prefetch: PREFETCH,
      serveStale: SERVE_STALE,
      servfailSeconds: integer(5, 'How long failures of servers are kept, in seconds; 0 not at all.', {
        minimum: 0,
        maximum: 300,
      }),
      keepTtl: flag(false, 'Answer with the TTLs that records came with, instead of the time that is left.'),
    }),
    forward: forward(protocol, to),
    log: group('A line for every answer: much, on a busy node.', {
      enabled: flag(false, 'Write it.'),
      classes: list<string>(
        [],
        'Which answers: success, denial (no such name or record), error. Empty: all.',
        { type: 'string', enum: ['all', 'success', 'denial', 'error'] },
        { uniqueItems: true },
      ),
      format: text('', 'The line, with words such as {name}; {common} and {combined} stand for whole lines.', {
        pattern: patterns.LOG_FORMAT,
      }),
    }),
    errors: group('Questions that could not be answered are lines of the log.', {
      consolidate: objects('Errors that are counted instead.', CONSOLIDATED, { maxItems: 20 }),
    }),
    suppressAAAA: flag(false, 'Answer questions for IPv6 addresses with none: for networks without IPv6.'),
    extraPlugins: text(
      '',
      'More lines for the server block, such as loadbalance. Used as they are: braces are not template code.',
      { pattern: patterns.COREFILE },
    ),
  });
}
