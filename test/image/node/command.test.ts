/** Programs end in time, and failures have names. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { runCommand } from '../../../image/node/command';
import { commandError } from '../../../image/node/command-error';

describe('a program', () => {
  test('gets its input and gives both outputs, and its status', async () => {
    expect(await runCommand('sh', ['-c', 'cat; echo oops >&2; exit 3'], { input: 'hello' })).toEqual({
      ...{ code: 3, signal: null, stdout: 'hello', stderr: 'oops\n', missing: false, timedOut: false },
    });
  });

  test('that is not there is said to be missing', async () => {
    expect(await runCommand('no-such-program', [])).toMatchObject({ code: null, missing: true });
  });

  test('that does not end is ended', async () => {
    const start = Date.now();
    expect(await runCommand('sleep', ['60'], { timeoutMs: 100 })).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(Date.now() - start).toBeLessThan(5_000);
  });

  test('that does not end is ended with all that it has started, also what holds its pipes open', async () => {
    const start = Date.now();
    const script = 'sleep 61 & setsid sleep 62 & echo $$; wait';
    expect(await runCommand('sh', ['-c', script], { timeoutMs: 300 })).toMatchObject({ timedOut: true, code: null });
    expect(Date.now() - start).toBeLessThan(5_000);
    const left = execFileSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' }).match(/^ *(\d+) sleep 6[12]$/gm) ?? [];
    for (const line of left) process.kill(Number.parseInt(line, 10), 'SIGKILL');
    expect(left).toEqual([expect.stringContaining('sleep 62')]); // It has left the group; nobody waits for it.
  });

  test('that cannot be started is a failure with the reason, not a throw', async () => {
    expect(await runCommand('true', ['x'.repeat(200 << 10)])).toMatchObject({
      ...{ code: null, missing: false, timedOut: false },
      stderr: expect.stringContaining('E2BIG'),
    });
    expect(await runCommand(__filename, [])).toMatchObject({ stderr: expect.stringContaining('EACCES') });
  });

  test('for which there is no descriptor left is a failure, too', async () => {
    const limit = (soft: string): void =>
      void execFileSync('prlimit', ['--pid', `${process.pid}`, `--nofile=${soft}:`]);
    const former = execFileSync('prlimit', ['--nofile', '-o', 'SOFT', '--noheadings'], { encoding: 'utf8' }).trim();
    const spare = Array.from({ length: 40 }, () => openSync('/dev/null', 'r'));
    limit(`${Math.max(...spare) + 1}`);
    const result = await runCommand('true', []);
    for (const fd of spare) closeSync(fd);
    limit(former);
    expect(result).toMatchObject({ code: null, missing: false, stderr: expect.stringContaining('EMFILE') });
  });

  test('that does not read its input is no failure', async () => {
    expect(await runCommand('true', [], { input: 'x'.repeat(1 << 20) })).toMatchObject({ code: 0 });
  });

  test('that prints without end is ended: half of a rule set is none', async () => {
    const result = await runCommand('yes', []);
    expect(result).toMatchObject({ code: null, timedOut: false });
    expect(result.stderr).toContain('more than');
  });

  test('speaks English and finds its tools', async () => {
    const { stdout } = await runCommand('sh', ['-c', 'echo $LC_ALL $PATH $MARK'], { environment: { MARK: 'here' } });
    expect(stdout).toMatch(/^C .*\/usr\/sbin.* here\n$/);
  });
});

describe('a failure', () => {
  const base = { code: 4, signal: null, stdout: '', stderr: '', missing: false, timedOut: false };

  test.each([
    [
      { stderr: 'Another app is currently holding the xtables lock. Stopped waiting after 5s.' },
      'iptables_lock',
      'fuser',
    ],
    [
      { stderr: "Fatal: can't open lock file /run/xtables.lock: Read-only file system" },
      'iptables',
      'mount the host file',
    ],
    [{ stderr: 'Operation not permitted (you must be root)' }, 'iptables', 'NET_ADMIN'],
    [{ stderr: "iptables-restore: unable to initialize table 'nat'" }, 'iptables', 'NET_RAW'],
    [{ stderr: 'iptables: Failed to initialize nft: Protocol not supported' }, 'iptables', '-firewall'],
    [{ code: null, missing: true }, 'iptables', 'no such program'],
    [{ code: null, signal: 'SIGKILL', timedOut: true }, 'iptables', 'not finished in time'],
    [{ code: null, signal: 'SIGSEGV' }, 'iptables', 'ended with SIGSEGV'],
    [{ stderr: '# Warning: iptables-legacy tables present\nline 3 failed' }, 'iptables', 'T: line 3 failed'],
    [{ stderr: 'x'.repeat(10_000) }, 'iptables', 'xxx'],
  ])('%j is of kind %s and says %s', (result, kind, text) => {
    const error = commandError('T', { ...base, ...result });
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(text);
    expect(error.message.length).toBeLessThan(700);
  });
});
