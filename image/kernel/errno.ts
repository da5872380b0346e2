/** Errno values of Linux by name (asm-generic/errno.h, equal on x86-64 and arm64), with Go's text for those operators see. */

export const EPERM = 1;
export const ENOENT = 2;
export const EINTR = 4;
export const EAGAIN = 11;
export const ENOMEM = 12;
export const EACCES = 13;
export const EEXIST = 17;
export const ENODEV = 19;
export const EINVAL = 22;
export const ENFILE = 23;
export const EMFILE = 24;
export const ENOTSOCK = 88;
export const EMSGSIZE = 90;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;
export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;
export const ENETUNREACH = 101;
export const ECONNRESET = 104;
export const ENOBUFS = 105;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;
export const EHOSTUNREACH = 113;
export const EINPROGRESS = 115;

const TEXTS: Readonly<Record<number, string>> = {
  1: 'operation not permitted',
  2: 'no such file or directory',
  9: 'bad file descriptor',
  11: 'resource temporarily unavailable',
  12: 'cannot allocate memory',
  13: 'permission denied',
  16: 'device or resource busy',
  17: 'file exists',
  19: 'no such device',
  22: 'invalid argument',
  23: 'too many open files in system',
  24: 'too many open files',
  32: 'broken pipe',
  34: 'numerical result out of range',
  90: 'message too long',
  92: 'protocol not available',
  93: 'protocol not supported',
  95: 'operation not supported',
  97: 'address family not supported by protocol',
  98: 'address already in use',
  99: 'cannot assign requested address',
  100: 'network is down',
  101: 'network is unreachable',
  103: 'software caused connection abort',
  104: 'connection reset by peer',
  105: 'no buffer space available',
  110: 'connection timed out',
  111: 'connection refused',
  112: 'host is down',
  113: 'no route to host',
};

/**
 * What Go's syscall package prints for an errno: users' alerts and `errors` patterns match these words.
 * @param errno positive value
 */
export function errnoText(errno: number): string {
  return TEXTS[errno] ?? `errno ${errno}`;
}

/** A result of {@link Libc} that says "nothing now, ask again": not an error of the socket. */
export function isTransient(result: number): boolean {
  return result === -EAGAIN || result === -EINTR;
}
