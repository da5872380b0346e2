/**
 * Which processes of ours serve this node now. Each holds an abstract unix socket (unix(7)), which lives in the network
 * namespace and ends with its process, however that ends; /proc/net/unix shows them to everybody there:
 *
 *   ffff8f…: 00000002 00000000 00000000 0002 01 48211 @nodelocaldns/nodelocaldns/7-1f09a3c2
 *            references protocol flags type state inode name: @nodelocaldns / interface / process id - random number
 *
 * The process id is for people. In a container it is that of the container, and often the same in all: hence the number.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mapArena } from '../kernel/arena';
import { EADDRINUSE, errnoText } from '../kernel/errno';
import { AF_UNIX, type Libc, SOCK_CLOEXEC, SOCK_DGRAM } from '../kernel/libc';

const PREFIX = 'nodelocaldns';
/** sockaddr_un: two octets of family, then the name; a first octet of 0 makes it abstract. */
const NAME_OFFSET = 3;
const SOCKADDR_UN_BYTES_MAX = 110;
const SOCKETS_FILE = '/proc/net/unix';

/** Another process of ours. */
export interface OtherInstance {
  /** As that process sees itself. */
  readonly processId: number;
  /** As /proc/net/unix has it, without the @. */
  readonly name: string;
}

/** This process, as others see it. */
export class Instance {
  /** Without the @. */
  readonly name: string;
  private readonly prefix: string;
  private readonly libc: Libc;
  private fd: number;

  /**
   * @param interfaceName of the link: who serves another one is nobody's neighbour
   * @throws Error when the kernel refuses the socket
   */
  constructor(libc: Libc, interfaceName: string, processId: number) {
    this.libc = libc;
    this.prefix = `${PREFIX}/${interfaceName}/`;
    this.name = `${this.prefix}${processId}-${randomBytes(4).toString('hex')}`;
    this.fd = openAbstract(libc, this.name);
    if (this.fd < 0) {
      const cause = this.fd === -EADDRINUSE ? 'another process has it' : errnoText(-this.fd);
      throw new Error(
        `Cannot bind the abstract unix socket @${this.name}, by which instances see each other: ${cause}`,
      );
    }
  }

  /**
   * All that are there beside this one.
   * @param read gives the text of /proc/net/unix
   * @throws Error when it cannot be read
   */
  others(read: () => string = () => readFileSync(SOCKETS_FILE, 'latin1')): readonly OtherInstance[] {
    return instancesIn(read(), this.prefix).filter(({ name }) => name !== this.name);
  }

  /** This one is gone. */
  close(): void {
    if (this.fd >= 0) this.libc.close(this.fd);
    this.fd = -1;
  }
}

/**
 * Instances of any interface, for `status` and `cleanup`.
 * @throws Error when the file cannot be read
 */
export function allInstances(
  read: () => string = () => readFileSync(SOCKETS_FILE, 'latin1'),
): readonly OtherInstance[] {
  return instancesIn(read(), `${PREFIX}/`);
}

function instancesIn(text: string, prefix: string): OtherInstance[] {
  return text.split('\n').flatMap((line) => {
    const at = line.indexOf(` @${prefix}`);
    if (at < 0) return [];
    const name = line.slice(at + 2).replace(/@+$/, ''); // Zero octets, which others may append, are shown so.
    const process = /\/(\d+)-[0-9a-f]{8}$/.exec(name);
    return process === null ? [] : [{ processId: Number(process[1]), name }];
  });
}

/** A datagram socket with this name that nobody sends to. @returns its descriptor, or -errno */
function openAbstract(libc: Libc, name: string): number {
  const bytes = Buffer.from(name, 'latin1');
  const arena = mapArena(libc, 4096);
  const offset = arena.allocate(SOCKADDR_UN_BYTES_MAX);
  arena.u8[offset] = AF_UNIX;
  arena.u8.set(bytes, offset + NAME_OFFSET);
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  const result = libc.bind(fd, arena.address(offset), NAME_OFFSET + bytes.length);
  if (result < 0) libc.close(fd);
  return result < 0 ? result : fd;
}
