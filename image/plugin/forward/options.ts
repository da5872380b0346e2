/** The block of `forward`: one reader per option. */
import { zonesOf } from '../../corefile/address';
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { formatDuration, parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { hostPortOrNothing } from '../../corefile/go-host-port';
import { parseInteger, parseUint32 } from '../../corefile/go-integer';
import { canonicalIp } from '../../corefile/ip-address';
import { isDomainName, normalizeName } from '../../corefile/zone-name';
import { EXCHANGE_TIMEOUT_MS, UPSTREAM_EXPIRE_MS } from '../../limits';
import { Rcode, rcodeByName } from '../../wire/codes';
import type { ForwardStanza, HealthCheckOptions, Policy } from './setup';
import { readTlsFiles, type TlsFiles } from './tls-files';

/** A stanza while it is read. */
export type StanzaDraft = Draft<ForwardStanza> & { except: string[]; failoverRcodes: number[]; nextRcodes: number[] };

/** What the block says of its TOs, which are made when all of it is read. Durations are in Go's units. */
export interface BlockOptions {
  expire: bigint;
  age: bigint;
  readTimeout: bigint;
  /** Null without `tls`: upstreams with `tls://` are then checked against the system's authorities. */
  tls: TlsFiles | null;
  /** `tls_servername`, or ''. */
  serverName: string;
  /** Servers to ask for the addresses of TOs that are names; none: those of the system. */
  resolvers: readonly string[];
}
type OptionReader = (stanza: StanzaDraft, controller: Controller, block: BlockOptions) => void;

const EXPIRE_DEFAULT = BigInt(UPSTREAM_EXPIRE_MS) * 1_000_000n;
const READ_TIMEOUT_DEFAULT = BigInt(EXCHANGE_TIMEOUT_MS) * 1_000_000n;
const POLICIES: readonly Policy[] = ['random', 'round_robin', 'sequential'];

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

/** Rcodes by name, at least one. @param noErrorText the refusal of NOERROR, where that cannot be meant */
function readRcodes(controller: Controller, noErrorText?: string): number[] {
  return controller.arguments(1, Number.POSITIVE_INFINITY).map((name) => {
    const rcode = rcodeByName(name.toUpperCase());
    if (rcode === undefined) throw new CorefileError(text.forwardRcode(name));
    if (rcode === Rcode.NOERROR && noErrorText !== undefined) throw new CorefileError(noErrorText);
    return rcode;
  });
}

function readReadTimeout(controller: Controller): bigint {
  const duration = parseDuration(controller.argument());
  if (duration <= 0n) throw new CorefileError(text.readTimeout(formatDuration(duration)));
  return duration;
}

function readSourceAddress(controller: Controller): string {
  const value = controller.argument();
  const address = canonicalIp(value);
  if (address === undefined) throw controller.error(text.sourceAddress(value));
  return address;
}

/** `resolver IP[:PORT]…` */
function readResolvers(controller: Controller): string[] {
  const values = controller.arguments(1, Number.POSITIVE_INFINITY);
  for (const value of values) {
    const host = hostPortOrNothing(value)?.host ?? value;
    if (canonicalIp(host) === undefined) throw new CorefileError(text.forwardResolver(value));
  }
  return values;
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
    expire(_stanza, controller, block) {
      block.expire = readDuration('expire', controller);
    },
    max_age(_stanza, controller, block) {
      block.age = readDuration('max_age', controller);
    },
    read_timeout(_stanza, controller, block) {
      block.readTimeout = readReadTimeout(controller);
    },
    source_address(stanza, controller) {
      stanza.sourceAddress = readSourceAddress(controller);
    },
    tls(_stanza, controller, block) {
      block.tls = readTlsFiles(controller.arguments(0, 3), controller.environment);
    },
    tls_servername(_stanza, controller, block) {
      block.serverName = controller.argument();
    },
    resolver(_stanza, controller, block) {
      block.resolvers = readResolvers(controller);
    },
    failover(stanza, controller) {
      stanza.failoverRcodes.push(...readRcodes(controller, text.failoverNoError));
    },
    next(stanza, controller) {
      stanza.nextRcodes.push(...readRcodes(controller));
    },
    next_on_nodata(stanza, controller) {
      stanza.nextOnNodata = readFlag(controller);
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
 * @returns what the block says of the stanza's upstreams
 * @throws CorefileError
 * @source coredns plugin/forward/setup.go at v1.13.2; max_age, max_idle_conns, next_on_nodata, resolver, read_timeout and
 *   source_address of v1.14
 */
export function readOptions(stanza: StanzaDraft, controller: Controller): BlockOptions {
  const block: BlockOptions = {
    expire: EXPIRE_DEFAULT,
    age: 0n,
    readTimeout: READ_TIMEOUT_DEFAULT,
    tls: null,
    serverName: '',
    resolvers: [],
  };
  while (controller.nextBlock()) {
    const read = OPTIONS.get(controller.value);
    if (read === undefined) throw controller.error(text.unknownProperty(controller.value));
    read(stanza, controller, block);
  }
  const { expire, age } = block;
  if (age > 0n && age < expire) {
    throw new CorefileError(text.maxAgeShort(formatDuration(age), formatDuration(expire)));
  }
  stanza.expireMs = toMilliseconds(expire);
  stanza.ageMsMax = toMilliseconds(age);
  stanza.readTimeoutMs = toMilliseconds(block.readTimeout);
  return block;
}
