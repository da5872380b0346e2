/**
 * A server block as values of a zone, whatever it is written like: two blocks that read the same behave alike. Every option
 * that is not said has the meaning it has in CoreDNS when it is not said.
 */
import { DEFAULTS, type Values } from '../values';
import type { Directive, ServerBlock } from './corefile-text';

type Zone = Values['zones']['external'];
/** A zone that is being read. */
type Draft<T> = T extends readonly (infer E)[] ? E[] : T extends object ? { -readonly [K in keyof T]: Draft<T[K]> } : T;

/** What a block says. */
export interface ZoneReading {
  /** Everything that a zone of the chart has a value for, `extraPlugins` aside. */
  readonly zone: Zone;
  /** Which of the directives that each block of the chart has are there, sorted. */
  readonly plain: readonly string[];
  readonly hasPrometheus: boolean;
  /** host:port of prometheus and health as written, where they are there. */
  readonly prometheus?: string;
  readonly health?: string;
  /** Of `health`. */
  readonly lameduckSeconds: number;
  /** Addresses of `bind`. */
  readonly bind: readonly string[];
  /** Directives that no value says: lines of `extraPlugins`. */
  readonly extra: readonly Directive[];
  /** Lines for which there is no place at all, sorted. */
  readonly lost: readonly string[];
}

/** Of a cache without numbers. @source coredns plugin/cache at v1.13.2 */
const UNSAID_SECONDS = { success: 3600, denial: 1800 };
/** Each block of the chart has these once, so that a second one cannot stand beside them. */
const OWN = ['errors', 'cache', 'reload', 'loop', 'bind', 'forward', 'prometheus', 'health'];
const NO_IPV6 = 'template IN AAAA { rcode NOERROR }';

/** A directive as one line of words. */
export function words({ name, parameters, body }: Directive): string {
  return [name, ...parameters, ...(body.length > 0 ? ['{', ...body.flat(), '}'] : [])].join(' ');
}

/** A copy of plain values. */
function cloned<T>(values: T): T {
  return JSON.parse(JSON.stringify(values)) as T;
}

/** A block that says nothing, in values: nothing is kept, and `forward` asks as CoreDNS does. */
function silent(): Draft<Zone> {
  const zone = cloned(DEFAULTS.zones.external) as Draft<Zone>;
  zone.cache.enabled = false;
  zone.cache.success.ttlSeconds = UNSAID_SECONDS.success;
  zone.cache.denial.ttlSeconds = UNSAID_SECONDS.denial;
  return zone;
}

/** Read a block. */
export function readZone({ directives }: ServerBlock): ZoneReading {
  const zone = silent();
  const [plain, extra, lost, bind]: [string[], Directive[], string[], string[]] = [[], [], [], []];
  const addresses: { prometheus?: string; health?: string } = {};
  const seen = new Set<string>();
  let lameduckSeconds = 0;
  for (const directive of directives) {
    const { name, parameters } = directive;
    if (OWN.includes(name) && seen.has(name) && name !== 'bind') lost.push(words(directive));
    else if (['errors', 'reload', 'loop'].includes(name) && words(directive) === name) plain.push(name);
    else if (name === 'bind') bind.push(...parameters);
    else if (name === 'prometheus' || name === 'health') addresses[name] = parameters[0] ?? '';
    else if (!isRead(zone, directive)) {
      if (OWN.includes(name)) lost.push(words(directive));
      else extra.push(directive);
    }
    seen.add(name);
    for (const [option, ...rest] of name === 'health' ? directive.body : []) {
      const seconds = secondsOf(rest[0]);
      if (option === 'lameduck' && seconds !== undefined) lameduckSeconds = seconds;
      else lost.push(`health ${[option, ...rest].join(' ')}`);
    }
    if (name === 'errors' && !plain.includes(name)) plain.push(name);
  }
  const hasPrometheus = addresses.prometheus !== undefined;
  return {
    zone: zone as Zone,
    plain: plain.sort(),
    hasPrometheus,
    ...addresses,
    lameduckSeconds,
    bind,
    extra,
    lost: lost.sort(),
  };
}

/** Take a directive into the zone, when all of it has a value. */
function isRead(zone: Draft<Zone>, directive: Directive): boolean {
  const trial = cloned(zone);
  const read: Record<string, () => boolean> = {
    errors: () => directive.parameters.length === 0 && directive.body.every((line) => isConsolidated(trial, line)),
    log: () => isLog(trial, directive),
    cache: () => isCache(trial.cache, directive),
    forward: () => isForward(trial.forward, directive),
    template: () => {
      trial.suppressAAAA = true;
      return words(directive) === NO_IPV6 && !zone.suppressAAAA;
    },
  };
  if (read[directive.name]?.() !== true) return false;
  Object.assign(zone, trial);
  return true;
}

/** `consolidate 5m "i/o timeout$" warning` */
function isConsolidated(
  zone: Draft<Zone>,
  [name, duration, pattern, level = 'error', ...more]: readonly string[],
): boolean {
  const seconds = secondsOf(duration);
  if (name !== 'consolidate' || pattern === undefined || seconds === undefined || more.length > 0) return false;
  (zone.errors.consolidate as object[]).push({ pattern: unquoted(pattern), seconds, level });
  return true;
}

/** `log . "{combined}" { class denial error }`; of every name only. */
function isLog(zone: Draft<Zone>, { parameters, body }: Directive): boolean {
  const [scope = '.', format = '', ...more] = parameters;
  if (zone.log.enabled || scope !== '.' || more.length > 0 || (format !== '' && !format.includes('{'))) return false;
  if (body.some(([name]) => name !== 'class')) return false;
  const classes = body.flatMap(([, ...listed]) => listed);
  const isAll = classes.includes('all') || classes.length === 0;
  Object.assign(zone.log, { enabled: true, format: unquoted(format), classes: isAll ? [] : classes });
  return true;
}

function unquoted(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('\\"', '"') : text;
}

function isCache(cache: Draft<Zone['cache']>, { parameters, body }: Directive): boolean {
  if (cache.enabled || parameters.length > 1) return false;
  const [ttl] = parameters.map(Number);
  if (ttl !== undefined) cache.success.ttlSeconds = cache.denial.ttlSeconds = ttl;
  cache.enabled = true;
  return Number.isInteger(ttl ?? 0) && body.every((line) => isCacheLine(cache, line));
}

/** One line of its block. */
function isCacheLine(cache: Draft<Zone['cache']>, [name, ...options]: readonly string[]): boolean {
  switch (name) {
    case 'success':
    case 'denial': {
      const [capacity = 9984, ttlSeconds = cache[name].ttlSeconds, minTtlSeconds = cache[name].minTtlSeconds] =
        options.map(Number);
      Object.assign(cache[name], { capacity, ttlSeconds, minTtlSeconds });
      return options.length <= 3 && [capacity, ttlSeconds, minTtlSeconds].every(Number.isInteger);
    }
    case 'disable': {
      const [kind, ...names] = options;
      if (kind !== 'success' && kind !== 'denial') return false;
      cache[kind].except = names.length > 0 ? names : ['.'];
      return true;
    }
    case 'prefetch': {
      const [amount, duration = '1m', percentage = '10%'] = options;
      const durationSeconds = secondsOf(duration);
      Object.assign(cache.prefetch, { amount: Number(amount), durationSeconds, percentage: parseInt(percentage, 10) });
      return options.length <= 3 && durationSeconds !== undefined;
    }
    case 'serve_stale':
      return isServeStale(cache.serveStale, options);
    case 'servfail': {
      const seconds = secondsOf(options[0]);
      cache.servfailSeconds = seconds ?? NaN;
      return seconds !== undefined;
    }
    case 'keepttl':
      cache.keepTtl = true;
      return options.length === 0;
    default:
      return false;
  }
}

/** In CoreDNS 1.13 two words at most; the others are those of this image. Without them stale answers have TTL 0. */
function isServeStale(stale: Draft<Zone['cache']['serveStale']>, options: readonly string[]): boolean {
  const [duration = '1h', refresh = 'immediate', ...more] = options;
  const [timeout, ttl, recheck] = refresh === 'verify' ? more : ['1800ms', ...more];
  const [durationSeconds, ttlSeconds, recheckSeconds] = [duration, ttl ?? '0', recheck ?? '0'].map(secondsOf);
  const verifyTimeoutMs = millisecondsOf(timeout ?? '1800ms');
  Object.assign(stale, {
    enabled: true,
    durationSeconds,
    refresh: refresh.toLowerCase(),
    ttlSeconds,
    recheckSeconds,
    verifyTimeoutMs,
  });
  return [durationSeconds, ttlSeconds, recheckSeconds, verifyTimeoutMs].every((number) => number !== undefined);
}

function isForward(forward: Draft<Zone['forward']>, { parameters, body }: Directive): boolean {
  const [from, ...to] = parameters;
  forward.to = to;
  return from === '.' && to.length > 0 && body.every((line) => isForwardLine(forward, line));
}

/** One line of its block. */
function isForwardLine(forward: Draft<Zone['forward']>, [name, ...options]: readonly string[]): boolean {
  const [option] = options;
  const seconds = secondsOf(option);
  const set = (values: Partial<Draft<Zone['forward']>>): boolean => {
    Object.assign(forward, values);
    return Object.values(values).every((value) => value !== undefined && !Number.isNaN(value));
  };
  switch (name) {
    case 'force_tcp':
    case 'prefer_udp':
      return forward.protocol === '' && set({ protocol: name });
    case 'policy':
      return set({ policy: option });
    case 'except':
      return set({ except: options.map((domain) => domain.replace(/(.)\.$/, '$1')) });
    case 'tls_servername':
      return set({ tlsServerName: option });
    case 'expire':
      return set({ expireSeconds: seconds });
    case 'max_age':
      return set({ maxAgeSeconds: seconds });
    case 'read_timeout':
      return set({ readTimeoutMs: millisecondsOf(option) });
    case 'max_fails':
      return set({ maxFails: Number(option) });
    case 'max_concurrent':
      return set({ maxConcurrent: Number(option) });
    case 'max_connect_attempts':
      return set({ maxConnectAttempts: Number(option) });
    case 'failover':
      return set({ failover: [...options] });
    case 'failfast_all_unhealthy_upstreams':
      return set({ failFast: true });
    case 'health_check':
      return isHealthCheck(forward.healthCheck, options);
    default:
      return false;
  }
}

/** `health_check 0.5s no_rec domain example.org` */
function isHealthCheck(
  check: Draft<Zone['forward']['healthCheck']>,
  [interval, ...options]: readonly string[],
): boolean {
  const at = options.indexOf('domain');
  const intervalMs = millisecondsOf(interval);
  Object.assign(check, { intervalMs, noRecursion: options.includes('no_rec'), domain: at < 0 ? '.' : options[at + 1] });
  return intervalMs !== undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration of Go, in whole milliseconds; 0 needs no unit. */
function millisecondsOf(text: string | undefined): number | undefined {
  if (text === '0') return 0;
  if (text === undefined || !/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([0-9.]+)(ms|s|m|h)/g)].map(([, number, unit]) => Number(number) * UNIT_MS[unit]);
  const sum = parts.reduce((whole, part) => whole + part, 0);
  return Number.isInteger(sum) ? sum : undefined;
}

/** The same in whole seconds. */
function secondsOf(text: string | undefined): number | undefined {
  const milliseconds = millisecondsOf(text);
  return milliseconds !== undefined && milliseconds % 1000 === 0 ? milliseconds / 1000 : undefined;
}
