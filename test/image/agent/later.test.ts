/** Flags whose mechanism is not there yet are said aloud, and only when they would do something. */
import { readCommandLine, type Settings } from '../../../image/agent/flags';
import { laterLines } from '../../../image/agent/later';

const settings = (line: string): Settings => {
  const read = readCommandLine('node-cache', line.split(' '));
  if (read.kind === 'end') throw new Error(read.text);
  return read.settings;
};

test('without -localip nothing is missing', () => {
  expect(laterLines(settings('-kubednscm /etc/kube-dns -reloadwithsignal'))).toEqual([]);
});

test('with -localip the link and the rules are', () => {
  expect(laterLines(settings('-localip 169.254.20.10,10.96.0.10 -interfacename nld'))).toEqual([
    expect.stringMatching(
      /^-setupinterface: .* interface nld yet; put 169\.254\.20\.10, 10\.96\.0\.10 on an interface/,
    ),
    expect.stringMatching(/^-setupiptables: /),
  ]);
});

test('without link and rules nothing is, the ConfigMap and the signal included', () => {
  const line = '-localip 169.254.20.10 -setupinterface=false -setupiptables=false -kubednscm /x -reloadwithsignal';
  expect(laterLines(settings(line))).toEqual([]);
});
