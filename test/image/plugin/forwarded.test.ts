/**
 * What k8s-dns-node-cache 1.26.8 asks and answers with directives that change questions and answers, and what we do on a
 * made-up kernel: the same, but for what COMPATIBILITY.md says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeWorker } from '../../support/fake-worker';
import { type Case, corefileOf, type Said, UPSTREAM_PORT, Upstream } from './forwarded/case';
import { DIFFERENCES } from './forwarded/differences';
import { TOPICS } from './forwarded/topics';
import { packetOf, textOf } from './recorded/ask';

/** Long enough for everything but a time-out. */
const ANSWER_MS = 10;

function ask(world: FakeWorker, question: string): string {
  const words = question.split(' ');
  const client = words.includes('v6') ? '::1' : '127.0.0.1';
  const server = { address: client, port: 53 };
  const packet = packetOf(question);
  const { network } = world.kernel;
  if (!words.includes('tcp')) {
    const peer = network.udpPeer(client);
    peer.send(server, packet);
    world.pass(ANSWER_MS);
    return peer.received.length === 0 ? 'silence' : textOf(peer.received[0].bytes);
  }
  const end = network.tcpConnect(server, client)!;
  end.write(Buffer.concat([Buffer.from([0, packet.length]), packet]));
  world.pass(ANSWER_MS);
  const bytes = end.read();
  end.end();
  return bytes.length === 0 ? 'silence' : textOf(bytes.subarray(2, 2 + bytes.readUInt16BE(0)));
}

/** What we ask and answer to the questions of a case. */
function play(one: Case): Said[] {
  const world = new FakeWorker(corefileOf(one));
  const upstream = new Upstream();
  const { network } = world.kernel;
  const peer = network.udpPeer('127.0.0.1', UPSTREAM_PORT);
  peer.onDatagram = ({ from, bytes }) => void peer.send(from, upstream.answer(bytes));
  network.tcpServer('127.0.0.1', UPSTREAM_PORT, (end) => {
    end.onData = (bytes) => {
      const answer = upstream.answer(bytes.subarray(2));
      end.write(Buffer.concat([Buffer.from([answer.length >>> 8, answer.length & 0xff]), answer]));
    };
  });
  return one.questions.map((question) => {
    upstream.asked = [];
    const answer = ask(world, question);
    return { question, asked: upstream.asked, answer };
  });
}

describe.each(Object.entries(TOPICS))('%s', (topic, cases) => {
  const recorded: Readonly<Record<string, readonly Said[]>> = JSON.parse(
    readFileSync(join(__dirname, `forwarded/said/${topic}.json`), 'utf8'),
  );
  const met = new Set<string>();

  test.each(cases.map((one) => [one.title, one] as const))('%s', (title, one) => {
    const theirs = recorded[title];
    expect(theirs.map(({ question }) => question)).toEqual(one.questions);
    const ours = play(one);
    const expected = ours.map((said, index) => {
      if (JSON.stringify(said) === JSON.stringify(theirs[index])) return said;
      const difference = DIFFERENCES.find((known) => known.topic === topic && known.applies(theirs[index], said, one));
      if (difference === undefined) return theirs[index];
      met.add(difference.id);
      return said;
    });
    expect(ours).toEqual(expected);
  });

  test('every known difference is met', () => {
    const known = DIFFERENCES.filter((difference) => difference.topic === topic).map(({ id }) => id);
    expect([...met].sort()).toEqual(known.sort());
  });
});

test('every known difference has its row in COMPATIBILITY.md', () => {
  const file = readFileSync(join(__dirname, '../../../COMPATIBILITY.md'), 'utf8');
  const rows = new Set([...file.matchAll(/^\| [`_]([\w-]+)[`_] /gm)].map(([, id]) => id));
  expect(DIFFERENCES.map(({ id }) => id).filter((id) => !rows.has(id))).toEqual([]);
});
