/** Bugs of other DNS caches, CoreDNS's first, each with its number. What is not named here is in the room it belongs to. */
import { KEY_CD } from '../../../../image/memory/table';
import type { CacheHandler } from '../../../../image/plugin/cache/handler';
import { FLAG_AD, FLAG_CD, FLAG_RD } from '../../../../image/wire/header';
import type { Asked } from '../../../support/query';
import { Resolver, type Says } from '../../../support/resolver';

const FORWARD = 'forward . 192.0.2.53';
const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const A = (ttl: number, last = 1): Says => ({ answer: [`@ ${ttl} IN A 192.0.2.${last}`] });

/** A cache in front of an upstream that counts in its answers. */
function caching(options = ''): Resolver {
  const resolver = new Resolver(`cache {\n${options}\n}\n${FORWARD}`);
  resolver.upstream = () => A(60, resolver.questions.length);
  return resolver;
}

const last = (resolver: Resolver, asked: Asked = {}, name = 'www.test.'): string | undefined =>
  resolver.ask(name, asked).answer[0]?.split('.').at(-1);

test('CVE-2024-0874, coredns #6186, #6354: an answer that was not validated (CD) is given only to those who ask for such', () => {
  const resolver = caching();
  expect([last(resolver, { flags: FLAG_RD | FLAG_CD }), last(resolver)]).toEqual(['1', '2']);
  expect([last(resolver, { flags: FLAG_RD | FLAG_CD }), last(resolver)]).toEqual(['1', '2']);
});

test('coredns #5174: names whose hashes are equal do not get each other’s answers', () => {
  const resolver = caching();
  const { service } = (resolver as unknown as { handlers: CacheHandler[] }).handlers[0];
  const ask = service.ask.bind(service);
  service.ask = (view) => {
    ask(view, 0);
    service.question.hash = 7; // Whatever is asked.
  };
  const names = Array.from({ length: 20 }, (_, index) => `n${index}.test.`);
  expect(names.map((name) => last(resolver, {}, name))).toEqual(names.map((_, index) => `${index + 1}`));
  expect(names.map((name) => last(resolver, {}, name))).toEqual(names.map((_, index) => `${index + 1}`));
  expect(last(resolver, { flags: FLAG_RD | FLAG_CD }, names[0])).toBe('21');
  expect(service.question.flags).toBe(KEY_CD);
});

test('coredns #8272: an answer of another class is neither given nor kept', () => {
  const resolver = caching();
  expect([last(resolver, { class: 3 }), last(resolver), last(resolver, { class: 3 })]).toEqual(['1', '2', '1']);
});

describe('coredns #3586, #3744, #7956, #8003: a failure does not stand in front of what is good', () => {
  test('a prefetch that fails leaves the answer that is there', () => {
    const resolver = caching('prefetch 1 1m 90%');
    resolver.ask('www.test.');
    resolver.upstream = () => ({ rcode: 'SERVFAIL', authority: [SOA] });
    resolver.pass(30_000);
    expect([last(resolver), last(resolver)]).toEqual(['1', '1']);
  });

  test.each(['immediate', 'verify'])('stale answers outlive an outage of SERVFAIL: %s', (mode) => {
    const resolver = caching(`serve_stale 1h ${mode}`);
    resolver.ask('www.test.');
    resolver.upstream = () => ({ rcode: 'SERVFAIL' });
    for (let minute = 1; minute < 60; minute++) {
      resolver.pass(60_000);
      expect(last(resolver)).toBe('1');
    }
    resolver.upstream = () => A(60, 77);
    last(resolver);
    expect(last(resolver)).toBe('77');
  });
});

test('coredns #8232: an alias without its target, and without a SOA, is asked for again', () => {
  const resolver = caching();
  resolver.upstream = () => ({ answer: ['@ 60 IN CNAME gone.test.'] });
  for (let round = 0; round < 3; round++) resolver.ask('www.test.');
  expect(resolver.questions.length).toBe(3);
});

test('CoreDNS 1.14.5: NXDOMAIN behind an alias does not make the alias vanish', () => {
  const resolver = caching();
  resolver.upstream = () => ({ rcode: 'NXDOMAIN', answer: ['@ 60 IN CNAME gone.test.'], authority: [SOA] });
  for (let round = 0; round < 3; round++) resolver.ask('www.test.');
  expect(resolver.questions.length).toBe(3);
});

test('coredns #8346: setting the wall clock changes no TTL', () => {
  const resolver = caching();
  resolver.ask('www.test.');
  const now = Date.now();
  const clock = jest.spyOn(Date, 'now');
  for (const jump of [-1e9, 1e9, 0]) {
    clock.mockReturnValue(now + jump);
    expect(resolver.ask('www.test.').ttls).toEqual([60]);
  }
  clock.mockRestore();
});

describe('coredns #6642, #8438: who asks for AD gets what the upstream said, whoever asked first', () => {
  const wanted: Asked[] = [{ flags: FLAG_RD | FLAG_AD }, {}, { udpSize: 1232 }];
  test.each([0, 1, 2])('the asker %i first', (first) => {
    const resolver = caching();
    resolver.upstream = () => ({ ...A(60), flags: FLAG_AD });
    resolver.ask('www.test.', wanted[first]);
    expect(wanted.map((asked) => resolver.ask('www.test.', asked).flags.includes('ad'))).toEqual([true, false, false]);
    expect(resolver.questions.length).toBe(1);
  });

  test('and what was fetched anew says the same', () => {
    const resolver = caching('prefetch 1 1m 90%');
    resolver.upstream = () => ({ ...A(60), flags: FLAG_AD });
    resolver.ask('www.test.');
    resolver.pass(30_000);
    resolver.ask('www.test.');
    expect(resolver.ask('www.test.', wanted[0])).toMatchObject({ flags: 'aa rd ra ad', ttls: [60] });
  });
});

describe('coredns #7631, #7397, #7398, #7357, #7944, #7963: what is kept is not changed by who is given it', () => {
  test('TTLs, spelling, flags and sizes of one client do not show in the answer to the next', () => {
    const resolver = caching();
    resolver.upstream = () => ({ answer: Array.from({ length: 60 }, (_, index) => `@ 60 IN A 192.0.2.${index}`) });
    const first = resolver.ask('www.test.', { tcp: true });
    resolver.ask('WWW.TEST.', { flags: 0 });
    resolver.ask('www.test.', { udpSize: 600, id: 9 });
    resolver.pass(30_000);
    resolver.ask('www.test.');
    const again = resolver.ask('www.test.', { tcp: true });
    expect(again.answer).toEqual(first.answer.map((record) => record.replace(' 60 ', ' 30 ')));
    expect(again).toMatchObject({ name: 'www.test.', flags: 'aa rd ra' });
  });

  test('a client whose query is over does not matter to what is fetched for it', () => {
    const resolver = caching('prefetch 1 1m 90%');
    resolver.ask('www.test.');
    resolver.pass(30_000);
    resolver.upstream = () => undefined;
    expect(last(resolver, { tcp: true })).toBe('1');
    for (let other = 0; other < 5; other++) resolver.start(`other${other}.test.`); // Its query object is in use again.
    resolver.questions[1].answer(A(60, 99));
    expect(last(resolver)).toBe('99');
  });
});

test('coredns #8366, #8390: a thousand hits fetch an entry once, stale or due', () => {
  for (const [options, seconds] of [
    ['serve_stale', 60],
    ['prefetch 1 1m 90%', 30],
  ] as const) {
    const resolver = caching(options);
    resolver.ask('www.test.');
    resolver.pass(seconds * 1000);
    resolver.upstream = () => undefined;
    for (let hit = 0; hit < 1000; hit++) resolver.ask('www.test.');
    expect(resolver.questions.length).toBe(2);
  }
});
