import { NameHash } from '../../../image/memory/hash';
import { Pending, type PendingQuestion } from '../../../image/upstream/pending';
import { QueryView, readQuery, Verdict } from '../../../image/wire/question';
import { type Asked, questionPacket } from '../../support/query';

class Question implements PendingQuestion {
  readonly requestOffset = 7; // Anywhere.
  readonly bytes: Uint8Array;
  readonly view = new QueryView();
  readonly followers: Question[] = [];

  constructor(name: string, asked: Asked = {}) {
    const packet = questionPacket(name, asked);
    this.bytes = new Uint8Array(packet.length + this.requestOffset);
    this.bytes.set(packet, this.requestOffset);
    expect(readQuery(this.bytes, this.requestOffset, packet.length, this.view)).toBe(Verdict.ACCEPT);
  }
}

const pending = (): Pending<Question> => new Pending<Question>(new NameHash(1));

test('a question follows an equal one until its answer is here', () => {
  const all = pending();
  const [leader, follower, late] = ['www.test.', 'WWW.test.', 'www.test.'].map(
    (name, id) => new Question(name, { id }),
  );
  const key = all.key(leader, 0);
  expect(all.follow(leader, key)).toBe(false);
  all.lead(leader, key);
  expect(all.key(follower, 0)).toBe(key);
  expect(all.follow(follower, key)).toBe(true);
  expect(all.count).toBe(1);
  expect(all.release(leader, key)).toEqual([follower]);
  expect(all.count).toBe(0);
  expect(all.follow(late, key)).toBe(false);
});

test('nobody follows itself', () => {
  const all = pending();
  const leader = new Question('www.test.');
  all.lead(leader, 1);
  expect(all.follow(leader, 1)).toBe(false);
});

test('of different questions with one key only the first is followed, and the others do not end it', () => {
  const all = pending();
  const [first, second] = [new Question('a.test.'), new Question('b.test.')];
  all.lead(first, 1);
  expect(all.follow(second, 1)).toBe(false); // As if two names had one hash.
  all.lead(second, 1);
  expect(all.release(second, 1)).toEqual([]);
  expect(all.follow(new Question('a.test.'), 1)).toBe(true);
  expect(all.follow(new Question('b.test.'), 1)).toBe(false);
});

test.each<[string, string, Asked, boolean]>([
  ['the same', 'www.test.', {}, true],
  ['another id', 'www.test.', { id: 9 }, true],
  ['another case', 'wWw.Test.', {}, true],
  ['another name of the same size', 'wwx.test.', {}, false],
  ['labels cut elsewhere', 'ww.wtest.', {}, false],
  ['other flags', 'www.test.', { flags: 0 }, false],
  ['another type', 'www.test.', { type: 'AAAA' }, false],
  ['another class', 'www.test.', { class: 3 }, false],
  ['EDNS', 'www.test.', { udpSize: 1232 }, false],
])('equal or not, whatever the key: %s', (_, name, asked, equal) => {
  const all = pending();
  all.lead(new Question('www.test.'), 1);
  expect(all.follow(new Question(name, asked), 1)).toBe(equal);
});

test('keys tell names, types, classes and scopes apart', () => {
  const all = pending();
  const keys = [
    all.key(new Question('www.test.'), 0),
    all.key(new Question('www.test.'), 1),
    all.key(new Question('www.tess.'), 0),
    all.key(new Question('www.test.', { type: 'AAAA' }), 0),
    all.key(new Question('www.test.', { class: 3 }), 0),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys.every((key) => key >= 0 && key < 2 ** 30)).toBe(true);
});
