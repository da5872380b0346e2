/** What it asks and answers is recorded: test/image/plugin/forwarded.test.ts. Here is what shows elsewhere. */

import { typeText } from '../../../../image/wire/codes';
import { decodeMessage } from '../../../../image/wire/message';
import { FakeWorker } from '../../../support/fake-worker';
import { questionPacket } from '../../../support/query';
import { encodeSays, type Says } from '../../../support/resolver';

const LINES = 'bind ::1\nerrors\nprometheus 127.0.0.1:9253\ndns64';

/** A worker whose upstream says this by type; silence for undefined. */
function play(lines: string, says: Readonly<Record<string, Says | undefined>>) {
  const world = new FakeWorker(`. {\n${lines}\nforward . 192.0.2.53\n}\n`);
  const upstream = world.kernel.network.udpPeer('192.0.2.53', 53);
  upstream.onDatagram = ({ from, bytes }) => {
    const query = decodeMessage(bytes, 0, bytes.length)!;
    const said = says[typeText(query.question!.type)];
    if (said !== undefined) upstream.send(from, encodeSays(said, query));
  };
  const client = world.kernel.network.udpPeer('::1');
  return {
    world,
    ask(name: string, type = 'AAAA', passMs = 10) {
      client.received.length = 0;
      client.send({ address: '::1', port: 53 }, questionPacket(name, { type }));
      world.pass(passMs);
      const bytes = client.received[0]?.bytes;
      return bytes && decodeMessage(bytes, 0, bytes.length);
    },
  };
}

test('translations are counted by server, other questions are not', () => {
  const { world, ask } = play(LINES, { A: { answer: ['@ 5 IN A 192.0.2.1'] }, AAAA: {}, MX: {} });
  for (const type of ['AAAA', 'A', 'MX', 'AAAA']) ask('a.test.', type);
  expect(world.metric('coredns_dns64_requests_translated_total', 'dns://[::1]:53')).toBe(2);
});

test('questions of both kinds are counted by prometheus, as in CoreDNS: the server asks itself', () => {
  const { world, ask } = play(LINES, { A: { answer: ['@ 5 IN A 192.0.2.1'] }, AAAA: {} });
  ask('a.test.');
  expect(world.metric('coredns_dns_requests_total', 'A')).toBe(1);
  expect(world.metric('coredns_dns_requests_total', 'AAAA')).toBe(1);
});

test('upstreams that say nothing to AAAA are a failure, with its cause in the log', () => {
  const { world, ask } = play(LINES, { A: { answer: ['@ 5 IN A 192.0.2.1'] } });
  expect(ask('a.test.', 'AAAA', 6000)!.flags & 15).toBe(2);
  const log = world.posted.flatMap((message) => (message.kind === 'log' ? [message.text] : []));
  expect(log.join('')).toMatch(/\[ERROR\] plugin\/errors: 2 a\.test\. AAAA: .*i\/o timeout/);
  expect(world.metric('coredns_dns64_requests_translated_total')).toBe(0);
});

test('upstreams that say nothing to A leave an answer without addresses', () => {
  const { ask } = play(LINES, { AAAA: {} });
  const message = ask('a.test.', 'AAAA', 6000)!;
  expect([message.flags & 15, message.answer]).toEqual([0, []]);
});

test('questions that are dropped are dropped, and an A question that is dropped is a failure', () => {
  const { ask } = play('bind ::1\ndns64\nacl {\ndrop type AAAA\n}', { A: {}, AAAA: {} });
  expect(ask('a.test.')).toBeUndefined();
  const other = play('bind ::1\ndns64\nacl {\ndrop type A\n}', { A: {}, AAAA: {} });
  expect(other.ask('a.test.')!.flags & 15).toBe(2);
});

test('nothing is left over: queries return to the pool', () => {
  const { world, ask } = play(LINES, { A: { answer: ['@ 5 IN A 192.0.2.1'] }, AAAA: {} });
  for (let times = 0; times < 100; times++) ask(`a${times}.test.`);
  expect(world.metric('nodelocaldns_queries_in_flight')).toBe(0);
});
