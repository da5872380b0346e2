/** Who waits for an upstream, how many, and for how long. */
import { QUERIES_MAX } from '../../../../image/limits';
import { Resolver, type Says } from '../../../support/resolver';

const A: Says = { answer: ['@ 60 IN A 192.0.2.1'] };

function forwarding(options: string, servers = '192.0.2.1'): Resolver {
  return new Resolver(`errors\nforward . ${servers} {\nmax_fails 0\n${options}\n}`);
}

describe('read_timeout', () => {
  test('is what an upstream has for an answer', () => {
    const resolver = forwarding('read_timeout 300ms\npolicy sequential', '192.0.2.1 192.0.2.2');
    const asking = resolver.start('www.test.');
    resolver.pass(280);
    expect(resolver.questions.length).toBe(1);
    resolver.pass(40);
    expect(resolver.questions.length).toBe(2);
    resolver.pass(1_000);
    expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL' });
    expect(asking.heard?.afterMs).toBeLessThan(4 * 320);
  });

  test('longer than the query’s five seconds is cut to them', () => {
    const resolver = forwarding('read_timeout 1m');
    const asking = resolver.start('www.test.');
    resolver.pass(5_020);
    expect(asking.heard?.rcode).toBe('SERVFAIL');
    expect(resolver.questions.length).toBe(1);
  });
});

describe('coredns #717: who is joined is not punished for a leader that was early', () => {
  test('a failure counts for those who waited during a whole try', () => {
    const resolver = forwarding('max_connect_attempts 1');
    const first = resolver.start('www.test.', { id: 1 });
    const second = resolver.start('www.test.', { id: 2 });
    resolver.pass(2_010);
    expect([first.heard?.rcode, second.heard?.rcode]).toEqual(['SERVFAIL', 'SERVFAIL']);
    expect(resolver.questions.length).toBe(1);
  });

  test('who came after the last try began is asked for again, all of them with one question', () => {
    const resolver = forwarding('max_connect_attempts 1');
    const first = resolver.start('www.test.', { id: 1 });
    resolver.pass(1_800);
    const late = [2, 3].map((id) => resolver.start('www.test.', { id }));
    resolver.pass(220);
    expect(first.heard?.rcode).toBe('SERVFAIL');
    expect(late.map(({ heard }) => heard)).toEqual([undefined, undefined]);
    expect(resolver.questions.length).toBe(2);
    resolver.questions[1].answer(A);
    expect(late.map(({ heard }) => [heard?.id, heard?.answer.length])).toEqual([2, 3].map((id) => [id, 1]));
  });

  test('and nobody is asked for a third time', () => {
    const resolver = forwarding('max_connect_attempts 1');
    resolver.start('www.test.');
    resolver.pass(1_800);
    const late = resolver.start('www.test.');
    resolver.pass(2_300);
    expect(late.heard).toMatchObject({ rcode: 'SERVFAIL' });
    expect(resolver.questions.length).toBe(2);
  });
});

describe('max_concurrent', () => {
  test('does not refuse a question that waits with an equal one', () => {
    const resolver = forwarding('max_concurrent 1');
    const askings = [1, 2].map((id) => resolver.start('www.test.', { id }));
    expect(resolver.ask('other.test.').rcode).toBe('REFUSED');
    resolver.questions[0].answer(A);
    expect(askings.map(({ heard }) => heard?.rcode)).toEqual(['NOERROR', 'NOERROR']);
    expect(resolver.start('other.test.').heard).toBeUndefined();
  });
});

describe('the share of a forward', () => {
  /** Two stanzas whose upstreams say nothing. */
  const dead = (): Resolver =>
    new Resolver('forward a.test 192.0.2.1\nforward b.test 192.0.2.2\nforward c.test 192.0.2.3', '.', 48 << 20);
  const fill = (resolver: Resolver, zone: string, count: number): number => {
    let taken = 0;
    for (let index = 0; index < count; index++) {
      if (resolver.start(`n${index}.${zone}.`).heard === undefined) taken++;
    }
    return taken;
  };

  test('is as much as is free: one dead zone has half of all, a second a quarter, and there is some left', () => {
    const resolver = dead();
    expect(fill(resolver, 'a.test', 3000)).toBe(QUERIES_MAX / 2);
    expect(fill(resolver, 'b.test', 3000)).toBe(QUERIES_MAX / 4);
    expect(fill(resolver, 'c.test', 10)).toBe(10);
    const refused = 3000 - QUERIES_MAX / 2 + 3000 - QUERIES_MAX / 4;
    expect(resolver.counted('nodelocaldns_queries_rejected_total', 'forward_share')).toBe(refused);
    expect(resolver.ask('late.a.test.')).toMatchObject({
      rcode: 'SERVFAIL',
      error: `more than ${QUERIES_MAX / 2} queries wait for this forward`,
    });
  });

  test('counts those who wait with an equal question', () => {
    const resolver = dead();
    for (let index = 0; index < 3000; index++) resolver.start('www.a.test.', { id: index });
    expect(resolver.questions.length).toBe(1);
    expect(resolver.counted('nodelocaldns_queries_rejected_total', 'forward_share')).toBe(3000 - QUERIES_MAX / 2);
  });

  test('comes back with every answer, failure and joined question', () => {
    const resolver = dead();
    const places = (resolver.context.upstreams as unknown as { places: { taken: number } }).places;
    resolver.start('www.a.test.');
    resolver.start('www.a.test.');
    resolver.start('www.b.test.');
    expect(places.taken).toBe(3);
    resolver.questions[0].answer(A);
    expect(places.taken).toBe(1);
    resolver.pass(6_000);
    expect(places.taken).toBe(0);
    resolver.sendError = () => 'dial udp: no route to host';
    resolver.ask('www.c.test.');
    expect(places.taken).toBe(0);
  });
});

describe('before pods come, connections are opened', () => {
  test.each([
    ['to upstreams that are asked by TCP alone', 'forward . 192.0.2.1 192.0.2.2 {\nforce_tcp\n}', 2],
    ['to those over TLS', 'forward . tls://192.0.2.1 192.0.2.2', 1],
    ['to none that is asked by UDP', 'forward . 192.0.2.1 192.0.2.2', 0],
  ])('%s', (_title, forward, count) => {
    const resolver = new Resolver(forward);
    expect(resolver.warmedUp).toEqual([]);
    resolver.warmUp();
    expect(resolver.warmedUp).toHaveLength(count);
    expect(resolver.questions).toEqual([]);
  });
});
