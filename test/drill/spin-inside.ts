/**
 * Sends one thread of another process into an endless loop, and brings it back: by ptrace(2), without a word to the process.
 * The thread jumps to an instruction in its own program text that jumps to itself (x86-64: EB FE), so it burns its
 * processor as a bug would. Elsewhere than on x86-64 it is only held.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import koffi from 'koffi';
import { answerCalls } from '../support/calls';

const [GETREGS, SETREGS, DETACH, SEIZE, INTERRUPT] = [12, 13, 17, 0x4206, 0x4207];
const WALL = 0x4000_0000;
/** struct user_regs_struct (sys/user.h): 27 words; orig_rax is the 16th, rip the 17th. */
const REGISTER_BYTES = 27 * 8;
const [ORIG_RAX, RIP] = [15 * 8, 16 * 8];
const JUMP_TO_SELF = Buffer.from([0xeb, 0xfe]);

const libc = koffi.load('libc.so.6');
const call = libc.func('int64_t ptrace(int64_t, int32_t, void *, void *)');
const waitpid = libc.func('int32_t waitpid(int32_t, void *, int32_t)');

function ptrace(request: number, thread: number, data: Buffer | null = null): void {
  if (Number(call(request, thread, null, data)) === -1)
    throw new Error(`ptrace(${request}, ${thread}): errno ${koffi.errno()}`);
}

/** Address in the process of an instruction that jumps to itself. */
function loopAddress(processId: number): bigint {
  for (const line of readFileSync(`/proc/${processId}/maps`, 'utf8').split('\n')) {
    const found = /^([0-9a-f]+)-([0-9a-f]+) r-xp ([0-9a-f]+) \S+ \d+ +(\/.+)$/.exec(line);
    if (found === null) continue;
    const [start, end, offset] = found.slice(1, 4).map((text) => Number.parseInt(text, 16));
    const bytes = Buffer.alloc(Math.min(end - start, 1 << 24));
    const file = openSync(found[4], 'r');
    readSync(file, bytes, 0, bytes.length, offset);
    closeSync(file);
    const at = bytes.indexOf(JUMP_TO_SELF);
    if (at >= 0) return BigInt(start + at);
  }
  throw new Error('no instruction that jumps to itself');
}

function hold(thread: number): void {
  ptrace(SEIZE, thread);
  ptrace(INTERRUPT, thread);
  waitpid(thread, Buffer.alloc(4), WALL);
}

let before: Buffer | undefined;

/** Let the thread loop. */
function spin(processId: number, thread: number): void {
  const address = process.arch === 'x64' ? loopAddress(processId) : 0n;
  hold(thread);
  if (process.arch !== 'x64') return;
  before = Buffer.alloc(REGISTER_BYTES);
  ptrace(GETREGS, thread, before);
  const looping = Buffer.from(before);
  looping.writeBigUInt64LE(address, RIP);
  looping.writeBigInt64LE(-1n, ORIG_RAX); // Not in a system call: the kernel has none to start again.
  ptrace(SETREGS, thread, looping);
  ptrace(DETACH, thread);
}

/** Let it go on from where it was. */
function release(thread: number): void {
  if (before !== undefined) {
    hold(thread);
    ptrace(SETREGS, thread, before);
    before = undefined;
  }
  ptrace(DETACH, thread);
}

answerCalls({ spin, release });
