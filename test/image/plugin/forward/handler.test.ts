import { FLAG_AD, FLAG_CD, FLAG_RD, FLAG_TC } from '../../../../image/wire/header';
import type { Asked } from '../../../support/query';
import { Resolver, type Says } from '../../../support/resolver';

const A: Says = { answer: ['@ 60 IN A 192.0.2.1'] };
const SERVERS = ['192.0.2.1:53', '192.0.2.2:53', '192.0.2.3:53'];

/** A block with one `forward . SERVERS` and these options. */
function forwarding(options: string, servers = 3, before = ''): Resolver {
  return new Resolver(`${before}\nforward . ${SERVERS.slice(0, servers).join(' ')} {\n${options}\n}`);
}

/** Where the questions went. */
const targets = (resolver: Resolver): string =>
  resolver.questions.map(({ to }) => to.replace(/^192\.0\.2\.(.):53$/, '$1')).join('');

describe('which names are forwarded', () => {
  const stanzas = `
    forward test 192.0.2.1 {
      except local.test deep.test
    }
    forward other.test 192.0.2.2
    forward local.test 192.0.2.3 {
      except local.test
    }`;
  test.each([
    ['test.', '192.0.2.1:53'],
    ['www.test.', '192.0.2.1:53'],
    ['WWW.tEST.', '192.0.2.1:53'],
    ['xtest.', 'plugin/forward: no next plugin found'],
    ['other.', 'plugin/forward: no next plugin found'],
    ['a.other.test.', '192.0.2.1:53'], // The first stanza that takes it.
    ['a.deep.test.', 'plugin/forward: no next plugin found'],
    ['local.test.', '192.0.2.3:53'], // Equal to FROM: never excepted.
    ['a.local.test.', 'plugin/forward: no next plugin found'],
  ])('%s: %s', (name, where) => {
    const resolver = new Resolver(stanzas);
    const { heard } = resolver.start(name);
    expect(heard?.error ?? resolver.questions[0].to).toBe(where);
    if (heard !== undefined) expect(heard.rcode).toBe('SERVFAIL');
  });
});

describe('in which order upstreams are tried', () => {
  const tried = (policy: string, questions: number): string => {
    const resolver = forwarding(`policy ${policy}\nmax_fails 0\nmax_connect_attempts 3`);
    resolver.sendError = () => 'write udp: refused';
    const order: string[] = [];
    for (let index = 0; index < questions; index++) {
      resolver.sendError = (to) => {
        order.push(to.charAt(8));
        return 'write udp: refused';
      };
      resolver.ask('www.test.');
      order.push(' ');
    }
    return order.join('').trim();
  };
  test('sequential: as in the file', () => expect(tried('sequential', 3)).toBe('123 123 123'));
  test('round_robin: the next in turn first, the rest as in the file', () => {
    expect(tried('round_robin', 4)).toBe('213 312 123 213');
  });
  test('random: every order, each about as often', () => {
    const orders = new Map<string, number>();
    for (const order of tried('random', 1200).split(' ')) orders.set(order, (orders.get(order) ?? 0) + 1);
    expect([...orders.keys()].sort()).toEqual(['123', '132', '213', '231', '312', '321']);
    for (const count of orders.values()) expect(Math.abs(count - 200)).toBeLessThan(80); // Six standard deviations.
  });
});

describe('the transport', () => {
  test.each<[string, Asked, boolean]>([
    ['', {}, false],
    ['', { tcp: true }, true],
    ['force_tcp', {}, true],
    ['force_tcp', { tcp: true }, true],
    ['prefer_udp', {}, false],
    ['prefer_udp', { tcp: true }, false],
    ['force_tcp\nprefer_udp', { tcp: false }, true],
  ])('%j, client %j: over TCP %p', (option, asked, overTcp) => {
    const resolver = forwarding(option, 1);
    resolver.start('www.test.', asked);
    expect(resolver.questions.map((sent) => sent.overTcp)).toEqual([overTcp]);
  });

  test('prefer_udp: a cut answer is asked for again over TCP, of the same server', () => {
    const resolver = forwarding('prefer_udp\npolicy sequential');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ flags: FLAG_TC });
    expect(resolver.questions.map(({ to, overTcp }) => [to, overTcp])).toEqual([
      [SERVERS[0], false],
      [SERVERS[0], true],
    ]);
    expect(asking.heard).toBeUndefined();
    resolver.questions[1].answer(A);
    expect(asking.heard).toMatchObject({ rcode: 'NOERROR', flags: 'rd ra', answer: ['www.test. 60 IN A 192.0.2.1'] });
  });

  test('prefer_udp: an answer cut over TCP, too, is what the client gets', () => {
    const resolver = forwarding('prefer_udp', 1);
    const asking = resolver.start('www.test.');
    for (const index of [0, 1]) resolver.questions[index].answer({ flags: FLAG_TC });
    expect(asking.heard).toMatchObject({ rcode: 'NOERROR', flags: 'tc rd ra' });
    expect(resolver.questions.length).toBe(2);
  });

  test('prefer_udp: when TCP cannot be had the client gets SERVFAIL and the errors plugin the reason', () => {
    const resolver = forwarding('prefer_udp', 1, 'errors');
    resolver.sendError = (_, overTcp) => (overTcp ? 'dial tcp 192.0.2.1:53: connect: connection refused' : '');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ flags: FLAG_TC });
    expect(asking.heard?.rcode).toBe('SERVFAIL');
    expect(resolver.lines).toEqual([
      '[ERROR] plugin/errors: 2 www.test. A: dial tcp 192.0.2.1:53: connect: connection refused',
    ]);
  });

  test('without it the client is told to use TCP', () => {
    const resolver = forwarding('', 1);
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ flags: FLAG_TC });
    expect(asking.heard?.flags).toBe('tc rd ra');
  });
});

describe('an upstream that does not answer', () => {
  test('one server is asked twice, 2 s each; then SERVFAIL, within 5 s', () => {
    const resolver = forwarding('', 1, 'errors');
    const asking = resolver.start('www.test.');
    resolver.pass(6000);
    expect(targets(resolver)).toBe('11');
    expect(asking.heard?.rcode).toBe('SERVFAIL');
    expect(asking.heard?.afterMs).toBeGreaterThanOrEqual(4000);
    expect(asking.heard?.afterMs).toBeLessThan(4100);
    expect(resolver.lines).toEqual([
      '[ERROR] plugin/errors: 2 www.test. A: read udp 10.0.0.1:4242->192.0.2.1:53: i/o timeout',
    ]);
  });

  test('whatever is configured, the client has SERVFAIL after 5 s (CoreDNS: up to 7)', () => {
    const resolver = forwarding('max_connect_attempts 100\nmax_fails 0\npolicy sequential');
    const asking = resolver.start('www.test.');
    resolver.pass(10_000);
    expect(targets(resolver)).toBe('123');
    expect(asking.heard?.afterMs).toBeGreaterThanOrEqual(5000);
    expect(asking.heard?.afterMs).toBeLessThan(5100);
  });

  test('the next server is asked after 2 s, and its answer is the client’s', () => {
    const resolver = forwarding('policy sequential');
    const asking = resolver.start('www.test.');
    resolver.pass(2010);
    expect(targets(resolver)).toBe('12');
    resolver.questions[1].answer(A);
    expect(asking.heard?.answer).toEqual(['www.test. 60 IN A 192.0.2.1']);
  });

  test.each([
    [1, '', '11'],
    [2, '', '1212'],
    [3, '', '123123'],
    [3, 'max_connect_attempts 1', '1'],
    [3, 'max_connect_attempts 4', '1231'],
  ])(
    '%i servers that refuse at once, %j: tried %s and no more (CoreDNS 1.13 spins until the deadline)',
    (servers, option, order) => {
      const resolver = forwarding(`policy sequential\nmax_fails 0\n${option}`, servers);
      const asking = resolver.start('www.test.');
      for (let index = 0; index < resolver.questions.length; index++) {
        resolver.questions[index].fail(`read udp a->${resolver.questions[index].to}: read: connection refused`);
      }
      expect(targets(resolver)).toBe(order);
      expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL', afterMs: 0 });
      expect(asking.heard?.error).toBe(`read udp a->${SERVERS[Number(order.at(-1)) - 1]}: read: connection refused`);
    },
  );

  test('a question that cannot be sent is tried elsewhere at once', () => {
    const resolver = forwarding('policy sequential');
    resolver.sendError = (to) => (to === SERVERS[0] ? 'dial udp: no route to host' : '');
    resolver.start('www.test.');
    expect(targets(resolver)).toBe('2');
  });
});

describe('health', () => {
  /** Let all questions and probes to a server fail until it is down: more than max_fails probes. */
  const bringDown = (resolver: Resolver, server: string): void => {
    resolver.start('down.test.');
    for (let round = 0; round < 4; round++) {
      for (const sent of resolver.sent.filter(({ to }) => to === server)) {
        try {
          sent.fail('read udp: connection refused');
        } catch {} // It failed before.
      }
      resolver.pass(504);
    }
  };

  test('a failed question starts probes of `. NS` with RD, every 500 ms, until one is answered', () => {
    const resolver = forwarding('', 1);
    resolver.start('www.test.');
    resolver.questions[0].fail('connection refused');
    expect(resolver.probes.map(({ to, message }) => [to, message.flags])).toEqual([[SERVERS[0], FLAG_RD]]);
    resolver.probes[0].fail('connection refused');
    resolver.pass(496);
    expect(resolver.probes.length).toBe(1);
    resolver.pass(16);
    expect(resolver.probes.length).toBe(2);
    resolver.pass(1008); // No answer is a failure after a second …
    resolver.pass(512); // … and half a second later it is asked again.
    expect(resolver.probes.length).toBe(3);
    resolver.probes[2].answer({ rcode: 'REFUSED' }); // Any answer is a sign of life.
    resolver.pass(5000);
    expect(resolver.probes.length).toBe(3);
    expect(resolver.counted('coredns_proxy_healthcheck_failures_total', 'forward', SERVERS[0])).toBe(2);
  });

  test('a server is passed over after the third failed probe, and asked again after a good one', () => {
    const resolver = forwarding('policy sequential', 2);
    const first = (): string => {
      const before = resolver.questions.length;
      resolver.start(`n${before}.test.`);
      const sent = resolver.questions[before];
      sent.answer(A);
      return sent.to;
    };
    resolver.start('www.test.');
    resolver.questions[0].fail('connection refused');
    const orders = [0, 1, 2].map((probe) => {
      const to = first();
      resolver.probes[probe].fail('connection refused');
      resolver.pass(512);
      return to;
    });
    expect([...orders, first()]).toEqual([SERVERS[0], SERVERS[0], SERVERS[0], SERVERS[1]]);
    resolver.probes[3].answer(A);
    expect(resolver.turns).toEqual([
      [SERVERS[0], true],
      [SERVERS[0], false],
    ]);
    expect(first()).toBe(SERVERS[0]);
  });

  test.each([
    ['max_fails 0', 0, false],
    ['max_fails 1', 2, true],
    ['', 3, true],
  ])('%j: down after %i failed probes: %p', (option, fails, isDown) => {
    const resolver = forwarding(`policy sequential\n${option}`, 2);
    resolver.start('www.test.');
    resolver.questions[0].fail('connection refused');
    expect(resolver.probes.length).toBe(isDown ? 1 : 0);
    for (let probe = 0; probe < fails; probe++) {
      expect(resolver.turns).toEqual([]);
      resolver.probes[probe].fail('connection refused');
      resolver.pass(512);
    }
    expect(resolver.turns).toEqual(isDown ? [[SERVERS[0], true]] : []);
    resolver.start('other.test.');
    expect(resolver.questions.at(-1)?.to).toBe(SERVERS[isDown ? 1 : 0]);
  });

  test('all down: one of them is tried, once', () => {
    const resolver = forwarding('', 1, 'errors');
    bringDown(resolver, SERVERS[0]);
    const before = resolver.questions.length;
    const asking = resolver.start('www.test.');
    expect(resolver.questions.length).toBe(before + 1);
    resolver.questions[before].fail('read udp: connection refused');
    expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL', afterMs: 0, error: 'read udp: connection refused' });
    expect(resolver.counted('coredns_forward_healthcheck_broken_total')).toBe(1);
  });

  test('all down and failfast: SERVFAIL at once', () => {
    const resolver = forwarding('failfast_all_unhealthy_upstreams', 1, 'errors');
    bringDown(resolver, SERVERS[0]);
    const before = resolver.questions.length;
    expect(resolver.ask('www.test.')).toMatchObject({ rcode: 'SERVFAIL', error: 'no healthy proxies' });
    expect(resolver.questions.length).toBe(before);
    expect(resolver.lines.at(-1)).toBe('[ERROR] plugin/errors: 2 www.test. A: no healthy proxies');
  });

  test('probes go over TCP with force_tcp, without RD with no_rec, and as often as told', () => {
    const resolver = forwarding('force_tcp\nhealth_check 2s no_rec', 1);
    resolver.start('www.test.');
    resolver.questions[0].fail('EOF');
    expect(resolver.probes.map(({ overTcp, message }) => [overTcp, message.flags])).toEqual([[true, 0]]);
    resolver.probes[0].fail('EOF');
    resolver.pass(1980);
    expect(resolver.probes.length).toBe(1);
    resolver.pass(32);
    expect(resolver.probes.length).toBe(2);
  });

  test('with a domain of their own', () => {
    const resolver = forwarding('health_check 500ms domain Example.ORG', 1);
    resolver.start('www.test.');
    resolver.sent[0].fail('EOF');
    expect(resolver.sent[1].question.toLowerCase()).toBe('example.org. ns');
  });

  test('close ends them', () => {
    const resolver = forwarding('', 1);
    resolver.start('www.test.');
    resolver.questions[0].fail('EOF');
    resolver.probes[0].fail('EOF');
    resolver.close();
    resolver.pass(1000);
    expect(resolver.probes.length).toBe(1);
  });
});

describe('max_concurrent', () => {
  test('one more than that is refused at once, counted, and told to the errors plugin', () => {
    const resolver = forwarding('max_concurrent 2', 1, 'errors');
    for (const name of ['a.test.', 'b.test.']) resolver.start(name);
    expect(resolver.ask('c.test.')).toMatchObject({ rcode: 'REFUSED', answer: [] });
    expect(resolver.lines).toEqual(['[ERROR] plugin/errors: 5 c.test. A: concurrent queries exceeded maximum 2']);
    expect(resolver.counted('coredns_forward_max_concurrent_rejects_total')).toBe(1);
  });

  test.each<[string, (resolver: Resolver) => void]>([
    ['answered', (resolver) => resolver.questions[0].answer(A)],
    ['answered with an error', (resolver) => resolver.questions[0].answer({ rcode: 'SERVFAIL' })],
    ['failed', (resolver) => resolver.pass(6000)],
  ])('a question that is %s makes room', (_, end) => {
    const resolver = forwarding('max_concurrent 1\nmax_fails 0', 1);
    resolver.start('a.test.');
    end(resolver);
    expect(resolver.start('b.test.').heard).toBeUndefined();
    expect(resolver.questions.at(-1)?.question).toBe('b.test. A');
  });

  test('a question that could not be sent takes no room', () => {
    const resolver = forwarding('max_concurrent 1\nmax_fails 0', 1);
    resolver.sendError = () => 'dial udp: no route to host';
    expect(resolver.ask('a.test.')).toMatchObject({ rcode: 'SERVFAIL', error: 'dial udp: no route to host' });
    resolver.sendError = () => '';
    expect(resolver.start('b.test.').heard).toBeUndefined();
  });
});

describe('equal questions are asked once', () => {
  test('each asker gets the answer with its own id and spelling', () => {
    const resolver = forwarding('', 1, 'cache');
    const askings = ['www.test.', 'WWW.test.', 'wWw.TEST.'].map((name, id) => resolver.start(name, { id }));
    expect(resolver.questions.length).toBe(1);
    resolver.questions[0].answer(A);
    expect(askings.map(({ heard }) => [heard?.id, heard?.name, heard?.answer.length])).toEqual([
      [0, 'www.test.', 1],
      [1, 'WWW.test.', 1],
      [2, 'wWw.TEST.', 1],
    ]);
    expect(resolver.counted('nodelocaldns_queries_joined_total')).toBe(2);
    expect(resolver.ask('www.test.').writer).toBe('cache');
  });

  test('each gets the answer as it came, whatever others’ handlers made of theirs', () => {
    const resolver = forwarding('', 1, 'cache 30');
    const askings = [1, 2, 3].map(() => resolver.start('www.test.'));
    resolver.questions[0].answer({ ...A, flags: FLAG_AD });
    for (const { heard } of askings) expect(heard).toEqual({ ...askings[0].heard });
    expect(askings[0].heard).toMatchObject({ flags: 'rd ra', ttls: [30] });
  });

  test('UDP and TCP clients are joined when both are asked for the same way', () => {
    const resolver = forwarding('force_tcp', 1);
    const askings = [resolver.start('www.test.'), resolver.start('www.test.', { tcp: true })];
    resolver.questions[0].answer(A);
    expect(askings.map(({ heard }) => heard?.answer.length)).toEqual([1, 1]);
    expect(resolver.questions.length).toBe(1);
  });

  test.each<[string, Asked, Asked]>([
    ['transport', {}, { tcp: true }],
    ['RD', { flags: FLAG_RD }, { flags: 0 }],
    ['AD', { flags: FLAG_RD }, { flags: FLAG_RD | FLAG_AD }],
    ['CD', { flags: FLAG_RD }, { flags: FLAG_RD | FLAG_CD }],
    ['type', {}, { type: 'AAAA' }],
    ['class', {}, { class: 3 }],
    ['EDNS', {}, { udpSize: 1232 }],
    ['EDNS size', { udpSize: 1232 }, { udpSize: 4096 }],
    ['DO', { udpSize: 1232 }, { udpSize: 1232, doBit: true }],
  ])('another %s is another question', (_, first, second) => {
    const resolver = forwarding('', 1);
    resolver.start('www.test.', first);
    resolver.start('www.test.', second);
    expect(resolver.questions.length).toBe(2);
  });

  test('another name is another question', () => {
    const resolver = forwarding('', 1);
    for (const name of ['www.test.', 'www.tess.', 'ww.wtest.']) resolver.start(name);
    expect(resolver.questions.length).toBe(3);
  });

  test('HINFO is never joined: loop must see its probe come back', () => {
    const resolver = forwarding('', 1);
    for (let round = 0; round < 2; round++) resolver.start('1.2.', { type: 'HINFO' });
    expect(resolver.questions.length).toBe(2);
  });

  test('when the question fails, all who wait are told so, then the next one is asked anew', () => {
    const resolver = forwarding('max_fails 0', 1, 'errors');
    const askings = [1, 2, 3].map((id) => resolver.start('www.test.', { id }));
    resolver.pass(6000);
    expect(askings.map(({ heard }) => heard?.rcode)).toEqual(['SERVFAIL', 'SERVFAIL', 'SERVFAIL']);
    expect(resolver.lines.length).toBe(3);
    const before = resolver.questions.length;
    resolver.start('www.test.');
    expect(resolver.questions.length).toBe(before + 1);
  });

  test('a retry keeps those who wait', () => {
    const resolver = forwarding('policy sequential\nmax_fails 0');
    const askings = [1, 2].map((id) => resolver.start('www.test.', { id }));
    resolver.questions[0].fail('EOF');
    askings.push(resolver.start('www.test.', { id: 3 }));
    expect(targets(resolver)).toBe('12');
    resolver.questions[1].answer(A);
    expect(askings.map(({ heard }) => heard?.id)).toEqual([1, 2, 3]);
  });

  test('who is joined waits no longer than the first asker: 5 s in all', () => {
    const resolver = forwarding('max_connect_attempts 9\nmax_fails 0', 1);
    resolver.start('www.test.');
    resolver.pass(4000);
    const late = resolver.start('www.test.');
    resolver.pass(1100);
    expect(late.heard?.rcode).toBe('SERVFAIL');
  });
});

describe('what an upstream answers is passed on', () => {
  test.each(['NOERROR', 'NXDOMAIN', 'SERVFAIL', 'REFUSED', 'FORMERR', 'NOTIMP'])(
    '%s, and the server counts as well',
    (rcode) => {
      const resolver = forwarding('', 2);
      const asking = resolver.start('www.test.');
      resolver.questions[0].answer({ rcode });
      expect(asking.heard).toMatchObject({ rcode, flags: 'rd ra', writer: 'forward', error: '' });
      expect(resolver.sent.length).toBe(1); // No second server, no probe.
    },
  );

  test('an error without question becomes one with', () => {
    const resolver = forwarding('', 1);
    const asking = resolver.start('wWw.test.', { udpSize: 1232, id: 7 });
    resolver.questions[0].answerBytes(Uint8Array.of(0, 0, 0x81, 0x01, 0, 0, 0, 0, 0, 0, 0, 0));
    expect(asking.heard).toMatchObject({ rcode: 'FORMERR', id: 7, name: 'wWw.test.', opts: 1 });
  });
});
