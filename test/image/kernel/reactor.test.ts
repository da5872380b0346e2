import { mapArena } from '../../../image/kernel/arena';
import { openLibc } from '../../../image/kernel/ffi';
import { EFD_CLOEXEC, EFD_NONBLOCK, EPOLLIN, EPOLLOUT } from '../../../image/kernel/libc';
import { Reactor } from '../../../image/kernel/reactor';

const libc = openLibc();
const arena = mapArena(libc, 1 << 16);
const word = arena.allocate(8);
const open: number[] = [];
let reactor: Reactor;

beforeEach(() => {
  reactor = new Reactor(libc, arena);
});

afterEach(() => {
  reactor.close();
  for (const fd of open.splice(0)) libc.close(fd);
});

/** A descriptor that is readable when it was poked. */
function descriptor(): number {
  const fd = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  open.push(fd);
  return fd;
}

function poke(fd: number): void {
  arena.u32[word >>> 2] = 1;
  libc.write(fd, arena.address(word), 8);
}

test('who is ready is told so, with what happened; who is not is left alone', () => {
  const told: string[] = [];
  const [quiet, readable, both] = [descriptor(), descriptor(), descriptor()];
  reactor.add(quiet, EPOLLIN, { ready: (happened) => told.push(`quiet ${happened}`) });
  reactor.add(readable, EPOLLIN, { ready: (happened) => told.push(`readable ${happened}`) });
  reactor.add(both, EPOLLIN | EPOLLOUT, { ready: (happened) => told.push(`both ${happened}`) });
  poke(readable);
  expect(reactor.turn(0)).toBe(2);
  expect(told.sort()).toEqual([`both ${EPOLLOUT}`, `readable ${EPOLLIN}`]);
});

test('what is watched can be changed', () => {
  const fd = descriptor();
  let events = 0;
  const token = reactor.add(fd, EPOLLIN, { ready: () => events++ });
  reactor.turn(0);
  reactor.modify(fd, EPOLLOUT, token);
  reactor.turn(0);
  expect(events).toBe(1);
});

test('of two watchers of which each closes the other only one is told', () => {
  const told: number[] = [];
  const descriptors = [descriptor(), descriptor()];
  const tokens: number[] = [];
  for (const [index, fd] of descriptors.entries()) {
    const other = 1 - index;
    tokens[index] = reactor.add(fd, EPOLLIN, {
      ready: () => {
        told.push(index);
        reactor.remove(descriptors[other], tokens[other]);
      },
    });
    poke(fd);
  }
  reactor.turn(0);
  expect(told).toHaveLength(1);
});

test('a watcher added in a turn in which another was closed gets no event of that one', () => {
  const [first, second] = [descriptor(), descriptor()];
  const told: string[] = [];
  const tokens: number[] = [];
  /** Close the other, and open a new socket that gets the same descriptor number. */
  const replace = (fd: number, token: number) => {
    reactor.remove(fd, token);
    libc.close(fd);
    const fresh = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    expect(fresh).toBe(fd);
    const freshToken = reactor.add(fresh, EPOLLIN, { ready: () => told.push('stale') });
    expect(tokens).not.toContain(freshToken);
  };
  tokens[0] = reactor.add(first, EPOLLIN, {
    ready: () => {
      told.push('told');
      replace(second, tokens[1]);
    },
  });
  tokens[1] = reactor.add(second, EPOLLIN, {
    ready: () => {
      told.push('told');
      replace(first, tokens[0]);
    },
  });
  poke(first);
  poke(second);
  expect(reactor.turn(0)).toBe(2);
  expect(told).toEqual(['told']);
});

test('a token is given again after the turn, so that their number does not grow', () => {
  const seen = new Set<number>();
  for (let turn = 0; turn < 100; turn++) {
    const fd = descriptor();
    const token = reactor.add(fd, EPOLLIN, { ready: () => undefined });
    seen.add(token);
    reactor.remove(fd, token);
    reactor.flush();
  }
  expect(seen.size).toBe(1);
});

test('a descriptor that cannot be watched is an errno, and costs no token', () => {
  expect(reactor.add(-1, EPOLLIN, { ready: () => undefined })).toBe(-9);
  const fd = descriptor();
  expect(reactor.add(fd, EPOLLIN, { ready: () => undefined })).toBe(0);
  expect(reactor.add(fd, EPOLLIN, { ready: () => undefined })).toBe(-17); // EEXIST.
  expect(reactor.add(descriptor(), EPOLLIN, { ready: () => undefined })).toBe(1);
});

test('a watcher that is gone cannot be changed or removed: a mistake of ours', () => {
  const fd = descriptor();
  const token = reactor.add(fd, EPOLLIN, { ready: () => undefined });
  reactor.remove(fd, token);
  expect(() => reactor.modify(fd, EPOLLIN, token)).toThrow('assertion failed');
  expect(() => reactor.remove(fd, token)).toThrow('assertion failed');
});

test('what is put off runs in order, once, and what that puts off behind it', () => {
  const ran: string[] = [];
  const leaf = { flush: () => ran.push('leaf') };
  const again = {
    flush: () => {
      ran.push('again');
      reactor.later(leaf);
    },
  };
  reactor.later({
    flush: () => {
      ran.push('first');
      reactor.later(again);
    },
  });
  reactor.later({ flush: () => ran.push('second') });
  reactor.flush();
  expect(ran).toEqual(['first', 'second', 'again', 'leaf']);
  reactor.flush();
  expect(ran).toHaveLength(4);
});

test('a turn sleeps until something happens, or as long as it may', () => {
  const fd = descriptor();
  reactor.add(fd, EPOLLIN, { ready: () => undefined });
  const start = performance.now();
  expect(reactor.turn(30)).toBe(0);
  expect(performance.now() - start).toBeGreaterThan(28);
  poke(fd);
  expect(reactor.turn(-1)).toBe(1);
});

test('more watchers than fit one call are all told, over several turns', () => {
  let told = 0;
  for (let index = 0; index < 400; index++) {
    const fd = descriptor();
    reactor.add(fd, EPOLLIN, {
      ready: () => {
        told++;
        libc.read(fd, arena.address(word), 8);
      },
    });
    poke(fd);
  }
  const turns = [reactor.turn(0), reactor.turn(0), reactor.turn(0)];
  expect([...turns, told]).toEqual([256, 144, 0, 400]);
});

test('a flush that throws does not cost the others their turn', () => {
  const ran: string[] = [];
  const throwing = {
    flush: () => {
      throw new Error('ours');
    },
  };
  reactor.later({ flush: () => ran.push('before') });
  reactor.later(throwing);
  reactor.later({ flush: () => ran.push('behind') });
  expect(() => reactor.flush()).toThrow('ours');
  expect(ran).toEqual(['before']);
  reactor.flush();
  expect(ran).toEqual(['before', 'behind']);
});
