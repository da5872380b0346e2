import { constants } from 'node:os';
import * as errno from '../../../image/kernel/errno';

const NAMED = Object.entries(errno).flatMap(([name, value]) =>
  typeof value === 'number' ? [[name, value] as const] : [],
);

test.each(NAMED)('%s is %d on this system, too', (name, value) => {
  expect(constants.errno[name as keyof typeof constants.errno]).toBe(value);
});

test.each([
  [errno.EPERM, 'operation not permitted'],
  [errno.EACCES, 'permission denied'],
  [errno.EADDRINUSE, 'address already in use'],
  [errno.EADDRNOTAVAIL, 'cannot assign requested address'],
  [errno.ECONNREFUSED, 'connection refused'],
  [errno.ECONNRESET, 'connection reset by peer'],
  [errno.ETIMEDOUT, 'connection timed out'],
  [errno.EHOSTUNREACH, 'no route to host'],
  [errno.ENETUNREACH, 'network is unreachable'],
  [errno.EAGAIN, 'resource temporarily unavailable'],
  [errno.EMSGSIZE, 'message too long'],
  [24, 'too many open files'],
  [32, 'broken pipe'],
  [131, 'errno 131'],
])('errno %d is in Go’s words: %s', (value, wanted) => expect(errno.errnoText(value)).toBe(wanted));

test.each([
  [-errno.EAGAIN, true],
  [-errno.EINTR, true],
  [-errno.ECONNREFUSED, false],
  [0, false],
  [11, false],
])('%d says "ask again": %p', (result, wanted) => expect(errno.isTransient(result)).toBe(wanted));
