import { type AnswerChange, AnswerDraft, changeAnswer, type LookedUp } from '../../../../image/plugin/rewrite/answer';
import { nameChange } from '../../../../image/plugin/rewrite/name-test';
import { Rcode } from '../../../../image/wire/codes';
import type { ResourceRecord } from '../../../../image/wire/message';
import { recordToText, textToRecord } from '../../../../image/wire/record-text';

const records = (...lines: string[]): ResourceRecord[] => lines.map((line) => textToRecord(line).record!);
const texts = (list: readonly ResourceRecord[]) => list.map((record) => recordToText(record).replace(/\s+/g, ' '));
const draftOf = (answer: ResourceRecord[], additional: ResourceRecord[] = [], flags = 0) =>
  new AnswerDraft({ id: 1, flags, question: undefined, answer, authority: [], additional });
const change = (kind: 'name' | 'value' | 'cname', from: string, to: string): AnswerChange => ({
  kind,
  change: nameChange({ kind: 'suffix', from }, to),
});

/** Change, with what look-ups bring. @returns the names looked up */
function run(draft: AnswerDraft, changes: readonly AnswerChange[], found: Readonly<Record<string, LookedUp>> = {}) {
  const asked: string[] = [];
  const steps = changeAnswer(draft, changes);
  for (let step = steps.next(); step.done !== true; ) {
    asked.push(step.value);
    step = steps.next(found[step.value] ?? { answer: [], isTruncated: false });
  }
  return asked;
}

test.each([
  ['a.x. 5 IN CNAME b.x.', 'a.x. 5 IN CNAME b.y.'],
  ['a.x. 5 IN DNAME b.x.', 'a.x. 5 IN DNAME b.y.'],
  ['a.x. 5 IN NS b.x.', 'a.x. 5 IN NS b.y.'],
  ['a.x. 5 IN PTR b.x.', 'a.x. 5 IN PTR b.y.'],
  ['a.x. 5 IN MX 10 b.x.', 'a.x. 5 IN MX 10 b.y.'],
  ['a.x. 5 IN SRV 1 2 3 b.x.', 'a.x. 5 IN SRV 1 2 3 b.y.'],
  ['a.x. 5 IN NAPTR 1 2 "u" "E2U+sip" "re" b.x.', 'a.x. 5 IN NAPTR 1 2 "u" "E2U+sip" "re" b.y.'],
  ['a.x. 5 IN SOA b.x. c.x. 1 2 3 4 5', 'a.x. 5 IN SOA b.y. c.x. 1 2 3 4 5'],
  ['a.x. 5 IN TXT "b.x."', 'a.x. 5 IN TXT "b.x."'],
  ['a.x. 5 IN A 192.0.2.1', 'a.x. 5 IN A 192.0.2.1'],
])('a value: %s becomes %s', (before, after) => {
  const draft = draftOf(records(before));
  run(draft, [change('value', 'x.', 'y.')]);
  expect(texts(draft.answer)).toEqual([after]);
});

test('rules go backwards: the last sees the answer first', () => {
  const draft = draftOf(records('a.z. 5 IN A 192.0.2.1'));
  run(draft, [change('name', 'y.', 'x.'), change('name', 'z.', 'y.')]);
  expect(texts(draft.answer)).toEqual(['a.x. 5 IN A 192.0.2.1']);
});

test('a name that is none is noted, and the record left alone', () => {
  const draft = draftOf(records('a.x. 5 IN A 192.0.2.1'));
  run(draft, [change('name', 'x.', 'y..')]);
  expect([draft.wrongName, texts(draft.answer)]).toEqual(['a.y..', ['a.x. 5 IN A 192.0.2.1']]);
});

test('the upper bits of a response code are part of it (RFC 6891 §6.1.3)', () => {
  const opt = { name: Uint8Array.of(0), type: 41, class: 1232, ttl: 0x01000000, data: new Uint8Array(0) };
  const draft = draftOf([], [opt], 7);
  expect(draft.rcode).toBe(23);
  run(draft, [{ kind: 'rcode', from: 23, to: Rcode.NXDOMAIN }]);
  expect(draft.rcode).toBe(Rcode.NXDOMAIN);
});

test('CoreDNS rewrite: the TTL word of an OPT record is no TTL', () => {
  const opt = { name: Uint8Array.of(0), type: 41, class: 1232, ttl: 0x8000, data: new Uint8Array(0) };
  const draft = draftOf(records('a.x. 5 IN A 192.0.2.1'), [opt]);
  run(draft, [{ kind: 'ttl', minSeconds: 300, maxSeconds: 300 }]);
  expect([draft.answer[0].ttl, draft.additional[0].ttl]).toEqual([300, 0x8000]);
});

test('CoreDNS rewrite: a code is rewritten in an answer without records, too', () => {
  const draft = draftOf([], [], Rcode.SERVFAIL);
  run(draft, [{ kind: 'rcode', from: Rcode.SERVFAIL, to: Rcode.NXDOMAIN }]);
  expect(draft.rcode).toBe(Rcode.NXDOMAIN);
});

test('CoreDNS rewrite: revert finds nothing to do in an answer without OPT record', () => {
  const draft = draftOf(records('a.x. 5 IN A 192.0.2.1'));
  run(draft, [{ kind: 'option', revert: { code: 65001, before: undefined } }]);
  expect(texts(draft.answer)).toEqual(['a.x. 5 IN A 192.0.2.1']);
});

describe('an alias that leads elsewhere', () => {
  const chain = () => draftOf(records('q.x. 5 IN CNAME a.x.', 'a.x. 4 IN A 192.0.2.1'));
  const cname = change('cname', 'a.x.', 'a.y.');

  test('is followed by what is there, and nothing else', () => {
    const draft = chain();
    const answer = records('a.y. 3 IN A 192.0.2.2', 'other.y. 3 IN A 192.0.2.3');
    expect(run(draft, [cname], { 'a.y.': { answer, isTruncated: true } })).toEqual(['a.y.']);
    expect(texts(draft.answer)).toEqual(['q.x. 5 IN CNAME a.y.', 'a.y. 3 IN A 192.0.2.2']);
    expect(draft.isTruncated).toBe(true);
  });

  test('stays alone when nothing is there', () => {
    const draft = chain();
    run(draft, [cname]);
    expect(texts(draft.answer)).toEqual(['q.x. 5 IN CNAME a.y.']);
  });

  test('two rules look up one after the other', () => {
    const draft = chain();
    expect(run(draft, [change('cname', 'a.y.', 'a.z.'), cname])).toEqual(['a.y.', 'a.z.']);
    expect(texts(draft.answer)).toEqual(['q.x. 5 IN CNAME a.z.']);
  });
});
