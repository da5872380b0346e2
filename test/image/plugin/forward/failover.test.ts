/** Answers that are not the last word: `failover` asks the next upstream, `next` and `next_on_nodata` the next stanza. */
import { Resolver, type Says } from '../../../support/resolver';

const A: Says = { answer: ['@ 60 IN A 192.0.2.1'] };
const SOA = 'test. 60 IN SOA ns.test. hostmaster.test. 1 2 3 4 60';

/** Where the questions went, by the last digit of the address. */
const targets = (resolver: Resolver): string => resolver.questions.map(({ to }) => to.charAt(8)).join('');

describe('failover', () => {
  const forwarding = (options: string, servers = 3): Resolver => {
    const to = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].slice(0, servers).join(' ');
    return new Resolver(`errors\nforward . ${to} {\npolicy sequential\n${options}\n}`);
  };

  test('an answer with such a code lets the next upstream be asked, another one is the answer', () => {
    const resolver = forwarding('failover SERVFAIL REFUSED');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'SERVFAIL' });
    resolver.questions[1].answer({ rcode: 'REFUSED' });
    expect(asking.heard).toBeUndefined();
    resolver.questions[2].answer(A);
    expect(targets(resolver)).toBe('123');
    expect(asking.heard).toMatchObject({ rcode: 'NOERROR', answer: ['www.test. 60 IN A 192.0.2.1'] });
    expect(resolver.probes).toEqual([]); // Who answers is well.
  });

  test.each(['NXDOMAIN', 'NOERROR'])('%s is not among them', (rcode) => {
    const resolver = forwarding('failover SERVFAIL');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode });
    expect(asking.heard?.rcode).toBe(rcode);
  });

  test.each([1, 2, 3])(
    'coredns #8277: when all of %i upstreams answer so, each is asked once and the last word stands',
    (servers) => {
      const resolver = forwarding('failover SERVFAIL REFUSED', servers);
      const asking = resolver.start('www.test.');
      for (let index = 0; index < servers; index++) {
        resolver.questions[index].answer({ rcode: index === servers - 1 ? 'REFUSED' : 'SERVFAIL' });
      }
      expect(targets(resolver)).toBe('123'.slice(0, servers));
      expect(asking.heard).toMatchObject({ rcode: 'REFUSED', writer: 'forward', error: '', afterMs: 0 });
    },
  );

  test('an upstream that then does not answer is an error', () => {
    const resolver = forwarding('failover SERVFAIL\nmax_connect_attempts 1', 2);
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'SERVFAIL' });
    resolver.questions[1].fail('read udp: i/o timeout');
    expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL', error: 'read udp: i/o timeout' });
  });

  test('answers that fail over are no failed attempts', () => {
    const resolver = forwarding('failover SERVFAIL\nmax_connect_attempts 1', 3);
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'SERVFAIL' });
    resolver.questions[1].answer({ rcode: 'SERVFAIL' });
    resolver.questions[2].answer(A);
    expect(asking.heard?.rcode).toBe('NOERROR');
  });

  test('an error without question fails over, too', () => {
    const resolver = forwarding('failover REFUSED', 2);
    const asking = resolver.start('www.test.');
    resolver.questions[0].answerBytes(Uint8Array.of(0, 0, 0x81, 0x05, 0, 0, 0, 0, 0, 0, 0, 0));
    resolver.questions[1].answer(A);
    expect(asking.heard?.answer.length).toBe(1);
  });

  test('who waits with the question gets what it gets', () => {
    const resolver = forwarding('failover SERVFAIL', 2);
    const askings = [1, 2].map((id) => resolver.start('www.test.', { id }));
    resolver.questions[0].answer({ rcode: 'SERVFAIL' });
    askings.push(resolver.start('www.test.', { id: 3 }));
    resolver.questions[1].answer(A);
    expect(askings.map(({ heard }) => [heard?.id, heard?.answer.length])).toEqual([1, 2, 3].map((id) => [id, 1]));
    expect(targets(resolver)).toBe('12');
  });
});

describe('next', () => {
  const stanzas = (first: string, second = '', after = ''): Resolver =>
    new Resolver(`errors
      forward . 192.0.2.1 {
        max_fails 0
        ${first}
      }
      forward b.test 192.0.2.2 {
        ${second}
      }
      forward . 192.0.2.3
      ${after}`);

  test('an answer with such a code hands the question to the next stanza that takes the name', () => {
    const resolver = stanzas('next NXDOMAIN', 'next REFUSED');
    const asking = resolver.start('a.b.test.');
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    resolver.questions[1].answer({ rcode: 'REFUSED' });
    resolver.questions[2].answer(A);
    expect(targets(resolver)).toBe('123');
    expect(asking.heard).toMatchObject({ rcode: 'NOERROR', writer: 'forward' });
  });

  test('a stanza that does not take the name is passed over', () => {
    const resolver = stanzas('next NXDOMAIN');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    resolver.questions[1].answer(A);
    expect(targets(resolver)).toBe('13');
    expect(asking.heard?.rcode).toBe('NOERROR');
  });

  test('other codes, and errors of the network, stay where they are', () => {
    const resolver = stanzas('next NXDOMAIN\nmax_connect_attempts 1');
    const [first, second] = [resolver.start('x.test.'), resolver.start('y.test.')];
    resolver.questions[0].answer({ rcode: 'SERVFAIL' });
    resolver.questions[1].fail('EOF');
    expect([first.heard?.rcode, second.heard?.error]).toEqual(['SERVFAIL', 'EOF']);
    expect(targets(resolver)).toBe('11');
  });

  test('the last stanza gives the answer that it has', () => {
    const resolver = new Resolver('forward . 192.0.2.1 {\nnext NXDOMAIN\n}');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    expect(asking.heard?.rcode).toBe('NXDOMAIN');
  });

  test('when no stanza behind takes the name, the plugins behind forward are asked', () => {
    const resolver = new Resolver(
      'errors\nforward . 192.0.2.1 {\nnext NXDOMAIN\n}\nforward other.test 192.0.2.2 {\nnext NXDOMAIN\n}',
    );
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL', error: 'plugin/forward: no next plugin found' });
  });

  test('failover comes before it: the last upstream’s answer decides', () => {
    const resolver = new Resolver(
      'forward . 192.0.2.1 192.0.2.2 {\npolicy sequential\nfailover NXDOMAIN\nnext NXDOMAIN\n}\nforward . 192.0.2.3',
    );
    const asking = resolver.start('www.test.');
    for (const index of [0, 1]) resolver.questions[index].answer({ rcode: 'NXDOMAIN' });
    resolver.questions[2].answer(A);
    expect(targets(resolver)).toBe('123');
    expect(asking.heard?.rcode).toBe('NOERROR');
  });

  test('each stanza has its own five seconds', () => {
    const resolver = stanzas('next NXDOMAIN', '', '');
    const asking = resolver.start('www.test.');
    resolver.pass(1_900);
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    resolver.pass(1_900);
    resolver.questions[1].answer(A);
    expect(asking.heard).toMatchObject({ rcode: 'NOERROR', afterMs: 3_800 });
  });

  test('who waits goes along and is asked for once', () => {
    const resolver = stanzas('next NXDOMAIN\nmax_concurrent 1');
    const askings = [1, 2, 3].map((id) => resolver.start('www.test.', { id }));
    resolver.questions[0].answer({ rcode: 'NXDOMAIN' });
    expect(targets(resolver)).toBe('13');
    expect(resolver.start('other.test.').heard).toBeUndefined(); // max_concurrent has room again.
    resolver.questions[1].answer(A);
    expect(askings.map(({ heard }) => [heard?.id, heard?.answer.length])).toEqual([1, 2, 3].map((id) => [id, 1]));
  });

  test.each<[string, Says, string]>([
    ['NOERROR without records', {}, '13'],
    ['NOERROR with only a SOA', { authority: [SOA] }, '13'],
    ['NOERROR with records', A, '1'],
    ['NXDOMAIN', { rcode: 'NXDOMAIN', authority: [SOA] }, '1'],
  ])('next_on_nodata: %s', (_, says, asked) => {
    const resolver = stanzas('next_on_nodata');
    const asking = resolver.start('www.test.');
    resolver.questions[0].answer(says);
    resolver.questions.at(-1)?.to.startsWith('192.0.2.3') && resolver.questions[1].answer(A);
    expect(targets(resolver)).toBe(asked);
    expect(asking.heard?.rcode).toBe(says.rcode ?? 'NOERROR');
  });
});
