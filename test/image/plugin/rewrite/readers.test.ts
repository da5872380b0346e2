/** Words that mean the same thing in several ways. The refusals are in setup.test.ts. */
import { readEdnsRule } from '../../../../image/plugin/rewrite/edns-rule';
import { readRcodeRule, readTtlRule } from '../../../../image/plugin/rewrite/match-rule';
import { matchKind } from '../../../../image/plugin/rewrite/name-rule';

test.each([
  ['300', 300, 300],
  ['1-5', 1, 5],
  ['-5', 0, 5],
  ['5-', 5, 2147483647],
  ['7-7', 7, 7],
])('ttl %s is from %i to %i', (word, minSeconds, maxSeconds) => {
  expect(readTtlRule(['a', word])).toMatchObject({ minSeconds, maxSeconds });
});

test.each([
  ['23', 23],
  ['notimpl', 4],
  ['BADSIG', 16],
  ['NoError', 0],
])('rcode %s is %i', (word, rcode) => {
  expect(readRcodeRule(['a', word, '0'])).toMatchObject({ from: rcode, to: 0 });
});

test.each([
  ['65518', 65518],
  ['0xFFEE', 65518],
  ['0b101', 5],
  ['0o17', 15],
  ['017', 15],
  ['1_000', 1000],
  ['0x_1', 1],
  ['0', 0],
])('code %s is %i', (word, code) => {
  expect(readEdnsRule(['local', 'unset', word])).toMatchObject({ code });
});

test.each([
  ['Exact', 'exact'],
  ['REGEX', 'regex'],
  ['glob', undefined],
])('%s is the kind %s', (word, kind) => {
  expect(matchKind(word)).toBe(kind);
});
