/** Flags whose mechanism is not there yet are said aloud, and only when they would do something. */
import { readCommandLine, type Settings } from '../../../image/agent/flags';
import { laterLines } from '../../../image/agent/later';

const settings = (line: string): Settings => {
  const read = readCommandLine('node-cache', line.split(' '));
  if (read.kind === 'end') throw new Error(read.text);
  return read.settings;
};
const nothing = { exists: () => false };

test('without -localip nothing is missing', () => {
  expect(laterLines(settings('-kubednscm /etc/kube-dns -reloadwithsignal'), { exists: () => true })).toEqual([]);
});

test('with -localip the link and the rules are', () => {
  expect(laterLines(settings('-localip 169.254.20.10,10.96.0.10 -interfacename nld'), nothing)).toEqual([
    expect.stringMatching(
      /^-setupinterface: .* interface nld yet; put 169\.254\.20\.10, 10\.96\.0\.10 on an interface/,
    ),
    expect.stringMatching(/^-setupiptables: /),
  ]);
});

test.each([
  ['-setupinterface=false -setupiptables=false', false, []],
  ['-setupinterface=false -setupiptables=false', true, ['-kubednscm']],
  ['-setupinterface=false -setupiptables=false -kubednscm /x', false, ['-kubednscm']],
  ['-setupinterface=false -setupiptables=false -reloadwithsignal', false, ['-reloadwithsignal']],
])('%s (kube-dns mounted: %p) is missing %j', (flags, mounted, expected) => {
  const lines = laterLines(settings(`-localip 169.254.20.10 ${flags}`), {
    exists: (path) => mounted && path === '/etc/kube-dns',
  });
  expect(lines.map((line) => line.split(':')[0])).toEqual(expected);
});
