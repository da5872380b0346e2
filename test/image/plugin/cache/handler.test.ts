import { FLAG_AA, FLAG_AD, FLAG_CD, FLAG_RD, FLAG_TC } from '../../../../image/wire/header';
import type { Asked } from '../../../support/query';
import { optRecord, Resolver, type Says } from '../../../support/resolver';

const FORWARD = 'forward . 192.0.2.53';
const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const A = (ttl = 60): Says => ({ answer: [`@ ${ttl} IN A 192.0.2.1`] });

/** A block with these cache options in front of an upstream that always says the same. */
function caching(options: string, says: Says = A(), zone = '.'): Resolver {
  const resolver = new Resolver(`${options}\n${FORWARD}`, zone);
  resolver.upstream = () => says;
  return resolver;
}

/** Seconds for which a question is answered without asking; 0 when it is not kept. */
function keptSeconds(resolver: Resolver, asked: Asked = {}): number {
  resolver.ask('www.test.', asked);
  for (let seconds = 0; ; seconds++) {
    const before = resolver.questions.length;
    resolver.ask('www.test.', asked);
    if (resolver.questions.length > before) return seconds;
    if (seconds > 400) return Number.POSITIVE_INFINITY;
    resolver.pass(1000);
  }
}

describe('how long an answer is kept, and what TTL the first client is told', () => {
  test.each<[string, string, Says, number, number]>([
    ['its TTL', 'cache', A(60), 60, 60],
    ['at most the TTL of the directive', 'cache 30', A(86400), 30, 30],
    ['the smallest of all records', 'cache', { answer: ['@ 100 IN A 192.0.2.1', '@ 50 IN A 192.0.2.2'] }, 50, 50],
    ['at least 5 s', 'cache', A(1), 5, 5],
    ['at least the store’s own minimum', 'cache {\nsuccess 1000 60 20\n}', A(1), 20, 20],
    ['the longest wins over the shortest', 'cache {\nsuccess 1000 10 20\n}', A(60), 10, 10],
    ['nothing to take a TTL from: 5 s', 'cache', {}, 5, 5],
    ['never above what a TTL can be', 'cache {\nsuccess 1000 5000000000 5000000000\n}', A(60), Infinity, 0x7fffffff],
    ['a delegation: 5 s', 'cache', { authority: ['test. 60 IN NS ns.test.'] }, 5, 5],
    [
      'a denial: its SOA’s TTL',
      'cache',
      { rcode: 'NXDOMAIN', authority: ['test. 50 IN SOA a. b. 1 2 3 4 60'] },
      50,
      50,
    ],
    ['at most the denial’s own TTL', 'cache {\ndenial 1000 7\n}', { authority: [SOA] }, 7, 7],
    ['at least the denial’s own minimum', 'cache {\ndenial 1000 90 70\n}', { authority: [SOA] }, 70, 70],
    ['SERVFAIL: 5 s, whatever its records say', 'cache', { rcode: 'SERVFAIL', authority: [SOA] }, 5, 5],
    [
      'SERVFAIL as long as the directive says',
      'cache {\nservfail 9s\n}',
      { rcode: 'SERVFAIL', authority: [SOA] },
      9,
      9,
    ],
    ['SERVFAIL not at all', 'cache {\nservfail 0\n}', { rcode: 'SERVFAIL', authority: [SOA] }, 0, 0],
    ['NOTIMP like SERVFAIL', 'cache', { rcode: 'NOTIMP', authority: [SOA] }, 5, 5],
    ['REFUSED is passed on with 5 s, and not kept', 'cache', { rcode: 'REFUSED', authority: [SOA] }, 0, 5],
    ['NXDOMAIN without SOA the same', 'cache', { rcode: 'NXDOMAIN', authority: ['test. 60 IN NS ns.test.'] }, 0, 5],
    ['a cut answer is not kept', 'cache', { ...A(60), flags: FLAG_TC }, 0, 60],
    ['success disabled', 'cache {\ndisable success\n}', A(60), 0, 60],
    ['denial disabled', 'cache {\ndisable denial\n}', { authority: [SOA] }, 0, 60],
    [
      'denial disabled is SERVFAIL disabled',
      'cache {\ndisable denial\n}',
      { rcode: 'SERVFAIL', authority: [SOA] },
      0,
      5,
    ],
    ['denial disabled keeps success', 'cache {\ndisable denial\n}', A(60), 60, 60],
    ['disabled for the name', 'cache {\ndisable success test\n}', A(60), 0, 60],
    ['disabled for another', 'cache {\ndisable success other\n}', A(60), 60, 60],
  ])('%s: %s', (_, options, says, kept, told) => {
    expect(keptSeconds(caching(options, says))).toBe(kept);
    const { ttls } = caching(options, says).ask('www.test.');
    expect(new Set(ttls)).toEqual(new Set(ttls.length === 0 ? [] : [told]));
  });

  test.each<[string, string, Says, number, number]>([
    ['a SOA’s MINIMUM bounds a denial (RFC 2308)', 'cache', { rcode: 'NXDOMAIN', authority: [SOA] }, 60, 60],
    ['also one without data', 'cache', { authority: [SOA] }, 60, 60],
    ['TTL 0 is for this client only', 'cache', A(0), 0, 0],
    ['also with a minimum', 'cache {\nsuccess 1000 60 20\n}', A(0), 0, 0],
    ['also a denial', 'cache', { authority: ['test. 300 IN SOA a. b. 1 2 3 4 0'] }, 0, 0],
    ['an alias to nowhere', 'cache', { answer: ['@ 60 IN CNAME x.test.'] }, 0, 60],
    [
      'an alias to a name that does not exist',
      'cache',
      { rcode: 'NXDOMAIN', answer: ['@ 60 IN CNAME x.test.'], authority: [SOA] },
      0,
      60,
    ],
  ])('on purpose not as CoreDNS 1.13: %s', (_, options, says, kept, told) => {
    expect(keptSeconds(caching(options, says))).toBe(kept);
    expect(caching(options, says).ask('www.test.').ttls[0]).toBe(told);
  });

  test('a hit is told what is left, in whole seconds that passed', () => {
    const resolver = caching('cache');
    resolver.ask('www.test.');
    const left = [999, 1, 58_000, 999].map((ms) => {
      resolver.pass(ms);
      return resolver.ask('www.test.').ttls[0];
    });
    expect(left).toEqual([60, 59, 1, 1]);
    resolver.pass(1);
    expect(resolver.ask('www.test.').ttls).toEqual([60]); // Asked anew.
    expect(resolver.questions.length).toBe(2);
  });

  test('keepttl: a hit is told the whole TTL', () => {
    const resolver = caching('cache {\nkeepttl\n}');
    resolver.ask('www.test.');
    resolver.pass(59_000);
    expect(resolver.ask('www.test.').ttls).toEqual([60]);
    resolver.pass(1000);
    resolver.ask('www.test.');
    expect(resolver.questions.length).toBe(2);
  });

  test('all records of an answer are told the same TTL', () => {
    const resolver = caching('cache 30', {
      answer: ['@ 100 IN CNAME b.test.', 'b.test. 200 IN A 192.0.2.1'],
      authority: ['test. 300 IN NS ns.test.'],
      additional: ['ns.test. 400 IN A 192.0.2.2', optRecord(1232)],
    });
    expect(resolver.ask('www.test.').ttls).toEqual([30, 30, 30, 30]);
    resolver.pass(10_000);
    expect(resolver.ask('www.test.').ttls).toEqual([20, 20, 20, 20]);
  });
});

describe('which questions share an answer', () => {
  const keyed = (first: Asked, second: Asked, name = 'www.test.'): boolean => {
    const resolver = caching('cache');
    resolver.ask('www.test.', first);
    resolver.ask(name, second);
    return resolver.questions.length === 1;
  };
  test.each<[string, Asked, Asked, boolean]>([
    ['the same', {}, {}, true],
    ['another id', { id: 1 }, { id: 2 }, true],
    ['UDP and TCP', {}, { tcp: true }, true],
    ['with and without EDNS', {}, { udpSize: 1232 }, true],
    ['another EDNS size', { udpSize: 4096 }, { udpSize: 1232 }, true],
    ['with and without RD', { flags: FLAG_RD }, { flags: 0 }, true],
    ['with and without AD', {}, { flags: FLAG_RD | FLAG_AD }, true],
    ['another type', {}, { type: 'AAAA' }, false],
    ['DO and none', { udpSize: 1232 }, { udpSize: 1232, doBit: true }, false],
    ['CD and none (CVE-2024-0874)', {}, { flags: FLAG_RD | FLAG_CD }, false],
    ['another class, which CoreDNS 1.13 mixes up', {}, { class: 3 }, false],
  ])('%s', (_, first, second, shared) => expect(keyed(first, second)).toBe(shared));

  test('names are equal in any case; another name is another', () => {
    expect(keyed({}, {}, 'WWW.tEsT.')).toBe(true);
    expect(keyed({}, {}, 'ww.test.')).toBe(false);
    expect(keyed({}, {}, 'test.')).toBe(false);
  });

  test('names outside the zones of the directive pass; these zones are the label', () => {
    const resolver = caching('cache 30 kept.test');
    for (const name of ['a.kept.test.', 'a.kept.test.', 'other.test.', 'other.test.']) resolver.ask(name);
    expect(resolver.questions.map(({ question }) => question)).toEqual([
      'a.kept.test. A',
      'other.test. A',
      'other.test. A',
    ]);
    expect(resolver.counted('coredns_cache_requests_total', 'dns://:53', 'kept.test.', '')).toBe(2);
  });

  test('a denial is not shadowed by, nor shadows, the other type of its name', () => {
    const resolver = caching('cache');
    resolver.upstream = ({ question }) => (question.endsWith('AAAA') ? { authority: [SOA] } : A());
    for (let round = 0; round < 2; round++) {
      expect(resolver.ask('www.test.').answer.length).toBe(1);
      expect(resolver.ask('www.test.', { type: 'AAAA' }).authority.length).toBe(1);
    }
    expect(resolver.questions.length).toBe(2);
  });
});

describe('flags', () => {
  test.each<[string, number, Asked, string, string]>([
    ['a miss has the upstream’s, a hit AA', 0, {}, 'rd ra', 'aa rd ra'],
    ['RD of a hit is the client’s', 0, { flags: 0 }, 'rd ra', 'aa ra'],
    ['CD of a hit is the client’s', FLAG_CD, { flags: FLAG_RD | FLAG_CD }, 'rd ra cd', 'aa rd ra cd'],
    ['AA of the upstream is not lost', FLAG_AA, {}, 'aa rd ra', 'aa rd ra'],
    ['AD is for those who ask for it with AD', FLAG_AD, { flags: FLAG_RD | FLAG_AD }, 'rd ra ad', 'aa rd ra ad'],
    ['or with DO', FLAG_AD, { udpSize: 1232, doBit: true }, 'rd ra ad', 'aa rd ra ad'],
    ['and for no one else', FLAG_AD, {}, 'rd ra', 'aa rd ra'],
    ['EDNS alone does not ask for it', FLAG_AD, { udpSize: 1232 }, 'rd ra', 'aa rd ra'],
  ])('%s', (_, flags, asked, miss, hit) => {
    const resolver = caching('cache', { ...A(), flags });
    expect(resolver.ask('www.test.', asked).flags).toBe(miss);
    expect(resolver.ask('www.test.', asked).flags).toBe(hit);
    expect(resolver.questions.length).toBe(1);
  });

  test('AD is kept although the first client did not want it (CoreDNS 1.13 loses it)', () => {
    const resolver = caching('cache', { ...A(), flags: FLAG_AD });
    expect(resolver.ask('www.test.').flags).toBe('rd ra');
    expect(resolver.ask('www.test.', { flags: FLAG_RD | FLAG_AD }).flags).toBe('aa rd ra ad');
    expect(resolver.ask('www.test.').flags).toBe('aa rd ra');
  });

  test.each([
    ['NXDOMAIN', { rcode: 'NXDOMAIN', authority: [SOA] }],
    ['SERVFAIL', { rcode: 'SERVFAIL' }],
    ['NOTIMP', { rcode: 'NOTIMP' }],
  ])('a hit has the code of its answer: %s', (rcode, says) => {
    const resolver = caching('cache', says);
    expect([resolver.ask('www.test.').rcode, resolver.ask('www.test.').rcode]).toEqual([rcode, rcode]);
    expect(resolver.questions.length).toBe(1);
  });
});

describe('each client gets its own header and spelling', () => {
  test('id, name and owner are as the client wrote them, on a miss and on a hit', () => {
    const resolver = caching('cache');
    expect(resolver.ask('wWw.TesT.', { id: 1 })).toMatchObject({ id: 1, name: 'wWw.TesT.' });
    expect(resolver.ask('WWW.test.', { id: 2 })).toMatchObject({ id: 2, name: 'WWW.test.', rcode: 'NOERROR' });
  });
});

describe('OPT records', () => {
  const says = (...additional: NonNullable<Says['additional']>): Says => ({ ...A(), additional });
  const glue = 'ns.test. 60 IN A 192.0.2.2';
  test.each<[string, Says, Asked, number, number]>([
    ['none asked, none given', A(), {}, 0, 1],
    ['none asked, one given: it goes', says(optRecord(4096)), {}, 0, 1],
    ['asked, none given: ours', A(), { udpSize: 1232 }, 1, 1],
    ['asked and given: one', says(optRecord(4096)), { udpSize: 1232 }, 1, 1],
    ['given in front of another record', says(optRecord(4096), glue), {}, 0, 1],
    ['the same, asked', says(optRecord(4096), glue), { udpSize: 1232 }, 1, 1],
    ['given twice: passed on without, not kept', says(optRecord(4096, 0x8000), optRecord(512)), {}, 0, 2],
  ])('%s', (_, answer, asked, opts, questions) => {
    const resolver = caching('cache', answer);
    const [miss, hit] = [resolver.ask('www.test.', asked), resolver.ask('www.test.', asked)];
    expect([miss.opts, hit.opts]).toEqual([opts, opts]);
    expect(hit.additional).toEqual(miss.additional);
    expect(hit.additional.length).toBe(answer.additional?.includes(glue) ? 1 : 0);
    expect(resolver.questions.length).toBe(questions);
  });
});

describe('large answers', () => {
  const many = (count: number): Says => {
    return { answer: Array.from({ length: count }, (_, index) => `@ 60 IN A 192.0.${index >> 8}.${index & 255}`) };
  };
  test('an answer of any size over TCP, the same from the cache', () => {
    const resolver = caching('cache', many(900));
    const [miss, hit] = [0, 0].map(() => resolver.ask('www.test.', { tcp: true }));
    expect(miss.answer.length).toBe(900);
    expect(hit).toEqual({ ...miss, flags: 'aa rd ra', writer: 'cache' });
  });

  test.each([
    [{}, 512, true],
    [{ udpSize: 100 }, 512, true],
    [{ udpSize: 600 }, 600, true],
    [{ udpSize: 4096 }, 1232, false],
  ])('over UDP with %j at most %i octets, cut: %p', (asked, limit, cut) => {
    const resolver = caching('cache', many(70));
    for (let round = 0; round < 2; round++) {
      const heard = resolver.ask('www.test.', asked);
      expect(heard.bytes).toBeLessThanOrEqual(limit);
      expect(heard.bytes).toBeGreaterThan(cut ? limit - 16 : 1000);
      expect(heard.flags.includes('tc')).toBe(cut);
      expect(heard.opts).toBe('udpSize' in asked ? 1 : 0);
    }
  });

  test('cut for one client, whole for the next', () => {
    const resolver = caching('cache', many(70));
    resolver.ask('www.test.');
    expect(resolver.ask('www.test.', { tcp: true }).answer.length).toBe(70);
    expect(resolver.questions.length).toBe(1);
  });

  test('1024 records are kept, more are passed on and counted', () => {
    for (const [count, asked] of [
      [1024, 1],
      [1025, 2],
    ]) {
      const resolver = caching('cache', many(count));
      for (let round = 0; round < 2; round++)
        expect(resolver.ask('www.test.', { tcp: true }).answer.length).toBe(count);
      expect(resolver.questions.length).toBe(asked);
      const skipped = resolver.counted('nodelocaldns_cache_store_skipped_total', 'too_many_records');
      expect(skipped).toBe(count > 1024 ? 2 : undefined);
    }
  });
});

describe('what is counted', () => {
  const labels = ['.', ''];
  const count = (resolver: Resolver, metric: 'requests' | 'misses'): number | undefined =>
    resolver.counted(`coredns_cache_${metric}_total`, 'dns://:53', ...labels);
  const byKind = (resolver: Resolver, metric: 'hits_total' | 'evictions_total' | 'entries', kind: string) =>
    resolver.counted(`coredns_cache_${metric}`, 'dns://:53', kind, ...labels);

  test('requests, misses, hits by kind, entries', () => {
    const resolver = caching('cache');
    resolver.upstream = ({ question }) => (question.startsWith('no') ? { rcode: 'NXDOMAIN', authority: [SOA] } : A());
    for (const name of ['a.test.', 'b.test.', 'a.test.', 'no.test.', 'no.test.', 'no.test.']) resolver.ask(name);
    expect([count(resolver, 'requests'), count(resolver, 'misses')]).toEqual([6, 3]);
    expect([byKind(resolver, 'hits_total', 'success'), byKind(resolver, 'hits_total', 'denial')]).toEqual([1, 2]);
    expect([byKind(resolver, 'entries', 'success'), byKind(resolver, 'entries', 'denial')]).toEqual([2, 1]);
  });

  test('a full store lets go of one entry per new one, and says so', () => {
    const resolver = caching('cache {\nsuccess 0\n}'); // CoreDNS's least: 1024.
    for (let index = 0; index < 1030; index++) resolver.ask(`n${index}.test.`);
    expect(byKind(resolver, 'entries', 'success')).toBe(1024);
    expect(byKind(resolver, 'evictions_total', 'success')).toBe(6);
    expect(byKind(resolver, 'evictions_total', 'denial')).toBe(0);
  });

  test('a success in place of a denial moves the entry from one store to the other', () => {
    const resolver = caching('cache', { rcode: 'SERVFAIL' });
    resolver.ask('www.test.');
    expect(byKind(resolver, 'entries', 'denial')).toBe(1);
    resolver.pass(5000);
    resolver.upstream = () => A();
    resolver.ask('www.test.');
    expect(resolver.ask('www.test.').answer.length).toBe(1);
    expect([byKind(resolver, 'entries', 'success'), byKind(resolver, 'entries', 'denial')]).toEqual([1, 0]);
  });
});

test('nothing is prefetched: a hit near its end asks nobody', () => {
  const resolver = caching('cache');
  resolver.ask('www.test.');
  resolver.pass(59_000);
  for (let round = 0; round < 100; round++) resolver.ask('www.test.');
  expect(resolver.sent.length).toBe(1);
});

test('a capacity above what is planned for is lowered with a warning', () => {
  const resolver = new Resolver(`cache {\nsuccess 3000000\n}\n${FORWARD}`);
  expect(resolver.lines).toEqual([
    '[WARNING] plugin/cache: success capacity 2999808 is above what one cache holds; using 1048576',
  ]);
});
