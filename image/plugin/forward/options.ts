/** The block of `forward`: one reader per option. */
import { zonesOf } from '../../corefile/address';
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { formatDuration, parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { parseInteger, parseUint32 } from '../../corefile/go-integer';
import { isDomainName, normalizeName } from '../../corefile/zone-name';
import { UPSTREAM_EXPIRE_MS } from '../../limits';
import type { ForwardStanza, HealthCheckOptions, Policy } from './setup';

/** A stanza while it is read. */
export type StanzaDraft = Draft<ForwardStanza> & { except: string[] };
/** Durations are checked against each other after the block, in Go's units. */
interface Durations {
  expire: bigint;
  age: bigint;
}
type OptionReader = (stanza: StanzaDraft, controller: Controller, durations: Durations) => void;

const EXPIRE_DEFAULT = BigInt(UPSTREAM_EXPIRE_MS) * 1_000_000n;
const POLICIES: readonly Policy[] = ['random', 'round_robin', 'sequential'];
/** Options of node-cache's forward that are refused for now. */
const LATER = ['tls', 'tls_servername', 'next', 'next_on_nodata', 'failover', 'resolver'];

function readDuration(option: string, controller: Controller): bigint {
  const duration = parseDuration(controller.argument());
  if (duration < 0n) throw new CorefileError(text.negative(option, formatDuration(duration)));
  return duration;
}

function readCount(option: string, controller: Controller): number {
  const count = parseInteger(controller.argument());
  if (count < 0) throw new CorefileError(text.negative(option, String(count)));
  return count;
}

/** `health_check DURATION [no_rec] [domain FQDN]` */
function readHealthCheck(controller: Controller): HealthCheckOptions {
  const interval = parseDuration(controller.argument());
  if (interval < 0n) throw new CorefileError(text.negative('health_check', String(interval)));
  let recursionDesired = true;
  let domain = '.';
  while (controller.nextArgument()) {
    const option = controller.value;
    if (option === 'no_rec') {
      recursionDesired = false;
    } else if (option === 'domain') {
      const name = controller.argument();
      if (!isDomainName(name)) throw new CorefileError(text.healthCheckDomain(name));
      domain = normalizeName(name);
    } else {
      throw new CorefileError(text.healthCheckOption(option));
    }
  }
  return { intervalMs: toMilliseconds(interval), recursionDesired, domain };
}

function readPolicy(controller: Controller): Policy {
  const name = controller.argument();
  const policy = POLICIES.find((candidate) => candidate === name);
  if (policy === undefined) throw controller.error(text.forwardPolicy(name));
  return policy;
}

/** A word that stands alone. */
function readFlag(controller: Controller): true {
  if (controller.nextArgument()) throw controller.argumentError();
  return true;
}

const OPTIONS: ReadonlyMap<string, OptionReader> = new Map<string, OptionReader>(
  Object.entries<OptionReader>({
    except(stanza, controller) {
      stanza.except.push(...controller.arguments(1, Number.POSITIVE_INFINITY).flatMap(zonesOf));
    },
    force_tcp(stanza, controller) {
      stanza.forceTcp = readFlag(controller);
    },
    prefer_udp(stanza, controller) {
      stanza.preferUdp = readFlag(controller);
    },
    expire(_stanza, controller, durations) {
      durations.expire = readDuration('expire', controller);
    },
    max_age(_stanza, controller, durations) {
      durations.age = readDuration('max_age', controller);
    },
    max_idle_conns(stanza, controller) {
      stanza.idleConnectionsMax = readCount('max_idle_conns', controller);
    },
    max_fails(stanza, controller) {
      stanza.failsMax = parseUint32(controller.argument());
    },
    max_connect_attempts(stanza, controller) {
      stanza.connectAttemptsMax = parseUint32(controller.argument());
    },
    max_concurrent(stanza, controller) {
      stanza.concurrentMax = readCount('max_concurrent', controller);
    },
    policy(stanza, controller) {
      stanza.policy = readPolicy(controller);
    },
    health_check(stanza, controller) {
      stanza.healthCheck = readHealthCheck(controller);
    },
    failfast_all_unhealthy_upstreams(stanza, controller) {
      controller.arguments(0, 0);
      stanza.failfastAllUnhealthy = true;
    },
  }),
);

/**
 * Read a stanza's block into `stanza`.
 * @throws CorefileError
 * @source coredns plugin/forward/setup.go at v1.13.2; max_age and max_idle_conns of v1.14
 */
export function readOptions(stanza: StanzaDraft, controller: Controller): void {
  const durations: Durations = { expire: EXPIRE_DEFAULT, age: 0n };
  while (controller.nextBlock()) {
    const name = controller.value;
    if (LATER.includes(name)) throw controller.laterError(name);
    const read = OPTIONS.get(name);
    if (read === undefined) throw controller.error(text.unknownProperty(name));
    read(stanza, controller, durations);
  }
  const { expire, age } = durations;
  if (age > 0n && age < expire) {
    throw new CorefileError(text.maxAgeShort(formatDuration(age), formatDuration(expire)));
  }
  stanza.expireMs = toMilliseconds(expire);
  stanza.ageMsMax = toMilliseconds(age);
}
