import type { BindOptions } from '../../../../image/plugin/bind/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, type Machine, optionsOf, planOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const machine: Machine = {
  interfaces: [
    { name: 'lo', addresses: ['127.0.0.1', '::1'] },
    { name: 'eth0', addresses: ['192.0.2.1', 'fe80::1%eth0'] },
  ],
};
const addresses = (body: string) => optionsOf<BindOptions>('bind', body, machine).addresses;

test.each([
  ['bind 127.0.0.1', ['127.0.0.1']],
  ['bind 169.254.20.10 10.96.0.10', ['169.254.20.10', '10.96.0.10']],
  ['bind 0:0:0:0:0:0:0:1 ::FFFF:192.0.2.1', ['::1', '192.0.2.1']],
  ['bind 1.2.3.4\nbind eth0', ['1.2.3.4', '192.0.2.1', 'fe80::1%eth0']],
  ['bind lo eth0 {\nexcept ::1 192.0.2.1\n}', ['127.0.0.1', 'fe80::1%eth0']],
  ['bind lo {\nexcept lo\n}\nbind 127.0.0.1', ['127.0.0.1']], // `except` is for its own bind.
])('%j', (body, expected) => {
  expect(addresses(body)).toEqual(expected);
});

test.each([
  ['bind', 'plugin/bind: at least one address or interface name is expected'],
  ['bind 300.0.0.1', 'plugin/bind: not a valid IP address or interface name: "300.0.0.1"'],
  ['bind eth7', 'plugin/bind: not a valid IP address or interface name: "eth7"'],
  ['bind fe80::1%eth0', 'plugin/bind: not a valid IP address or interface name: "fe80::1%eth0"'],
  ['bind lo {\nexcept\n}', 'plugin/bind: at least one address or interface must be given to except subdirective'],
  ['bind lo {\nonly ::1\n}', 'plugin/bind: invalid option "only"'],
  ['bind ::1 lo', 'cannot serve dns://example.org.:53 on ::1 - it is already defined'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body, machine)).toBe(message);
});

test.each([
  ['bind 127.0.0.1 {\nexcept 127.0.0.1\n}', '127.0.0.1'],
  ['bind lo eth0 {\nexcept eth0 lo\n}', 'lo eth0'],
  ['bind lo {\nexcept lo\n}\ntrace\nloop', 'lo'],
])('coredns #7565: %j leaves nothing, and says so at start', (body, names) => {
  const message = `plugin/bind: no address of '${names}' is left after 'except', so the block would be served nowhere`;
  expect(bodyRefusal(body, machine)?.slice(0, message.length)).toBe(message);
});

test('listeners have the metrics’ label', () => {
  const plan = planOf('. {\n bind 0.0.0.0 :: eth0\n}', machine);
  expect(plan.listeners.map(({ label }) => label)).toEqual([
    'dns://0.0.0.0:53',
    'dns://192.0.2.1:53',
    'dns://[::]:53',
    'dns://[fe80::1%eth0]:53',
  ]);
});

needs('tables').describe('CoreDNS’s table', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetup', 'plugin/bind/'))('%j', (row) => {
    const body = row.config as string;
    if (row.failing) expect(bodyRefusal(body, machine)).toMatch(/^plugin\/bind: /);
    else expect(addresses(body)).toEqual(row.expected);
  });
});
