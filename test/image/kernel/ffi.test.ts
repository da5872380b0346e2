import { openHeapTrim, openLibc } from '../../../image/kernel/ffi';
import { AF_UNIX, SOCK_DGRAM, SOCK_STREAM } from '../../../image/kernel/libc';

const libc = openLibc();

test('a failure is the negative errno, whatever the number of arguments', () => {
  expect([libc.close(-1), libc.listen(-1, 1), libc.bind(-1, 0, 0), libc.recv(-1, 0, 0, 0)]).toEqual([-9, -9, -9, -9]);
  expect([libc.setsockopt(-1, 1, 2, 0, 4), libc.epoll_create1(-1), libc.socket(999, 1, 0)]).toEqual([-9, -22, -97]);
});

test('memory is zeroed, is seen by the kernel, and outlives its views', () => {
  const address = libc.mapMemory(4096);
  const bytes = new Uint8Array(libc.viewMemory(address, 4096));
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  expect(libc.socketpair(AF_UNIX, SOCK_STREAM, 0, address)).toBe(0);
  const [left, right] = new Int32Array(libc.viewMemory(address, 4096));
  bytes.set([1, 2, 3], 64);
  expect(libc.write(left, address + 64, 3)).toBe(3);
  expect(libc.read(right, address + 128, 10)).toBe(3);
  expect([...bytes.subarray(128, 132)]).toEqual([1, 2, 3, 0]);
  expect(libc.shutdown(left, 2)).toBe(0);
  expect(libc.read(right, address + 128, 10)).toBe(0);
  for (const fd of [left, right]) expect(libc.close(fd)).toBe(0);
});

test('a pointer that leads nowhere is EFAULT, not a crash', () => {
  const address = libc.mapMemory(4096);
  expect(libc.socketpair(AF_UNIX, SOCK_DGRAM, 0, 8)).toBe(-14);
  expect(libc.socketpair(AF_UNIX, SOCK_DGRAM, 0, address)).toBe(0);
  for (const fd of new Int32Array(libc.viewMemory(address, 8))) libc.close(fd);
});

test('an alarm is set for this process, and called off', () => {
  expect(libc.alarm(100)).toBe(0);
  expect(libc.alarm(0)).toBeGreaterThan(98);
});

test('what malloc keeps and nobody uses is given back', () => {
  const trim = openHeapTrim();
  const buffers = Array.from({ length: 4_000 }, () => Buffer.allocUnsafeSlow(2_048).fill(1)); // Too small for maps of their own.
  expect(buffers.length).toBe(4_000);
  for (let call = 0; call < 2; call++) trim(); // Nothing that is in use goes.
  expect(buffers.every((buffer) => buffer[2_047] === 1)).toBe(true);
});
