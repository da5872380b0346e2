/** Programs end in time, and failures have names. */
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
