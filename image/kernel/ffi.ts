/** The wall itself: libc through koffi. No other file loads native code or knows how an address becomes memory. */
import koffi from 'koffi';
import type { Libc } from './libc';

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;
const MADV_DONTNEED = 4;

/** C declarations. Addresses are uint64_t, not void*: a number then passes without a wrapper object per call. */
const DECLARATIONS: Readonly<Record<Exclude<keyof Libc, 'mapMemory' | 'viewMemory' | 'discardMemory'>, string>> = {
  socket: 'int socket(int, int, int)',
  socketpair: 'int socketpair(int, int, int, uint64_t)',
  bind: 'int bind(int, uint64_t, uint32_t)',
  listen: 'int listen(int, int)',
  connect: 'int connect(int, uint64_t, uint32_t)',
  accept4: 'int accept4(int, uint64_t, uint64_t, int)',
  getsockname: 'int getsockname(int, uint64_t, uint64_t)',
  setsockopt: 'int setsockopt(int, int, int, uint64_t, uint32_t)',
  getsockopt: 'int getsockopt(int, int, int, uint64_t, uint64_t)',
  recvmmsg: 'int recvmmsg(int, uint64_t, uint32_t, int, uint64_t)',
  sendmmsg: 'int sendmmsg(int, uint64_t, uint32_t, int)',
  recv: 'int64_t recv(int, uint64_t, uint64_t, int)',
  send: 'int64_t send(int, uint64_t, uint64_t, int)',
  read: 'int64_t read(int, uint64_t, uint64_t)',
  write: 'int64_t write(int, uint64_t, uint64_t)',
  shutdown: 'int shutdown(int, int)',
  close: 'int close(int)',
  epoll_create1: 'int epoll_create1(int)',
  epoll_ctl: 'int epoll_ctl(int, int, int, uint64_t)',
  epoll_wait: 'int epoll_wait(int, uint64_t, int, int)',
  eventfd: 'int eventfd(uint32_t, int)',
  alarm: 'uint32_t alarm(uint32_t)',
};

/** The C library: glibc in our image, musl where someone runs the bundle on Alpine. */
const LIBRARIES = ['libc.so.6', 'libc.so'];

function load(): ReturnType<typeof koffi.load> {
  const tried: string[] = [];
  for (const name of LIBRARIES) {
    try {
      return koffi.load(name);
    } catch (error) {
      tried.push(`${name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No C library could be loaded (${tried.join('; ')}); this program runs on Linux with glibc or musl`);
}

/** Open libc. Each thread opens its own: the handle is cheap, the functions are not shared between threads. */
export function openLibc(): Libc {
  const library = load();
  const libc = {} as Record<string, unknown>;
  for (const [name, declaration] of Object.entries(DECLARATIONS)) {
    // Generated per arity so that each call site stays monomorphic and no argument array is built.
    libc[name] = withErrno(library.func(declaration) as (...values: number[]) => number, declaration.split(',').length);
  }
  const mmap = library.func('int64_t mmap(uint64_t, uint64_t, int, int, int, int64_t)');
  libc.mapMemory = (bytes: number) => {
    const address = Number(mmap(0, bytes, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0));
    return address === -1 ? -koffi.errno() : address;
  };
  const madvise = withErrno(library.func('int madvise(uint64_t, uint64_t, int)') as Call, 3);
  libc.discardMemory = (address: number, bytes: number) => madvise(address, bytes, MADV_DONTNEED);
  libc.viewMemory = (address: number, bytes: number) => koffi.view(BigInt(address), bytes);
  return libc as unknown as Libc;
}

/**
 * Give back to the kernel what malloc keeps and nobody uses: V8's compiler leaves up to 16 MiB so, after code got hot.
 * @returns malloc_trim(3) of glibc; musl has none and keeps less: then a call without effect
 */
export function openHeapTrim(): () => void {
  try {
    const trim = load().func('int malloc_trim(uint64_t)') as Call;
    return () => void trim(0);
  } catch {
    return () => {};
  }
}

type Call = (...values: number[]) => number;

/** Turn C's "-1 and errno" into -errno. */
function withErrno(call: Call, argumentCount: number): Call {
  const { errno } = koffi;
  switch (argumentCount) {
    case 1:
      return (a) => {
        const result = call(a);
        return result === -1 ? -errno() : result;
      };
    case 2:
      return (a, b) => {
        const result = call(a, b);
        return result === -1 ? -errno() : result;
      };
    case 3:
      return (a, b, c) => {
        const result = call(a, b, c);
        return result === -1 ? -errno() : result;
      };
    case 4:
      return (a, b, c, d) => {
        const result = call(a, b, c, d);
        return result === -1 ? -errno() : result;
      };
    default:
      return (a, b, c, d, e) => {
        const result = call(a, b, c, d, e);
        return result === -1 ? -errno() : result;
      };
  }
}
