/** The way in and out. What the rules do, seen from outside, is recorded: test/image/plugin/forwarded.test.ts. */
import { Step } from '../../../../image/chain/plugin';
import type { Query } from '../../../../image/chain/query';
import { restoreQuestion } from '../../../../image/plugin/rewrite/reply';
import { Rcode } from '../../../../image/wire/codes';
import { nameToText } from '../../../../image/wire/name-text';
import { textToRecord } from '../../../../image/wire/record-text';
import { FakeWorker } from '../../../support/fake-worker';
import { answering, HandlerWorld, type Inner, questionPacket } from '../../../support/query';

const record = (line: string) => textToRecord(line).record!;
const world = (rules: string, inner: Inner) => new HandlerWorld(`. {\nerrors\n${rules}\n}`, {}, inner);
const say = (...lines: string[]) => answering(0x8180, { answer: lines.map(record) });

test('handlers behind see the changed question, and the query has its own again on the way out', () => {
  const seen: string[] = [];
  const one = world('rewrite name a.test b.test', (query) => {
    seen.push(query.name);
    return query.fail(Rcode.SERVFAIL, 'nobody there');
  });
  const { rcode, error, message } = one.ask('A.Test.');
  expect([seen, rcode, error]).toEqual([['b.test.'], 'SERVFAIL', 'nobody there']);
  expect(nameToText(message!.question!.name, 0)).toBe('A.Test.');
  expect(one.lines).toEqual(['[ERROR] plugin/errors: 2 a.test. A: nobody there']);
});

test('an answer that rules changed is ours, another is not', () => {
  const one = world('rewrite name a.test b.test', say('b.test. 5 IN A 192.0.2.1'));
  expect(one.ask('a.test.')).toMatchObject({ writer: 'rewrite', answer: ['a.test. 5 IN A 192.0.2.1'] });
  expect(one.ask('b.test.')).toMatchObject({ writer: 'inner', answer: ['b.test. 5 IN A 192.0.2.1'] });
});

test('a failure after a rule that stops is an answer; after one that continues it stays a failure', () => {
  const failing: Inner = (query) => query.fail(Rcode.REFUSED, '');
  expect(world('rewrite type A AAAA', failing).ask('a.test.')).toMatchObject({ rcode: 'REFUSED', writer: 'rewrite' });
  expect(world('rewrite continue type A AAAA', failing).ask('a.test.')).toMatchObject({ rcode: 'REFUSED', writer: '' });
});

test('a name that is none after a rule fails before anybody is asked', () => {
  let asked = 0;
  const one = world('rewrite name prefix a. .', (query) => {
    asked++;
    return query.fail(Rcode.NOTIMP, '');
  });
  expect(one.ask('a.x.')).toMatchObject({ rcode: 'SERVFAIL', error: 'invalid name after rewrite: .x.' });
  expect(asked).toBe(0);
});

test.each([
  ['owner', 'rewrite name exact a.test b.test answer name (b.*) x..y', 'invalid name after rewrite: x..y.'],
  ['code', 'rewrite rcode a.test NOERROR BADCOOKIE', 'dns: bad extended rcode'],
])('a rule that makes an answer that cannot be written (%s) is SERVFAIL', (_, rules, error) => {
  const outcome = world(rules, say('b.test. 5 IN A 192.0.2.1')).ask('a.test.');
  expect(outcome).toMatchObject({ rcode: 'SERVFAIL', error, message: undefined });
});

test('a request that becomes too long is SERVFAIL', () => {
  const outcome = world(`rewrite edns0 local set 65001 0x${'ab'.repeat(4090)}`, say()).ask('a.test.');
  expect(outcome).toMatchObject({ rcode: 'SERVFAIL', error: 'request too long after rewrite' });
});

test('an answer shared with an equal question behind is not shared in front', () => {
  let last: Query | undefined;
  const one = world('rewrite name a.test b.test', (query) => {
    query.joined = true;
    last = query;
    return say('b.test. 5 IN A 192.0.2.1')(query);
  });
  one.ask('a.test.');
  expect(last?.joined).toBe(false);
});

test('silence stays silence', () => {
  const outcome = world('rewrite name a.test b.test', (query) => query.silence()).ask('a.test.');
  expect(outcome).toMatchObject({ message: undefined, writer: '' });
});

test('a malformed answer is SERVFAIL, and so is a walk that nothing of ours is left of', () => {
  const bytes = Uint8Array.from([0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0x62, 0, 0, 1, 0, 1, 0xc0]);
  const one = world('rewrite name a.test b.test', (query) => query.answer('inner', bytes, 0, bytes.length));
  expect(one.ask('a.test.')).toMatchObject({ rcode: 'SERVFAIL', message: undefined });
});

test('a walk that broke off leaves nothing for the next one', () => {
  let breaks = true;
  const one = world('rewrite name a.test b.test', (query) => {
    if (breaks) throw new Error('a mistake of ours');
    return say('c.test. 5 IN A 192.0.2.1')(query);
  });
  expect(() => one.ask('a.test.')).toThrow('a mistake of ours');
  breaks = false;
  one.panics.length = 0;
  expect(one.ask('c.test.')).toMatchObject({ writer: 'inner', answer: ['c.test. 5 IN A 192.0.2.1'] });
});

test('a question is put back in place only when its name is the same', () => {
  const put: boolean[] = [];
  const one = world('', (query) => {
    const step = answering(0x8180, {})(query);
    put.push(restoreQuestion(query));
    query.reply[query.replyOffset + 13] ^= 0x20; // Another case is the same name …
    put.push(restoreQuestion(query));
    query.reply[query.replyOffset + 13] ^= 0x03; // … another letter is not.
    put.push(restoreQuestion(query));
    return step === Step.DONE ? query.fail(Rcode.SERVFAIL, '') : step;
  });
  one.ask('abc.test.');
  expect(put).toEqual([true, true, false]);
});

test.each([
  ['{client_port}', '10.240.0.1', 'dns://:53', '9d14'],
  ['{server_port}', '10.240.0.1', 'dns://192.0.2.1:5353', '14e9'],
  ['{server_ip}', '10.240.0.1', 'dns://192.0.2.1:53', 'c0000201'],
  ['{server_ip}', '10.240.0.1', 'dns://:53', undefined],
  ['{client_ip}', '10.240.0.1', 'dns://:53', '0af00001'],
  ['{client_ip}', 'fe80::1%eth0', 'dns://:53', undefined],
  ['{forward/upstream}', '10.240.0.1', 'dns://:53', undefined],
])('%s of a question of %s to %s', (variable, remote, server, expected) => {
  let found: string | undefined;
  const options = { remote, servers: [server] };
  const one = new HandlerWorld(`. {\nrewrite edns0 local set 65001 ${variable}\n}`, options, (query) => {
    const { optionsBytes, messageBytes } = query.view;
    const data = query.copyRequest().subarray(messageBytes - optionsBytes + 4);
    if (optionsBytes > 0) found = Buffer.from(data).toString('hex');
    return query.fail(Rcode.SERVFAIL, '');
  });
  one.ask('a.test.');
  expect(found).toBe(expected);
});

test.each([
  '',
  'rewrite edns0 local set 0x13 test123456 revert',
  'rewrite name suffix .test .a-much-longer-name.test answer auto',
])('the octets counted are those of the client’s own question: %j', (rule) => {
  const worker = new FakeWorker(`. {\nbind 127.0.0.1\nprometheus 127.0.0.1:9253\n${rule}\nforward . 192.0.2.53\n}`);
  const upstream = worker.kernel.network.udpPeer('192.0.2.53', 53);
  const packet = questionPacket('a.test.');
  let sent = 0;
  upstream.onDatagram = ({ bytes }) => {
    sent = Math.max(sent, bytes.length); // Probes come, too, and are shorter.
  };
  const client = worker.kernel.network.udpPeer('127.0.0.1');
  client.send({ address: '127.0.0.1', port: 53 }, packet);
  worker.pass(6000);
  expect(client.received.length).toBe(1); // SERVFAIL, as nobody answers.
  expect(sent > packet.length).toBe(rule !== '');
  expect(worker.octets('coredns_dns_request_size_bytes')).toBe(packet.length);
});
