/** What of EDNS passes a forward, and what it adds. */
import { Type } from '../../../../image/wire/codes';
import type { ResourceRecord } from '../../../../image/wire/message';
import { nameToText } from '../../../../image/wire/name-text';
import { encoded, message, opt } from '../../../fuzz/wire-seeds';
import { optRecord, Resolver } from '../../../support/resolver';

const COOKIE = '000a00081122334455667788';
const NSID = '00030000';

const optionsOf = (records: readonly ResourceRecord[]) =>
  records.filter(({ type }) => type === Type.OPT).map(({ data }) => Buffer.from(data).toString('hex'));

describe('options between neighbours (RFC 7873, RFC 7828)', () => {
  test('a client’s are not sent on, others are; the question and its id are its own afterwards', () => {
    const resolver = new Resolver('errors\nforward . 192.0.2.1 192.0.2.2 {\npolicy sequential\nmax_fails 0\n}');
    const packet = encoded(message({ ask: 'wWw.test.', additional: [opt(1232, 0x8000, COOKIE + NSID)] }));
    const asking = resolver.startPacket(packet);
    resolver.questions[0].fail('EOF');
    for (const { message: sent } of resolver.questions) {
      expect(optionsOf(sent.additional)).toEqual([NSID]);
      expect(nameToText(sent.question!.name, 0)).toBe('wWw.test.');
    }
    resolver.questions[1].answer({ answer: ['@ 60 IN A 192.0.2.1'], additional: [optRecord(1232, 0x8000)] });
    const answer = ['wWw.test. 60 IN A 192.0.2.1'];
    expect(asking.heard).toMatchObject({ id: 0x1234, name: 'wWw.test.', opts: 1, options: '', answer });
  });

  test('two clients whose cookies differ are joined as little as before: what they asked is compared as it came', () => {
    const resolver = new Resolver('forward . 192.0.2.1');
    for (const cookie of ['11', '22']) {
      resolver.startPacket(encoded(message({ additional: [opt(1232, 0, COOKIE.slice(0, -2) + cookie)] })));
    }
    expect(resolver.questions.length).toBe(2);
  });
});

describe('a failure is explained to a client with EDNS (RFC 8914)', () => {
  const silent = 'read udp 10.0.0.1:4242->192.0.2.1:53: i/o timeout';
  test.each([
    ['no answer in time: no reachable authority', '', silent, '000f00020016'],
    ['an error of the network: network error', '', 'read udp a->b: read: connection refused', '000f00020017'],
  ])('%s', (_, options, error, expected) => {
    const resolver = new Resolver(`errors\nforward . 192.0.2.1 {\nmax_fails 0\n${options}\n}`);
    const asking = resolver.start('www.test.', { udpSize: 1232 });
    for (const index of [0, 1]) resolver.questions[index].fail(error);
    expect(asking.heard).toMatchObject({ rcode: 'SERVFAIL', opts: 1, options: expected });
  });

  test('all upstreams down and failfast: no reachable authority', () => {
    const resolver = new Resolver('errors\nforward . 192.0.2.1 {\nfailfast_all_unhealthy_upstreams\nmax_fails 1\n}');
    resolver.start('www.test.');
    for (const index of [0, 1]) resolver.questions[index].fail('EOF');
    for (const index of [0, 1]) {
      resolver.probes[index].fail('EOF');
      resolver.pass(504);
    }
    expect(resolver.ask('other.test.', { udpSize: 1232 })).toMatchObject({
      error: 'no healthy proxies',
      options: '000f00020016',
    });
  });

  test('who waited is told the same', () => {
    const resolver = new Resolver('errors\nforward . 192.0.2.1 {\nmax_fails 0\nmax_connect_attempts 1\n}');
    const askings = [1, 2].map((id) => resolver.start('www.test.', { id, udpSize: 1232 }));
    resolver.questions[0].fail('EOF');
    expect(askings.map(({ heard }) => heard?.options)).toEqual(['000f00020017', '000f00020017']);
  });

  test('a client without EDNS, an answer and an upstream’s own SERVFAIL need no explanation', () => {
    const resolver = new Resolver('errors\nforward . 192.0.2.1 {\nmax_fails 0\nmax_connect_attempts 1\n}');
    const plain = resolver.start('a.test.');
    resolver.questions[0].fail('EOF');
    expect(plain.heard?.opts).toBe(0);
    const answered = resolver.start('b.test.', { udpSize: 1232 });
    resolver.questions[1].answer({ rcode: 'SERVFAIL' });
    expect(answered.heard).toMatchObject({ rcode: 'SERVFAIL', options: '' });
  });
});
