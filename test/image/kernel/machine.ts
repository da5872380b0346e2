/** A piece of the real kernel for tests: libc, an arena, sockets on the loopback, all closed at the end. */
import { mapArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import type { Libc } from '../../../image/kernel/libc';
import { sockaddrPort } from '../../../image/kernel/sockaddr';
import { Sockets } from '../../../image/kernel/socket';

export class Machine {
  readonly libc: Libc = openLibc();
  readonly arena = mapArena(this.libc, 4 << 20);
  readonly sockets = new Sockets(this.libc, this.arena);
  private readonly open: number[] = [];
  private readonly scratch = this.arena.allocate(65536);

  /** Take a descriptor to be closed at the end. @throws when it is an error */
  take(fd: number): number {
    if (fd < 0) throw new Error(`errno ${-fd}`);
    this.open.push(fd);
    return fd;
  }

  /** Local port of a socket. */
  port(fd: number): number {
    return sockaddrPort(this.arena, this.sockets.localAddress(fd)!);
  }

  /** Send on a connected socket. @returns as send(2) */
  send(fd: number, bytes: Uint8Array | string): number {
    const data = Buffer.from(bytes);
    this.arena.u8.set(data, this.scratch);
    return this.libc.send(fd, this.arena.address(this.scratch), data.length, 0x40);
  }

  /** What has come to a socket: a datagram or some bytes; undefined when nothing has. */
  receive(fd: number): string | undefined {
    const got = this.libc.recv(fd, this.arena.address(this.scratch), 65536, 0x40);
    return got < 0 ? undefined : Buffer.from(this.arena.u8.slice(this.scratch, this.scratch + got)).toString('latin1');
  }

  /** Value of an integer socket option. */
  option(fd: number, level: number, option: number): number {
    const { arena, libc, scratch } = this;
    arena.u32[(scratch + 8) >>> 2] = 4;
    arena.i32[scratch >>> 2] = -1;
    const result = libc.getsockopt(fd, level, option, arena.address(scratch), arena.address(scratch + 8));
    return result < 0 ? result : arena.i32[scratch >>> 2];
  }

  close(): void {
    for (const fd of this.open.splice(0)) this.libc.close(fd);
  }
}
