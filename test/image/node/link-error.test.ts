import { addressRefused, failed, LinkError, nameProblem, noKind } from '../../../image/node/link-error';

const reply = (error: number, explanation = '') => ({ error, explanation, messages: [] });

test.each([
  [reply(-22), 'Cannot do it: invalid argument'],
  [
    reply(-22, 'Attribute failed policy validation'),
    'Cannot do it: invalid argument: Attribute failed policy validation',
  ],
  [reply(-1), 'Cannot do it: operation not permitted; give the container the capability NET_ADMIN'],
])('%j', (answer, wanted) => {
  const error = failed('do it', answer);
  expect([error.message, error.errno, error.done]).toEqual([wanted, -answer.error, []]);
  expect(error).toBeInstanceOf(LinkError);
});

test.each([
  // IPv4 has no sysctl of that kind.
  ['169.254.20.10', -13, /permission denied$/],
  ['169.254.20.10', -95, /operation not supported$/],
  [
    'fd00::a',
    -13,
    /permission denied: IPv6 is disabled there; set net\.ipv6\.conf\.ndl\.disable_ipv6=0 .* leave IPv6 out of -localip$/,
  ],
  ['fd00::a', -95, /operation not supported; if the node was booted with ipv6\.disable=1, leave IPv6 out of -localip$/],
  ['fd00::a', -1, /operation not permitted; give the container the capability NET_ADMIN$/],
])('%s refused with %d', (address, error, wanted) => {
  expect(addressRefused(address, 'ndl', reply(error)).message).toMatch(wanted);
});

test('names that the kernel takes are no problem', () => {
  for (const name of ['nodelocaldns', 'a', 'fifteen-letters', 'v1.2_3@x', '...'])
    expect(nameProblem(name)).toBeUndefined();
  expect(nameProblem('sixteen-letters!')?.errno).toBe(0);
});

test('a kernel without any kind keeps its errno', () => expect(noKind('ndl', 95).errno).toBe(95));
