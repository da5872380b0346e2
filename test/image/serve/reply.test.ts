/** The last hands on an answer, as far as no other test comes here through a socket. */
import { type Query, TCP } from '../../../image/chain/query';
import { writeAnswer } from '../../../image/serve/reply';
import { QueryView, readQuery } from '../../../image/wire/question';
import { questionPacket } from '../../support/query';

/** An answer with one record, A 192.0.2.1, to a question packet. */
function answerTo(question: Uint8Array): Buffer {
  const answer = Buffer.concat([question, Buffer.from('c00c000100010000003c0004c0000201', 'hex')]);
  answer.writeUInt16BE(0x8180, 2);
  answer.writeUInt16BE(1, 6);
  return answer;
}

/** A query over TCP by a client without EDNS that was answered with `reply`. */
function answered(question: Uint8Array, reply: Buffer): Query {
  const view = new QueryView();
  readQuery(question, 0, question.length, view);
  const own = { view, bytes: question, requestOffset: 0, protocol: TCP, extendedError: -1, extendedErrorText: '' };
  return {
    ...own,
    reply,
    replyOffset: 0,
    replyBytes: reply.length,
    rcode: 0,
    hidesAuthenticated: false,
  } as unknown as Query;
}

test('octets behind the last record do not go out: an OPT, too, that was taken off for an asker before', () => {
  const question = questionPacket('a.example.');
  const answer = answerTo(question);
  const opt = Buffer.from('00002910000000000000060003000261', 'hex');
  const out = new Uint8Array(1024);
  const length = writeAnswer(answered(question, Buffer.concat([answer, opt])), out, 0);
  expect(Buffer.from(out.subarray(0, length)).toString('hex')).toBe(answer.toString('hex'));
});
