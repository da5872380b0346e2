/** `forward FROM TO… { options }` */
import { zonesOf } from '../../corefile/address';
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { UPSTREAMS_MAX } from '../../limits';
import { readOptions, type StanzaDraft } from './options';
import { readCandidates, type UpstreamOptions, upstreamsOf, withoutDot } from './upstreams';

/** In which order upstreams are tried. */
export type Policy = 'random' | 'round_robin' | 'sequential';

/** How a failing upstream is watched. */
export interface HealthCheckOptions {
  /** Time between two probes. @default 500 */
  readonly intervalMs: number;
  /** Set RD in probes. @default true */
  readonly recursionDesired: boolean;
  /** Name probes ask the NS records of, normalized. @default . */
  readonly domain: string;
}

/** A TO that is the name of a host. */
export interface UpstreamName {
  /** Without a final dot. */
  readonly name: string;
  /** Servers that were asked, `IP` or `IP:PORT`; none: the system's. */
  readonly resolvers: readonly string[];
  /** Its addresses when it was looked up. */
  readonly addresses: readonly string[];
}

/** One `forward`. */
export interface ForwardStanza {
  /** Names at or below it are forwarded, normalized. */
  readonly from: string;
  /** 1 to UPSTREAMS_MAX servers, in file order. */
  readonly upstreams: readonly UpstreamOptions[];
  /** Those of the TOs that are names. @default none */
  readonly names: readonly UpstreamName[];
  /** Names at or below these are not, normalized; a name equal to `from` always is. @default none */
  readonly except: readonly string[];
  /** Ask over TCP whatever the client used. @default false: as the client */
  readonly forceTcp: boolean;
  /** Ask over UDP first whatever the client used; force_tcp wins. @default false */
  readonly preferUdp: boolean;
  /** Longest a connection is kept unused. @default 10000 */
  readonly expireMs: number;
  /** Longest a connection is kept at all; 0 is without end. @default 0 */
  readonly ageMsMax: number;
  /** Unused connections kept per upstream and transport; 0 leaves it to our own limits. @default 0 */
  readonly idleConnectionsMax: number;
  /** Time an upstream has for one answer. @default 2000 */
  readonly readTimeoutMs: number;
  /** Our end of connections to upstreams; '' leaves it to the system. @default '' */
  readonly sourceAddress: string;
  /** An upstream with more failed probes than this is down; 0: never, and no probes. @default 2 */
  readonly failsMax: number;
  /** Failed attempts per query before SERVFAIL; 0: two per upstream. @default 0 */
  readonly connectAttemptsMax: number;
  /** Queries in flight in this stanza; more are refused; 0 is no limit of its own. @default 0 */
  readonly concurrentMax: number;
  /** An answer with one of these lets the next upstream be asked, each once. @default none */
  readonly failoverRcodes: readonly number[];
  /** An answer with one of these hands the question to the next stanza. @default none */
  readonly nextRcodes: readonly number[];
  /** So does NOERROR without records in the answer. @default false */
  readonly nextOnNodata: boolean;
  readonly policy: Policy;
  readonly healthCheck: HealthCheckOptions;
  /** Answer SERVFAIL at once when all upstreams are down, instead of trying one. @default false */
  readonly failfastAllUnhealthy: boolean;
}

/** What `forward` says. */
export interface ForwardOptions {
  /** In file order; the first that takes a name forwards it. */
  readonly stanzas: readonly ForwardStanza[];
}

function readFrom(controller: Controller): string {
  const written = controller.argument();
  const [from, ...more] = zonesOf(written);
  if (from === undefined) throw new CorefileError(text.forwardFrom(written));
  if (more.length > 0) controller.warn(text.forwardFromMany(written, from));
  return from;
}

function readStanza(controller: Controller): ForwardStanza {
  const stanza: StanzaDraft = {
    from: readFrom(controller),
    upstreams: [],
    names: [],
    except: [],
    forceTcp: false,
    preferUdp: false,
    expireMs: 0,
    ageMsMax: 0,
    idleConnectionsMax: 0,
    readTimeoutMs: 0,
    sourceAddress: '',
    failsMax: 2,
    connectAttemptsMax: 0,
    concurrentMax: 0,
    failoverRcodes: [],
    nextRcodes: [],
    nextOnNodata: false,
    policy: 'random',
    healthCheck: { intervalMs: 500, recursionDesired: true, domain: '.' },
    failfastAllUnhealthy: false,
  };
  const candidates = readCandidates(controller.arguments(1, Number.POSITIVE_INFINITY), controller);
  const block = readOptions(stanza, controller);
  const made = candidates.map((candidate) => upstreamsOf(candidate, block, controller.environment));
  stanza.upstreams = made.flat();
  stanza.names = candidates.flatMap(({ isName, host }, index) => {
    const addresses = made[index].map(({ address }) => address);
    return isName ? [{ name: withoutDot(host), resolvers: block.resolvers, addresses }] : [];
  });
  return stanza;
}

/**
 * Reads `forward`; several form a chain.
 * @throws CorefileError
 * @source coredns plugin/forward/setup.go at v1.13.2, and options of v1.14
 */
export function setup(controller: Controller): ForwardOptions {
  const stanzas: ForwardStanza[] = [];
  while (controller.next()) stanzas.push(readStanza(controller));
  for (const { upstreams } of stanzas) {
    if (upstreams.length > UPSTREAMS_MAX) {
      throw new CorefileError(text.forwardMany(UPSTREAMS_MAX, upstreams.length));
    }
  }
  return { stanzas };
}
