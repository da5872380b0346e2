/** Numbers of the process, as the kernel tells them. */
import { readFileSync } from 'node:fs';
import {
  PROCESS_PROBE,
  readMaxDescriptors,
  readNetworkBytes,
  readVirtualBytes,
  readVirtualBytesMax,
} from '../../../image/observe/process';

test.each([
  ['Max open files            1024                 524288               files     ', 1024],
  ['Max open files            unlimited            unlimited            files     ', Number.POSITIVE_INFINITY],
  ['Max cpu time              unlimited            unlimited            seconds   ', 0],
  ['', 0],
])('the limit in %j is %p', (limits, expected) => {
  expect(
    readMaxDescriptors(`Limit                     Soft Limit           Hard Limit           Units     \n${limits}\n`),
  ).toBe(expected);
});

test.each([
  ['pages of 4 KiB', '1000 100 50 1 0 60 0', 409_600, 4_096_000],
  ['pages of 4 KiB, memory grown between the two reads', '1000 100 50 1 0 60 0', 500_000, 4_096_000],
  ['pages of 64 KiB', '1000 100 50 1 0 60 0', 6_553_600, 65_536_000],
  ['no /proc', '', 409_600, 0],
])('virtual memory: %s', (_, statm, residentBytes, expected) => {
  expect(readVirtualBytes(statm, residentBytes)).toBe(expected);
});

test('on this machine the numbers are those of the kernel', () => {
  const residentBytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  expect(PROCESS_PROBE.residentBytes() / residentBytes).toBeCloseTo(1, 0);
  expect(PROCESS_PROBE.virtualBytes()).toBeGreaterThan(residentBytes);
  expect(PROCESS_PROBE.openDescriptors()).toBeGreaterThan(2);
  expect(PROCESS_PROBE.maxDescriptors()).toBeGreaterThan(PROCESS_PROBE.openDescriptors());
  expect(Math.abs(PROCESS_PROBE.startSeconds() - (Date.now() / 1000 - process.uptime()))).toBeLessThan(2);
  expect(PROCESS_PROBE.cpuSeconds()).toBeGreaterThan(0);
});

test.each([
  ['Max address space         unlimited            unlimited            bytes', 2 ** 64],
  ['Max address space         4096                 unlimited            bytes', 4096],
  ['', 0],
])('the address space in %j is %p', (limits, expected) => {
  expect(readVirtualBytesMax(`x\n${limits}\n`)).toBe(expected);
});

test('octets of all interfaces', () => {
  const netstat = 'TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets OutOctets\nIpExt: 0 123 456\n';
  expect(readNetworkBytes(netstat)).toEqual({ received: 123, sent: 456 });
  expect(readNetworkBytes('')).toEqual({ received: 0, sent: 0 });
  expect(PROCESS_PROBE.networkBytes().received).toBeGreaterThan(0);
});
