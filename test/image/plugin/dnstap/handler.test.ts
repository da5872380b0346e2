import { handler } from '../../../../image/plugin/dnstap/handler';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { FakeWorker } from '../../../support/fake-worker';
import { packetOf, textOf } from '../recorded/ask';
import { decodeTap } from './collector';

const TAP = 'dnstap /x full {\nidentity me\nextra "{name} {rcode} {proto} {/forward/upstream}"\n}';

function make(lines: string) {
  const worker = new FakeWorker(`. {\nbind 127.0.0.1\n${lines}\n}\n`);
  const ask = (question: string): void => {
    worker.kernel.network.udpPeer('127.0.0.1').send({ address: '127.0.0.1', port: 53 }, packetOf(question));
    worker.pass(3000);
  };
  const told = () => {
    return worker.posted.flatMap((one) => (one.kind === 'taps' ? one.frames.map(({ frame }) => decodeTap(frame)) : []));
  };
  return { worker, ask, told };
}

test('the question of a client and its answer, with the client’s spelling', () => {
  expect(HANDLERS.dnstap).toBe(handler);
  const { ask, told } = make(`${TAP}\ntemplate IN A . {\nanswer "{{ .Name }} 60 IN A 192.0.2.1"\n}`);
  ask('Example.ORG. A');
  const [query, response] = told();
  expect(query).toMatchObject({ type: 'CQ', identity: 'me', family: 1, protocol: 1, response: '', outer: 1 });
  expect(query.extra).toBe('example.org. - udp -');
  expect(query.query).toMatch(/^127\.0\.0\.1#\d+$/);
  expect(query.queryMessage).toEqual(Buffer.from(packetOf('Example.ORG. A')));
  expect(Math.abs(query.querySeconds - Date.now() / 1000)).toBeLessThan(5);
  expect(response).toMatchObject({ type: 'CR', query: query.query, querySeconds: query.querySeconds });
  expect(response.responseSeconds).toBeGreaterThanOrEqual(query.querySeconds);
  expect(textOf(response.responseMessage)).toContain('NOERROR aa rd | Example.ORG. | example.org. 60 IN A 192.0.2.1');
});

test('upstreams that are asked: what they answer, and that they do not', () => {
  const { worker, ask, told } = make(`metadata\n${TAP}\ncache 30\nforward . 10.9.9.9`);
  const upstream = worker.kernel.network.udpPeer('10.9.9.9', 53);
  let heard = 0;
  upstream.onDatagram = ({ from, bytes }) => {
    if (++heard === 1) return;
    const answer = Buffer.from(bytes);
    answer[2] |= 0x80;
    answer[3] = 3;
    upstream.send(from, answer);
  };
  ask('a.example. A');
  expect(told().map(({ type, response }) => [type, response])).toEqual([
    ['CQ', ''],
    ['FQ', '10.9.9.9#53'], // No answer.
    ['FQ', '10.9.9.9#53'],
    ['FR', '10.9.9.9#53'],
    ['CR', ''],
  ]);
  expect(told()[4].extra).toBe('a.example. - udp 10.9.9.9:53');
  expect(textOf(Buffer.concat([Buffer.of(0x12, 0x67), told()[3].responseMessage.subarray(2)]))).toMatch(/^NXDOMAIN/);
});

test('AD is told as the client gets it', () => {
  const { worker, ask, told } = make(`${TAP}\ncache 30\nforward . 10.9.9.9`);
  const upstream = worker.kernel.network.udpPeer('10.9.9.9', 53);
  upstream.onDatagram = ({ from, bytes }) => {
    const answer = Buffer.from(bytes);
    answer[2] |= 0x80;
    answer[3] = 0x20; // AD, no records.
    upstream.send(from, answer);
  };
  for (const question of ['a. A', 'a. A', 'b. A ad', 'b. A ad']) ask(question);
  const answers = told().filter(({ type }) => type === 'CR');
  expect(answers.map(({ responseMessage }) => responseMessage[3] & 0x20)).toEqual([0, 0, 0x20, 0x20]);
});

test('hits of the cache are told of, SERVFAIL of the server is not', () => {
  const lines = `${TAP}\ncache 30\ntemplate IN A a {\nanswer "{{ .Name }} 60 IN A 192.0.2.1"\n}`;
  const { ask, told } = make(lines);
  for (const question of ['a. A', 'a. A', 'b. A']) ask(question);
  expect(told().map(({ type }) => type)).toEqual(['CQ', 'CR', 'CQ', 'CR', 'CQ']);
});

test('without full there are no messages; every collector is told', () => {
  const { ask, told } = make('dnstap /x\ndnstap tcp://127.0.0.1:1 full\nwhoami');
  ask('a. A');
  expect(
    told().map(({ type, queryMessage, responseMessage }) => [type, queryMessage.length, responseMessage.length]),
  ).toEqual([
    ['CQ', 0, 0],
    ['CQ', 19, 0],
    ['CR', 0, 0],
    ['CR', 0, expect.any(Number)],
  ]);
});
