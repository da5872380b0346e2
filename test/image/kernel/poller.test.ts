import { Arena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import type { Libc } from '../../../image/kernel/libc';
import { Poller } from '../../../image/kernel/poller';

const libc = openLibc();

const fake = (calls: Partial<Libc>) =>
  new Poller({ ...libc, epoll_create1: () => 77, ...calls }, new Arena(0, new ArrayBuffer(8192)));

test('a signal is no event', () => expect(fake({ epoll_wait: () => -4 }).wait(0)).toBe(0));

test('what only a mistake of ours brings about is not hidden', () => {
  expect(() => fake({ epoll_wait: () => -9 }).wait(0)).toThrow('assertion failed');
});

test('without an epoll instance there is a message', () => {
  expect(() => fake({ epoll_create1: () => -24 })).toThrow('Cannot create an epoll instance: too many open files');
});
