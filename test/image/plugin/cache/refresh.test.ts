/** Answers fetched anew: before their time (`prefetch`), and when it is over (`serve_stale`). */
import { STALE_WAITING_MAX } from '../../../../image/limits';
import type { Asked } from '../../../support/query';
import { Resolver, type Says } from '../../../support/resolver';

const FORWARD = 'forward . 192.0.2.53';
const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const NAME = 'www.test.';
const DO: Asked = { udpSize: 1232, doBit: true };
const EDNS: Asked = { udpSize: 1232 };

const answer = (ttl: number, last = 1): Says => ({ answer: [`@ ${ttl} IN A 192.0.2.${last}`] });
const NXDOMAIN: Says = { rcode: 'NXDOMAIN', authority: [SOA] };

/** A block with these options of `cache`; its upstream numbers its answers and holds what is asked when it is told to. */
class World extends Resolver {
  holds = false;
  says: (index: number) => Says;

  constructor(options: string, ttl = 60, forward = '') {
    super(`cache {\n${options}\n}\n${FORWARD} {\n${forward}\n}`);
    this.says = (index) => answer(ttl, index);
    this.upstream = () => (this.holds ? undefined : this.says(this.questions.length));
  }

  /** What a client hears: data, TTL. */
  hears(asked: Asked = {}): string {
    const { answer: records, ttls, rcode } = this.ask(NAME, asked);
    return records.length === 0 ? `${rcode} ${ttls.join()}`.trim() : `${records[0].split(' ').at(-1)} ${ttls[0]}`;
  }

  /** Questions that left since this was called last. */
  asks(): number {
    const before = this.seen;
    this.seen = this.questions.length;
    return this.seen - before;
  }
  private seen = 0;

  cache(metric: 'prefetch' | 'served_stale' | 'requests' | 'misses'): number | undefined {
    return this.counted(`coredns_cache_${metric}_total`, 'dns://:53', '.', '');
  }

  hits(kind: string): number | undefined {
    return this.counted('coredns_cache_hits_total', 'dns://:53', kind, '.', '');
  }
}

describe('prefetch', () => {
  test('a popular answer is fetched anew when a tenth of its TTL is left, and nobody waits', () => {
    const world = new World('prefetch 1', 80);
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.1 80', 1]);
    world.pass(71_000);
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.1 9', 0]);
    world.pass(1_000);
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.1 8', 1]);
    world.pass(8_000);
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.2 72', 0]);
    expect([world.cache('prefetch'), world.cache('misses'), world.hits('success')]).toEqual([1, 1, 3]);
  });

  test.each<[string, string, number, number, number]>([
    ['a tenth is rounded up: the last second counts', 'prefetch 1', 5, 4, 1],
    ['but not the one before', 'prefetch 1', 5, 3, 0],
    ['another share', 'prefetch 1 1m 50%', 60, 30, 1],
    ['a second earlier', 'prefetch 1 1m 50%', 60, 29, 0],
    ['never without the option', '', 60, 59, 0],
    ['nor with AMOUNT 0', 'prefetch 0', 60, 59, 0],
  ])('%s: %j', (_, options, ttl, seconds, fetched) => {
    const world = new World(options, ttl);
    world.hears();
    world.pass(seconds * 1000);
    for (let round = 0; round < 10; round++) world.hears();
    // One that was fetched is whole again: nothing is due any more.
    expect([world.asks(), world.cache('prefetch')]).toEqual([1 + fetched, fetched]);
  });

  test('AMOUNT hits are needed, none of them longer than DURATION after the one before', () => {
    const world = new World('prefetch 3 10s', 60);
    world.hears();
    for (const seconds of [40, 9, 5]) {
      world.pass(seconds * 1000);
      world.hears();
    }
    expect(world.cache('prefetch')).toBe(1); // 40, 49, 54: three.
    const late = new World('prefetch 3 10s', 60);
    late.hears();
    for (const seconds of [40, 4, 11, 1]) {
      late.pass(seconds * 1000);
      late.hears();
    }
    expect(late.cache('prefetch')).toBe(0); // 55 and 56 only.
  });

  test('the miss that brought the answer is no hit', () => {
    const world = new World('prefetch 2 1m 90%', 60);
    world.hears();
    world.pass(30_000);
    world.hears();
    expect(world.cache('prefetch')).toBe(0);
    world.hears();
    expect(world.cache('prefetch')).toBe(1);
  });

  test('hits are carried over: what was popular stays so', () => {
    const world = new World('prefetch 3 1m', 60);
    for (let hit = 0; hit < 3; hit++) world.hears();
    world.pass(55_000);
    world.hears();
    expect(world.cache('prefetch')).toBe(1);
    world.pass(54_000);
    world.hears();
    expect(world.cache('prefetch')).toBe(2); // With one hit of its own.
    world.pass(90_000);
    world.hears(); // A miss: counting begins anew.
    world.pass(55_000);
    world.hears();
    expect(world.cache('prefetch')).toBe(2);
  });

  test('upstreams are asked over TCP, unless UDP is preferred', () => {
    const over = (forward: string, asked: Asked): boolean[] => {
      const world = new World('prefetch 1 1m 90%', 60, forward);
      world.hears(asked);
      world.pass(30_000);
      world.hears(asked);
      return world.questions.map(({ overTcp }) => overTcp);
    };
    expect(over('', {})).toEqual([false, true]);
    expect(over('prefer_udp', { tcp: true })).toEqual([false, false]);
  });

  test('the same is asked as the client asked: name, flags and options', () => {
    const world = new World('prefetch 1 1m 90%', 60);
    world.ask('wWw.test.', { ...DO, flags: 0x0130 });
    world.pass(30_000);
    world.ask('WWW.test.', { ...DO, flags: 0x0130, id: 7 });
    const [first, second] = world.questions.map(({ message }) => message);
    expect(second).toEqual({ ...first, id: second.id, question: { ...first.question, name: second.question!.name } });
    expect(world.questions[1].question).toBe('WWW.test. A');
  });

  test('only one is under way, however many ask; when it fails the next hit tries again', () => {
    const world = new World('prefetch 1 1m 90%', 60);
    world.hears();
    world.holds = true;
    world.pass(30_000);
    for (let round = 0; round < 20; round++) expect(world.hears()).toBe('192.0.2.1 30');
    expect(world.asks()).toBe(2);
    world.questions[1].answer({ rcode: 'SERVFAIL' });
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.1 30', 1]);
    world.questions[2].answer(answer(60, 9));
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.9 60', 0]);
  });

  test('nor are there two when no question of our own can be asked', () => {
    const world = new World('prefetch 1 1m 90%', 60);
    world.hears();
    world.pass(30_000);
    world.refusesInternal = true;
    expect(world.hears()).toBe('192.0.2.1 30');
    world.refusesInternal = false;
    world.hears();
    expect(world.hears()).toBe('192.0.2.2 60');
  });

  test('news that the name is gone is news, too; `disable` does not count, as in CoreDNS', () => {
    const world = new World('prefetch 1 1m 90%\ndisable denial', 60);
    world.hears();
    world.says = () => NXDOMAIN;
    world.pass(30_000);
    world.hears();
    expect([world.hears(), world.hits('denial')]).toEqual(['NXDOMAIN 60', 1]);
  });
});

describe('serve_stale immediate', () => {
  test('a stale answer is given at once, with TTL 0, and fetched anew', () => {
    const world = new World('serve_stale', 60);
    world.hears();
    world.pass(60_000);
    expect([world.hears(), world.hears()]).toEqual(['192.0.2.1 0', '192.0.2.2 60']);
    expect([world.cache('served_stale'), world.cache('prefetch'), world.cache('misses')]).toEqual([1, 1, 1]);
    expect([world.asks(), world.hits('success')]).toEqual([2, 2]);
    expect(world.questions[1].overTcp).toBe(true);
  });

  test.each<[string, number, string]>([
    ['a second before the end of DURATION', 60 + 9, '192.0.2.1 0'],
    ['at its end', 60 + 10, '192.0.2.2 60'],
  ])('%s', (_, seconds, heard) => {
    const world = new World('serve_stale 10s', 60);
    world.hears();
    world.pass(seconds * 1000);
    expect(world.hears()).toBe(heard);
  });

  test('all the time that upstreams are silent, one question at a time', () => {
    const world = new World('serve_stale', 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    for (let second = 0; second < 100; second++) {
      expect(world.hears()).toBe('192.0.2.1 0');
      world.pass(1000);
    }
    expect(world.cache('served_stale')).toBe(100);
    expect(world.cache('prefetch')).toBeLessThanOrEqual(50); // One at a time; an upstream that is down gets 2 s.
    world.holds = false;
    world.pass(10_000);
    world.hears();
    expect(world.hears()).toMatch(/192.0.2.\d+ 60/);
  });

  test.each<[string, Says]>([
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['SERVFAIL with records', { rcode: 'SERVFAIL', authority: [SOA] }],
    ['REFUSED', { rcode: 'REFUSED' }],
    ['NOTIMP', { rcode: 'NOTIMP' }],
    ['a cut answer', { ...answer(60, 9), flags: 0x0200 }],
  ])('%s does not take its place', (_, says) => {
    const world = new World('serve_stale', 60);
    world.hears();
    world.says = () => says;
    world.pass(60_000);
    expect([world.hears(), world.hears(), world.hears()]).toEqual(Array(3).fill('192.0.2.1 0'));
    expect(world.asks()).toBe(4); // Each tries again: no RECHECK was given.
  });

  test.each<[string, Says, string]>([
    ['NXDOMAIN', NXDOMAIN, 'NXDOMAIN 60'],
    ['no data', { authority: [SOA] }, 'NOERROR 60'],
    ['another answer', answer(60, 9), '192.0.2.9 60'],
  ])('%s does', (_, says, heard) => {
    const world = new World('serve_stale', 60);
    world.hears();
    world.says = () => says;
    world.pass(60_000);
    expect([world.hears(), world.hears()]).toEqual(['192.0.2.1 0', heard]);
  });

  test.each<[string, Says]>([
    ['an alias to nowhere', { answer: ['@ 60 IN CNAME x.test.'] }],
    ['NXDOMAIN without SOA', { rcode: 'NXDOMAIN' }],
    ['TTL 0', answer(0, 9)],
  ])('%s is news that cannot be kept: what was stale is gone all the same', (_, says) => {
    const world = new World('serve_stale', 60);
    world.hears();
    world.says = () => says;
    world.pass(60_000);
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.1 0', 2]);
    world.hears();
    expect([world.asks(), world.cache('misses')]).toEqual([1, 2]);
  });

  test('a denial may be stale, a failure never is', () => {
    const world = new World('serve_stale', 60);
    world.says = () => NXDOMAIN;
    world.hears();
    world.holds = true;
    world.pass(60_000);
    expect(world.hears()).toBe('NXDOMAIN 0');
    const failing = new World('serve_stale', 60);
    failing.says = () => ({ rcode: 'SERVFAIL' });
    failing.hears();
    failing.says = () => answer(60, 9);
    expect(failing.hears()).toBe('SERVFAIL');
    failing.pass(5_000);
    expect(failing.hears()).toBe('192.0.2.9 60');
  });

  test('one that is wanted outlives thousands that nobody asks for again', () => {
    const world = new World('success 0\nserve_stale', 60);
    world.hears();
    world.pass(60_000);
    world.upstream = ({ question }) => (question === 'www.test. A' ? { rcode: 'SERVFAIL' } : answer(60));
    for (let other = 0; other < 6_000; other++) {
      world.ask(`n${other}.test.`);
      if (other % 500 === 0) expect(world.hears()).toBe('192.0.2.1 0');
    }
    expect(world.counted('coredns_cache_entries', 'dns://:53', 'success', '.', '')).toBe(1024);
    expect(world.hears()).toBe('192.0.2.1 0');
  });

  test('RECHECK: after a failure upstreams are left alone for a while', () => {
    const world = new World('serve_stale 1h immediate 30s 10s', 60);
    world.hears();
    world.says = () => ({ rcode: 'SERVFAIL' });
    world.pass(60_000);
    for (let round = 0; round < 5; round++) expect(world.hears()).toBe('192.0.2.1 30');
    expect(world.asks()).toBe(2);
    world.pass(9_900);
    world.hears();
    expect(world.asks()).toBe(0);
    world.pass(100);
    world.hears();
    expect(world.asks()).toBe(1);
  });

  test('keepttl tells the whole TTL, also of a stale answer, as CoreDNS does', () => {
    const world = new World('serve_stale\nkeepttl', 60);
    world.hears();
    world.pass(100_000);
    expect(world.hears()).toBe('192.0.2.1 60');
  });

  test.each<[string, Says, number]>([
    ['an answer: 3', answer(60), 3],
    ['a denial: 19', NXDOMAIN, 19],
  ])('clients with EDNS are told that it is stale (RFC 8914): %s', (_, says, code) => {
    const world = new World('serve_stale', 60);
    world.says = () => says;
    world.ask(NAME, EDNS);
    world.holds = true;
    world.pass(60_000);
    expect(world.ask(NAME, EDNS)).toMatchObject({ opts: 1, extendedErrors: [code] });
    expect(world.ask(NAME)).toMatchObject({ opts: 0, extendedErrors: [] });
  });

  test('what is behind the cache answers at once: the client still gets what was there first', () => {
    const world = new Resolver(
      'cache {\nserve_stale\nsuccess 1000 10\n}\ntemplate ANY A {\nanswer "{{ .Name }} 60 IN A 192.0.2.9"\n}',
    );
    expect(world.ask(NAME).ttls).toEqual([10]);
    world.pass(10_000);
    expect([world.ask(NAME).ttls, world.ask(NAME).ttls]).toEqual([[0], [10]]);
  });
});

describe('serve_stale verify', () => {
  test('a fresh answer is given when upstreams have one', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.pass(60_000);
    expect(world.ask(NAME)).toMatchObject({ ttls: [60], answer: ['www.test. 60 IN A 192.0.2.2'], writer: 'cache' });
    expect(world.hears()).toBe('192.0.2.2 60');
    expect([world.cache('served_stale'), world.cache('prefetch'), world.asks()]).toEqual([0, 0, 2]);
    expect(world.questions[1].overTcp).toBe(false); // As the client asked.
  });

  test('upstreams are waited for 1.8 s (RFC 8767 §5), then the stale answer is given; what comes later is kept', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const asking = world.start(NAME, EDNS);
    world.pass(1_792);
    expect(asking.heard).toBeUndefined();
    world.pass(16);
    expect(asking.heard).toMatchObject({ ttls: [0], answer: ['www.test. 0 IN A 192.0.2.1'], extendedErrors: [3] });
    expect(world.cache('served_stale')).toBe(1);
    world.questions[1].answer(answer(60, 9));
    expect([world.hears(), world.asks()]).toEqual(['192.0.2.9 60', 2]);
  });

  test.each<[string, number]>([
    ['100ms', 104],
    ['3s', 3_000],
  ])('or as long as the directive says: %s', (timeout, ms) => {
    const world = new World(`serve_stale 1h verify ${timeout}`, 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const asking = world.start(NAME);
    world.pass(ms - 16);
    expect(asking.heard).toBeUndefined();
    world.pass(24);
    expect(asking.heard?.ttls).toEqual([0]);
  });

  test('with 0 as long as forward tries', () => {
    const world = new World('serve_stale 1h verify 0', 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const asking = world.start(NAME);
    world.pass(3_900);
    expect(asking.heard).toBeUndefined();
    world.pass(4_000);
    expect(asking.heard?.ttls).toEqual([0]);
  });

  test.each<[string, Says]>([
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['REFUSED', { rcode: 'REFUSED' }],
  ])('%s: the stale answer at once', (_, says) => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.says = () => says;
    world.pass(60_000);
    expect([world.hears(), world.hears(), world.cache('served_stale')]).toEqual(['192.0.2.1 0', '192.0.2.1 0', 2]);
  });

  test.each<[string, Says, string]>([
    ['NXDOMAIN', NXDOMAIN, 'NXDOMAIN 60'],
    ['NXDOMAIN without SOA, which is not kept', { rcode: 'NXDOMAIN' }, 'NXDOMAIN'],
    ['an alias to nowhere, which is not kept', { answer: ['@ 60 IN CNAME x.test.'] }, 'x.test. 60'],
    ['TTL 0, which is not kept', answer(0, 9), '192.0.2.9 0'],
    ['a cut answer, which is not kept', { ...answer(60, 9), flags: 0x0200 }, '192.0.2.9 60'],
  ])('%s is an answer, and given', (_, says, heard) => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.says = () => says;
    world.pass(60_000);
    expect([world.hears(), world.cache('served_stale')]).toEqual([heard, 0]);
  });

  test('a cut answer does not end what is stale: the client asks again over TCP, and that is kept', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.says = () => ({ ...answer(60, 9), flags: 0x0200 });
    world.pass(60_000);
    expect(world.ask(NAME).flags).toBe('tc rd ra');
    world.says = () => ({ rcode: 'SERVFAIL' });
    expect(world.hears()).toBe('192.0.2.1 0');
    world.says = () => answer(60, 10);
    expect([world.hears({ tcp: true }), world.hears()]).toEqual(['192.0.2.10 60', '192.0.2.10 60']);
  });

  test('nobody can be asked at all: the stale answer at once', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.pass(60_000);
    world.refusesInternal = true;
    expect(world.hears()).toBe('192.0.2.1 0');
    world.refusesInternal = false;
    world.sendError = () => 'connect: no route to host';
    expect(world.hears()).toBe('192.0.2.1 0');
  });

  test('no more clients wait than half of all queries there may be; one more is given what is there', () => {
    const world = new Resolver(`cache {\nserve_stale 1h verify\n}\n${FORWARD}`, '.', 1 << 24);
    world.upstream = () => answer(60);
    world.ask(NAME);
    world.upstream = () => undefined;
    world.pass(60_000);
    const all = Array.from({ length: STALE_WAITING_MAX + 5 }, () => world.start(NAME));
    const waiting = all.filter(({ heard }) => heard === undefined).length;
    expect(waiting).toBeGreaterThan(STALE_WAITING_MAX - 5); // Those of other tests may still wait.
    expect(waiting).toBeLessThanOrEqual(STALE_WAITING_MAX);
    expect(all.at(-1)?.heard?.ttls).toEqual([0]);
    world.pass(2_000);
    expect(all.every(({ heard }) => heard?.ttls[0] === 0)).toBe(true);
    expect(world.start(NAME).heard).toBeUndefined(); // There is room again.
  });

  test('many who wait for the same get the same, each with its own id, spelling and AD', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.says = () => ({ ...answer(60), flags: 0x0020 });
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const asked = [1, 2, 3].map((id) =>
      world.start(id === 2 ? 'WWW.test.' : NAME, { id, flags: id === 3 ? 0x0120 : 0x0100 }),
    );
    for (const sent of world.questions.slice(1)) sent.answer({ ...answer(60, 9), flags: 0x0020 });
    expect(asked.map(({ heard }) => [heard?.id, heard?.name, heard?.flags])).toEqual([
      [1, NAME, 'rd ra'],
      [2, 'WWW.test.', 'rd ra'],
      [3, NAME, 'rd ra ad'],
    ]);
    expect(world.hears()).toBe('192.0.2.9 60');
  });

  test('RECHECK: while somebody asks, and a while after a failure, nobody waits', () => {
    const world = new World('serve_stale 1h verify 1s 30s 10s', 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const first = world.start(NAME);
    expect(world.hears()).toBe('192.0.2.1 30');
    expect(first.heard).toBeUndefined();
    world.questions[1].answer({ rcode: 'SERVFAIL' });
    expect([first.heard?.ttls, world.hears()]).toEqual([[30], '192.0.2.1 30']);
    world.pass(10_000);
    expect(world.start(NAME).heard).toBeUndefined();
  });

  test('a configuration that ends gives what it has', () => {
    const world = new World('serve_stale 1h verify', 60);
    world.hears();
    world.holds = true;
    world.pass(60_000);
    const asking = world.start(NAME);
    world.close();
    world.questions[1].fail('closed');
    for (const sent of world.questions.slice(2)) sent.fail('closed');
    expect(asking.heard?.answer).toEqual(['www.test. 0 IN A 192.0.2.1']);
  });
});
