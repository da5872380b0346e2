/** The numbers are CoreDNS 1.13.2's own, from its log line `Running configuration SHA512 = …`. */
import { corefileFingerprint } from '../../../image/corefile/fingerprint';
import { fakeEnvironment, type Machine } from '../../support/corefile';

const MACHINE: Machine = {
  variables: { ZONE: 'bar.test' },
  files: { '/tmp/nodelocaldns/part.conf': 'log . "{name}"\nerrors\n' },
};
const fingerprint = (text: string, machine = MACHINE, file = 'Corefile'): string =>
  corefileFingerprint(text, file, fakeEnvironment(machine));

test.each([
  [
    'two directives',
    '.:23120 {\n errors\n reload\n}\n',
    'd94e9738dabbbc38024612f1f7dba0029c20a987e6ce820ed788b658f00cde813a2f87e832d653ca749b63defbb4acf57a7a90d3458b90313149bea0e6c35726',
  ],
  [
    'a snippet, a comment of two-byte letters',
    '# c ü\n(common) {\n    errors\n    reload 2s 1s # trailing\n}\n.:23120 {\n import common\n}\n',
    '0631964b3537367aeee4d5d072c8be8834487e002858d2394e9fb4242a62c19a90fea965ec81784d5f2d42fd4088576e6851f374ce8bdfceb7e39ecb4ee6c4c6',
  ],
  [
    'a variable among keys',
    '.:23120 {$ZONE}:23120, foo.test:23120 {\n reload\n}\n',
    '46a972a59703821adf49ae70ec72e91cbcfebf09448dff70fa4cbeb883ac4472e4d61a1ea35b44dfaed90b481a322136b5caaeb1ca759d00682207e70c0d4d58',
  ],
  [
    'a nested block, letters that Go escapes, a backslash and a tab',
    '.:23120 {\n reload\n template IN A a.test {\n        answer "{{ .Name }} 60 IN A 1.2.3.4"\n        match "^(a|b)<&>\\.\tx"\n    }\n}\n',
    '3e490405e6acd0d3c461840f641fd94cf940501730c2b2cdf73dcf3fd6dd17c1952aa9c647b3bdff0fb3a5222b3d06dbc59c37e3c61494549e7c76bf73a86961',
  ],
  [
    'quotes and a line break in a token',
    '.:23120 {\n reload\n log . "{remote} <{type}>\n  second \\"line" {\n  class denial\n }\n errors\n}\n',
    '367b85181818e94a95d0501634fa10695a88b8f14e7d34ec2b2881dc7aa43c9a48c1c03949e46fe4ec76eaa8cc194323b4a38dfc5a904507b2c10089a91d87b7',
  ],
  [
    'two blocks, a directive twice',
    'a.test:23120 {\n reload\n errors\n}\nb.test:23120 {\n cache 5\n log\n log x.test\n}\n',
    '472d1339badb1b7dbb0f5614002747a4bb749c23001d88ad3021f0240184cb9c21fa19fbff4002205b6356f12692c2a3d68631bbe821751a968b5235454c4352',
  ],
  [
    'an imported file',
    '.:23120 {\n reload\n import /tmp/nodelocaldns/*.conf\n whoami\n}\n',
    '1807bf61e774a95b36adf9b5b6f2eb561f66a8212ddd622a0ae0397638e497e3185d8e62aae0e3b0d39f3b82e17e9157807deccfdc757ee6ac34dc5d645ad323',
  ],
])('%s', (_, text, expected) => {
  expect(fingerprint(text)).toBe(expected);
});

const TEXT = '.:53 {\n errors\n cache 30\n}\n';

test.each([
  ['comments', `${TEXT}# more\n`],
  ['blanks', TEXT.replaceAll(' ', '   ').replace('cache 30', 'cache\t30')],
])('%s do not count', (_, text) => {
  expect(fingerprint(text)).toBe(fingerprint(TEXT));
});

test('the name of the file does not count', () => {
  expect(fingerprint(TEXT, MACHINE, '/etc/coredns/Corefile')).toBe(fingerprint(TEXT));
});

test.each([
  ['another argument', TEXT.replace('30', '31')],
  ['an empty line: tokens have line numbers', `\n${TEXT}`],
  ['another key', TEXT.replace('.:53', 'test:53')],
])('%s counts', (_, text) => {
  expect(fingerprint(text)).not.toBe(fingerprint(TEXT));
});

test('the content of an imported file counts, and the value of a variable', () => {
  const text = '{$ZONE} {\n import /tmp/nodelocaldns/part.conf\n}\n';
  const before = fingerprint(text);
  expect(fingerprint(text, { ...MACHINE, variables: { ZONE: 'foo.test' } })).not.toBe(before);
  expect(fingerprint(text, { ...MACHINE, files: { '/tmp/nodelocaldns/part.conf': 'errors\n' } })).not.toBe(before);
});

test('directives need not exist; a text that is no Corefile has none, and says where', () => {
  expect(fingerprint('. {\n bogus\n}\n')).toMatch(/^[0-9a-f]{128}$/);
  expect(() => fingerprint('. { bogus\n')).toThrow(
    "Corefile:1 - Syntax error: Unexpected token 'bogus', expecting '}'",
  );
});
