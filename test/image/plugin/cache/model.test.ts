/**
 * The cache against a model of it: the same questions at the same times, the same upstream; what clients hear, what upstreams
 * are asked, what the short way would give and what is counted must agree. The model is a Map of objects.
 */
import type { CacheHandler } from '../../../../image/plugin/cache/handler';
import type { CacheOptions } from '../../../../image/plugin/cache/setup';
import { QueryView, readQuery } from '../../../../image/wire/question';
import fc from '../../../support/property';
import { type Asked, questionPacket } from '../../../support/query';
import { Resolver, type Says } from '../../../support/resolver';

/** How the upstream is: it answers with this TTL, denies with it, fails, refuses, or cannot be reached. */
type Mood = { readonly is: 'well' | 'denying' | 'failing' | 'refusing' | 'away'; readonly ttl: number };

interface Entry {
  readonly rcode: string;
  /** Which of the upstream's answers it was. */
  readonly number: number;
  readonly ttl: number;
  readonly storedMs: number;
  /** No answer came. */
  readonly isNothing: boolean;
  hits: number;
  lastMs: number;
}

/** What a client hears: `RCODE NUMBER TTL`. */
const told = (rcode: string, number: number, ttl: number): string =>
  rcode === 'NOERROR' || rcode === 'NXDOMAIN' ? `${rcode} ${number} ${ttl}` : rcode;

class Model {
  nowMs = 1_000_000;
  mood: Mood = { is: 'well', ttl: 60 };
  /** Questions that reached the upstream. */
  asked = 0;
  readonly counts = { requests: 0, misses: 0, success: 0, denial: 0, prefetch: 0, served_stale: 0 };
  readonly entries = new Map<string, Entry>();
  private readonly options: CacheOptions;

  constructor(options: CacheOptions) {
    this.options = options;
  }

  private left({ ttl, storedMs }: Entry): number {
    return ttl - Math.floor((this.nowMs - storedMs) / 1000);
  }

  private isUsable(entry: Entry): boolean {
    const left = this.left(entry);
    return left > 0 || (entry.rcode !== 'SERVFAIL' && -left < this.options.staleSeconds);
  }

  private hitsNow({ hits, lastMs }: Entry): number {
    return hits === 0 || this.nowMs - lastMs > this.options.prefetch.pauseMs ? 1 : hits + 1;
  }

  private isDue(entry: Entry): boolean {
    const { hits, percentage } = this.options.prefetch;
    if (hits === 0 || entry.isNothing || this.left(entry) > Math.ceil((percentage / 100) * entry.ttl)) return false;
    return this.hitsNow(entry) >= hits;
  }

  /** May the short way answer? Undefined for what is no answer on any way. */
  isShort(key: string): boolean | undefined {
    const entry = this.entries.get(key);
    if (entry?.isNothing) return undefined;
    return entry !== undefined && this.left(entry) > 0 && !this.isDue(entry);
  }

  ask(key: string): string {
    const entry = this.entries.get(key);
    this.counts.requests++;
    if (entry === undefined || !this.isUsable(entry)) {
      this.counts.misses++;
      return this.miss(key, entry);
    }
    this.counts[entry.rcode === 'NOERROR' ? 'success' : 'denial']++;
    const left = this.left(entry);
    const isDue = left > 0 && this.isDue(entry);
    if (left > 0 && this.options.prefetch.hits > 0) {
      entry.hits = this.hitsNow(entry);
      entry.lastMs = this.nowMs;
    }
    if (left > 0) {
      if (isDue) this.fetch(key, entry, left);
      return told(entry.rcode, entry.number, this.options.keepTtl ? entry.ttl : left);
    }
    const fresh = this.fetch(key, entry, left);
    if (this.options.staleVerify && fresh !== undefined) return fresh;
    this.counts.served_stale++;
    return told(entry.rcode, entry.number, this.options.keepTtl ? entry.ttl : 0);
  }

  /** In an entry's place. @returns what a client that waits for it hears; undefined for a failure */
  private fetch(key: string, entry: Entry, left: number): string | undefined {
    if (left > 0 || !this.options.staleVerify) this.counts.prefetch++;
    if (this.mood.is !== 'away') this.asked++;
    const { is } = this.mood;
    const again = is === 'failing' && entry.rcode === 'SERVFAIL'; // A failure replaces a failure.
    if (is !== 'well' && is !== 'denying' && !again) return undefined;
    const fresh = this.kept();
    if (fresh.ttl > 0) this.entries.set(key, fresh);
    else if (left <= 0) this.entries.delete(key);
    fresh.hits = entry.hits;
    fresh.lastMs = this.nowMs + Math.min(left, 0) * 1000;
    return told(fresh.rcode, fresh.number, fresh.ttl);
  }

  private miss(key: string, before: Entry | undefined): string {
    const { is } = this.mood;
    if (is === 'away') {
      this.remember(key, before);
      return 'SERVFAIL';
    }
    this.asked++;
    if (is === 'refusing') return 'REFUSED';
    const fresh = this.kept();
    if (fresh.ttl > 0) this.entries.set(key, fresh);
    return told(fresh.rcode, fresh.number, fresh.ttl);
  }

  private kept(): Entry {
    const { is, ttl } = this.mood;
    const { success, denial, servfailTtlSeconds } = this.options;
    const { ttlSecondsMin, ttlSecondsMax } = is === 'denying' ? denial : success;
    const clamped = ttl === 0 ? 0 : Math.min(Math.max(ttl, ttlSecondsMin), ttlSecondsMax);
    return {
      rcode: { well: 'NOERROR', denying: 'NXDOMAIN', failing: 'SERVFAIL' }[is as 'well'],
      ttl: is === 'failing' ? servfailTtlSeconds : clamped,
      ...{ number: this.asked, storedMs: this.nowMs, isNothing: false, hits: 0, lastMs: 0 },
    };
  }

  private remember(key: string, before: Entry | undefined): void {
    const { servfailTtlSeconds } = this.options;
    if (servfailTtlSeconds === 0) return;
    let ttl = 1;
    if (before?.isNothing) {
      const isForgotten = this.nowMs - before.storedMs > (before.ttl + 300) * 1000;
      if (!isForgotten) ttl = 2 * before.ttl;
    }
    ttl = Math.min(ttl, servfailTtlSeconds);
    this.entries.set(key, {
      ...{ rcode: 'SERVFAIL', number: 0, ttl, storedMs: this.nowMs, isNothing: true, hits: 0, lastMs: 0 },
    });
  }
}

/** What the upstream says: its number is in the answer. */
function says({ is, ttl }: Mood, number: number): Says {
  if (is === 'well') return { answer: [`@ ${ttl} IN A 10.0.${number >> 8}.${number & 255}`] };
  if (is === 'denying') return { rcode: 'NXDOMAIN', authority: [`test. ${ttl} IN SOA a. b. ${number} 2 3 4 ${ttl}`] };
  return { rcode: is === 'failing' ? 'SERVFAIL' : 'REFUSED' };
}

class World {
  readonly resolver: Resolver;
  readonly model: Model;
  private readonly cache: CacheHandler;
  private readonly view = new QueryView();

  constructor(options: string) {
    this.resolver = new Resolver(
      `cache {\nsuccess 0 300\ndenial 0 120\n${options}\n}\nforward . 192.0.2.53 {\nmax_fails 0\n}`,
    );
    this.cache = (this.resolver as unknown as { handlers: [CacheHandler] }).handlers[0];
    this.model = new Model(this.cache.service.options);
    const { model, resolver } = this;
    resolver.upstream = () => says(model.mood, resolver.questions.length);
    resolver.sendError = () => (model.mood.is === 'away' ? 'connection refused' : '');
  }

  ask(name: string, asked: Asked): void {
    const { resolver, model, cache, view } = this;
    const key = `${name.toLowerCase()} ${asked.type} ${asked.doBit ?? false}`;
    const packet = questionPacket(name, asked);
    readQuery(packet, 0, packet.length, view);
    cache.service.askAnew(view);
    const isShort = cache.service.lookUpFresh(resolver.nowMs) >= 0;
    expect([key, isShort]).toEqual([key, model.isShort(key) ?? isShort]);
    const heard = resolver.ask(name, asked);
    const record = heard.answer[0] ?? heard.authority[0];
    const number = heard.rcode === 'NOERROR' ? record.split('.').slice(-2) : ['0', record?.split(' ')[6]];
    const text = told(heard.rcode, Number(number[0]) * 256 + Number(number[1]), heard.ttls[0]);
    expect(`${key}: ${text}`).toBe(`${key}: ${model.ask(key)}`);
    expect(resolver.questions.length).toBe(model.asked);
  }

  pass(ms: number): void {
    // Nothing waits for anything here: one step will do.
    this.resolver.nowMs += ms;
    this.model.nowMs = this.resolver.nowMs;
  }

  audit(): void {
    const { resolver, model } = this;
    const { requests, misses, success, denial, prefetch, served_stale } = model.counts;
    const one = (metric: 'requests' | 'misses' | 'prefetch' | 'served_stale'): number | undefined =>
      resolver.counted(`coredns_cache_${metric}_total`, 'dns://:53', '.', '');
    expect([one('requests'), one('misses'), one('prefetch'), one('served_stale')]).toEqual([
      ...[requests, misses, prefetch, served_stale],
    ]);
    const kinds = ['success', 'denial'] as const;
    const hits = kinds.map((kind) => resolver.counted('coredns_cache_hits_total', 'dns://:53', kind, '.', ''));
    expect(hits).toEqual([success, denial]);
    const entries = kinds.map((kind) => resolver.counted('coredns_cache_entries', 'dns://:53', kind, '.', ''));
    const isSuccess = [...model.entries.values()].filter(({ rcode }) => rcode === 'NOERROR').length;
    expect([isSuccess, model.entries.size - isSuccess]).toEqual(entries);
  }
}

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('ask' as const),
      name: fc.constantFrom('a.test.', 'A.Test.', 'b.test.'),
      type: fc.constantFrom('A', 'A', 'A', 'AAAA'),
      doBit: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat(2_000), fc.nat(70_000), fc.nat(400_000)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('mood' as const),
      is: fc.constantFrom<Mood['is']>('well', 'well', 'denying', 'failing', 'refusing', 'away'),
      ttl: fc.constantFrom(0, 1, 5, 30, 60, 100_000),
    }),
  },
);

test.each([
  '',
  'keepttl',
  'servfail 0',
  'servfail 5m',
  'prefetch 1',
  'prefetch 3 10s 50%',
  'prefetch 2 1m 90%\nkeepttl',
  'serve_stale',
  'serve_stale 30s\nservfail 30s',
  'serve_stale 10m verify',
  'prefetch 1 1m 90%\nserve_stale 1m immediate',
  'prefetch 2 1m 90%\nserve_stale 1m verify\nsuccess 0 60 20',
])('any questions at any times, `cache` with %j', (options) => {
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 60, size: 'max' }), (operations) => {
      const world = new World(options);
      for (const one of operations) {
        if (one.does === 'pass') world.pass(one.ms);
        else if (one.does === 'mood') world.model.mood = one;
        else world.ask(one.name, { type: one.type, ...(one.doBit ? { doBit: true, udpSize: 1232 } : {}) });
      }
      world.audit();
    }),
    { numRuns: 40 },
  );
});
