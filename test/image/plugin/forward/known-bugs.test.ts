/** Bugs that other forwarders had, each under the name it is known by. What is the upstream room's is tested there. */
import { QUERIES_MAX } from '../../../../image/limits';
import { Resolver, type Says } from '../../../support/resolver';

const A: Says = { answer: ['@ 60 IN A 192.0.2.1'] };

function forwarding(options: string, servers = '192.0.2.1', arenaBytes = 1 << 22): Resolver {
  return new Resolver(`errors\nforward . ${servers} {\n${options}\n}`, '.', arenaBytes);
}

test('CVE-2023-28454: fifty equal questions in flight are one question on the wire', () => {
  const resolver = forwarding('');
  const askings = Array.from({ length: 50 }, (_, id) => resolver.start('www.test.', { id }));
  expect(resolver.questions.length).toBe(1);
  resolver.questions[0].answer(A);
  expect(askings.every(({ heard }) => heard?.answer.length === 1)).toBe(true);
});

test.each([
  [1, 2],
  [3, 6],
])(
  'coredns #7704: with %i upstreams that refuse at once a question is sent %i times, not for five seconds',
  (count, sent) => {
    const servers = Array.from({ length: count }, (_, index) => `192.0.2.${index + 1}`).join(' ');
    const resolver = forwarding('max_fails 0', servers);
    resolver.start('www.test.');
    for (let index = 0; index < resolver.questions.length; index++)
      resolver.questions[index].fail('connection refused');
    expect(resolver.questions.length).toBe(sent);
  },
);

test('coredns #8365: attempts are bounded without an option that says so, and with time left', () => {
  const resolver = forwarding('max_fails 0');
  resolver.sendError = () => 'dial udp: no route to host';
  const heard = resolver.ask('www.test.');
  expect(heard).toMatchObject({ rcode: 'SERVFAIL', afterMs: 0, error: 'dial udp: no route to host' });
});

test('coredns #2593: queries that a slow upstream holds are bounded', () => {
  const resolver = forwarding('max_fails 0', '192.0.2.1', 48 << 20);
  for (let index = 0; index < 3_000; index++) resolver.start(`n${index}.test.`);
  expect(resolver.questions.length).toBe(QUERIES_MAX / 2);
  resolver.pass(6_000);
  expect(resolver.start('after.test.').heard).toBeUndefined();
});

test('kubernetes/dns #480: prefer_udp asks over UDP whatever the client used', () => {
  const resolver = forwarding('prefer_udp');
  for (const tcp of [false, true]) resolver.start(`${tcp}.test.`, { tcp });
  expect(resolver.questions.map(({ overTcp }) => overTcp)).toEqual([false, false]);
});

test('kubernetes/kubernetes #93379: a probe that comes back through an upstream is never joined with itself', () => {
  const resolver = forwarding('');
  for (let times = 1; times <= 3; times++) {
    resolver.start('1.2.', { type: 'HINFO' });
    expect(resolver.questions.length).toBe(times);
  }
});

test.each(['', 'prefer_udp'])(
  'coredns #6277: an answer too large for its client is cut, and asked for once: %j',
  (options) => {
    const resolver = forwarding(options);
    const large: Says = { answer: Array.from({ length: 60 }, (_, index) => `@ 60 IN A 192.0.2.${index}`) };
    resolver.upstream = () => large;
    const { bytes, flags } = resolver.ask('www.test.');
    expect(bytes).toBeLessThanOrEqual(512);
    expect(flags).toContain('tc');
    expect(resolver.questions.length).toBe(1);
    expect(resolver.ask('www.test.', { tcp: true }).answer.length).toBe(60);
  },
);

test('CVE-2022-2835, CVE-2022-2837: a name is asked for as it is, never with a search domain or without one', () => {
  const resolver = forwarding('');
  resolver.upstream = () => ({ rcode: 'NXDOMAIN', authority: ['. 60 IN SOA a. b. 1 2 3 4 60'] });
  const names = ['com.', 'example.com.', 'example.com.default.svc.cluster.local.', 'kubernetes.default.svc.'];
  for (const name of names) expect(resolver.ask(name).rcode).toBe('NXDOMAIN');
  expect(resolver.questions.map(({ question }) => question)).toEqual(names.map((name) => `${name} A`));
});
