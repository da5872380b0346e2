/**
 * What CoreDNS 1.13.2 answers with the directives that need no upstream, and what we answer on a made-up kernel: the same,
 * but for what COMPATIBILITY.md says.
 */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { FakeWorker } from '../../support/fake-worker';
import { packetOf, textOf } from './recorded/ask';
import { CASES, type Case } from './recorded/cases';
import { DIFFERENCES } from './recorded/differences';
import { named } from './recorded/named';

/** A question with its answer. */
interface Said {
  readonly question: string;
  readonly answer: string;
}
const SAID: Readonly<Record<string, readonly Said[]>> = JSON.parse(
  readFileSync(join(__dirname, 'recorded/said.json'), 'utf8'),
);
const SERVER = { address: '127.0.0.1', port: 53 };

/** All answers of ours to the questions of a case. */
function answersTo({ lines, questions }: Case): Said[] {
  const world = new FakeWorker(`. {\nbind 127.0.0.1\n${lines.join('\n')}\n}\n`);
  const said = questions.map((question) => {
    const packet = packetOf(question);
    let answer: Buffer | undefined;
    let port: number;
    if (question.split(' ').includes('tcp')) {
      const end = world.kernel.network.tcpConnect(SERVER, '127.0.0.1')!;
      end.write(Buffer.concat([Buffer.from([0, packet.length]), packet]));
      world.pass(10);
      const bytes = end.read();
      if (bytes.length > 0) answer = bytes.subarray(2, 2 + bytes.readUInt16BE(0));
      port = end.local.port;
      end.end();
    } else {
      const peer = world.kernel.network.udpPeer('127.0.0.1');
      peer.send(SERVER, packet);
      world.pass(10);
      answer = peer.received[0]?.bytes;
      port = peer.endpoint.port;
    }
    return { question, answer: answer === undefined ? 'silence' : named(textOf(answer), port, hostname()) };
  });
  world.kernel.run(() => world.worker.turn(), 10);
  return said;
}

const differenceOf = (title: string, ours: Said, theirs: Said) =>
  DIFFERENCES.find(({ applies }) => applies(title, ours.question, ours.answer, theirs.answer));

describe.each(CASES.map((one) => [one.title, one] as const))('%s', (title, one) => {
  const theirs = SAID[title];
  const ours = answersTo(one);

  test('every question is recorded', () => {
    expect(theirs.map(({ question }) => question)).toEqual(one.questions);
  });

  test('is answered as CoreDNS answers it', () => {
    const meant = (said: Said, index: number) => differenceOf(title, said, theirs[index]) !== undefined;
    const expected = ours.map((said, index) => (meant(said, index) ? said : theirs[index]));
    expect(ours).toEqual(expected);
  });
});

test.each(DIFFERENCES)('the difference $id is still met', ({ id }) => {
  const met = CASES.flatMap((one) =>
    answersTo(one).filter((said, index) => {
      const theirs = SAID[one.title][index];
      return said.answer !== theirs.answer && differenceOf(one.title, said, theirs)?.id === id;
    }),
  );
  expect(met).not.toEqual([]);
});

test('every difference has its row in COMPATIBILITY.md', () => {
  const rows = readFileSync(join(__dirname, '../../../COMPATIBILITY.md'), 'utf8');
  for (const { id } of DIFFERENCES) expect(rows).toMatch(new RegExp(`^\\| [\`_]${id}[\`_] \\|`, 'm'));
});
