/** The commands against the cache as it ships: a process each, on ports 21420-21425. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StatusReport } from '../../../image/agent/status-report';
import type { TopFrame } from '../../../image/agent/top-report';
import type { LintResult } from '../../../image/commands/lint';
import { version } from '../../../image/package.json';
import { Daemon, type Ended } from '../../support/daemon';
import { ask } from '../../support/dns-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';

jest.setTimeout(60_000);

const PORT = 21420;
const UPSTREAM_PORT = 21421;
const DEAD_PORT = 21422; // Nobody is there.
const COREFILE = `cluster.local:${PORT} {
    bind 127.0.0.1
    errors
    forward . 127.0.0.1:${DEAD_PORT} {
        health_check 100ms
        max_fails 1
    }
    reload 2s 1s
}
.:${PORT} {
    bind 127.0.0.1
    errors
    cache {
        success 9984 30 1
        serve_stale 1h
    }
    hosts {
        192.0.2.7 made.test
        fallthrough
    }
    forward . 127.0.0.1:${UPSTREAM_PORT}
}
`;
const upstream = new ScriptedUpstream((name) => {
  if (name.startsWith('void.')) return {};
  if (name.startsWith('brief.')) return { answer: ['@ 1 IN A 10.0.0.1'] };
  if (name.startsWith('long.'))
    return { answer: Array.from({ length: 100 }, (_, index) => `@ 60 IN A 10.0.0.${index}`) };
  return { answer: ['@ 60 IN A 10.0.0.1'], afterMs: name.startsWith('slow.') ? 1_500 : 0 };
});

let folder: string;
let daemon: Daemon;

beforeAll(async () => {
  await upstream.start(UPSTREAM_PORT);
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  writeFileSync(join(folder, 'Corefile'), COREFILE);
  const conf = ['-conf', join(folder, 'Corefile'), '-control', join(folder, 'c.sock')];
  daemon = new Daemon('main.js', [...conf, '-metrics-listen-address', '0'], { cwd: folder });
  await daemon.says(`nodelocaldns-${version}\n`);
});
afterAll(async () => {
  await daemon.stop();
  await upstream.close();
  rmSync(folder, { recursive: true });
});

interface Done extends Ended {
  readonly stdout: string;
  readonly stderr: string;
}

async function command(...parameters: string[]): Promise<Done> {
  const process = new Daemon('main.js', parameters, { cwd: folder, env: { NO_COLOR: '1' } });
  const ended = await process.ended;
  return { ...ended, stdout: process.stdout, stderr: process.stderr };
}

const control = (name: string, ...rest: string[]): Promise<Done> =>
  command(name, '-control', join(folder, 'c.sock'), ...rest);
const status = async (): Promise<StatusReport> => JSON.parse((await control('status', '-json')).stdout) as StatusReport;
const how = async (...words: string[]): Promise<string> => {
  const { stdout, stderr, code } = await control('query', ...words);
  expect([stderr, code]).toEqual(['', 0]);
  return stdout.split('\n').slice(-3).join('\n');
};

describe('query says how the answer came about', () => {
  test('a miss, its upstream and its block; then a hit', async () => {
    const place = join(folder, 'Corefile:10');
    expect(await how('once.example')).toMatch(
      new RegExp(
        `^;; MISS: .* in the cache\n;; zone \\., block ${place}, plugin forward, upstream 127.0.0.1:${UPSTREAM_PORT}\n$`,
      ),
    );
    expect(await how('once.example')).toMatch(/^;; HIT: .*\n;; zone \., .*, plugin cache\n$/);
    expect(await how('once.example', '+tcp')).toMatch(/^;; HIT: /);
  });

  test('stale, when its time is over', async () => {
    await how('brief.example');
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    expect(await how('brief.example')).toMatch(/^;; STALE: .*\n.*plugin cache\n$/);
  });

  test('made up by hosts; nobody answers; an upstream that is not there', async () => {
    expect(await how('made.test')).toMatch(/^;; MADE: .*\n.*plugin hosts\n$/);
    expect(await how('x.cluster.local')).toMatch(new RegExp(`^;; MISS: .*\n.*upstream 127.0.0.1:${DEAD_PORT}\n$`));
  });

  test('one that waits for an equal one', async () => {
    const first = ask({ port: PORT, name: 'slow.example', udpBytes: 1232 });
    expect(await how('slow.example')).toMatch(/^;; (JOINED|HIT): /); // The first is answered after 1.5 s, or our process was slow, too.
    await first;
  });

  test('an answer that does not fit is asked for over TCP', async () => {
    const { stdout } = await control('query', 'long.example');
    expect(stdout).toContain('ANSWER: 100,');
    expect(stdout).toMatch(/\(TCP\), \d+ bytes/);
  });

  test('another server: the answer, and that nothing is known of it', async () => {
    const { stdout } = await control('query', 'b.example', `@127.0.0.1:${UPSTREAM_PORT}`);
    expect(stdout).toContain('\nb.example.\t60\tIN\tA\t10.0.0.1\n');
    expect(stdout).toContain(';; how: not known, the server is not this cache');
    const { stdout: short } = await control('query', '+short', 'b.example', `@127.0.0.1:${UPSTREAM_PORT}`);
    expect(short).toBe('10.0.0.1\n');
  });

  test('+found: a name without records counts as not answered', async () => {
    const server = `@127.0.0.1:${UPSTREAM_PORT}`;
    expect((await control('query', 'b.example', '+found', server)).code).toBe(0);
    expect((await control('query', 'void.example', '+found', '+short', server)).code).toBe(1);
    expect((await control('query', 'void.example', server)).code).toBe(0);
  });

  test('nobody there', async () => {
    const { code, stderr } = await control('query', 'a', `@127.0.0.1:${DEAD_PORT}`);
    expect([code, stderr]).toEqual([1, expect.stringContaining('ECONNREFUSED')]);
  });
});

describe('status', () => {
  test('the socket is its owner’s', () => {
    expect(statSync(join(folder, 'c.sock')).mode & 0o777).toBe(0o600);
  });

  test('an upstream that is down, and its last error: degraded', async () => {
    await ask({ port: PORT, name: 'y.cluster.local' });
    const endMs = Date.now() + 10_000;
    let report = await status();
    while (report.problems.length === 0 && Date.now() < endMs) report = await status();
    expect(report.problems).toEqual([`upstream 127.0.0.1:${DEAD_PORT} is down`]);
    const dead = report.upstreams.find(({ address }) => address === `127.0.0.1:${DEAD_PORT}`)!;
    expect(dead).toMatchObject({ state: 'down', answers: 0, failureRatio: 1 });
    expect(dead.lastError!.text).toContain('[ERROR] plugin/errors: 2 ');
    const { code, stdout } = await control('status');
    expect(code).toBe(1);
    expect(stdout).toMatch(/degraded\n +! upstream/);
  });

  test('caches, configuration, process', async () => {
    await ask({ port: PORT, name: 'counted.example' });
    await ask({ port: PORT, name: 'counted.example' });
    const report = await status();
    expect(report).toMatchObject({ version, processId: daemon.processId, node: null, isStopping: false });
    expect(report.blocks[1].cache!.hits).toBeGreaterThan(0);
    expect(report.blocks[0].cache).toBeNull();
    expect(daemon.stdout).toContain(`Running configuration SHA512 = ${report.config!.sha512}`);
    expect(report.listeners).toEqual([{ server: `dns://127.0.0.1:${PORT}`, zones: expect.arrayContaining(['.']) }]);
  });

  test('a reload that fails, and one that works', async () => {
    writeFileSync(join(folder, 'Corefile'), COREFILE.replace('hosts {', 'guests {'));
    await daemon.says('Corefile changed but reload failed');
    expect((await status()).problems).toContainEqual(
      expect.stringMatching(/^the last reload failed: .*Unknown directive 'guests'/),
    );
    writeFileSync(join(folder, 'Corefile'), COREFILE.replace('192.0.2.7', '192.0.2.8'));
    await daemon.says('Reloading complete');
    expect((await status()).config!.failedReload).toBeNull();
    expect((await control('query', 'made.test', '+short')).stdout).toBe('192.0.2.8\n');
  });

  test('nobody to reach', async () => {
    const { code, stderr } = await command('status', '-control', join(folder, 'none.sock'));
    expect([code, stderr]).toEqual([2, expect.stringContaining(`no socket at ${join(folder, 'none.sock')}`)]);
    expect((await command('top', '-control', join(folder, 'none.sock'))).code).toBe(1);
  });
});

describe('top', () => {
  test('names, types, clients and paths of what was asked', async () => {
    const watching = control('top', '-json', '-seconds', '3');
    const endMs = Date.now() + 3_000;
    while (Date.now() < endMs) await ask({ port: PORT, name: 'busy.example' });
    const frames = (await watching).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as TopFrame);
    expect(frames).toHaveLength(3);
    const frame = frames.find(({ queriesPerSecond }) => queriesPerSecond > 0)!;
    expect(frame.names[0].key).toBe('busy.example.');
    expect([frame.types[0].key, frame.rcodes[0].key, frame.clients[0].key]).toEqual(['A', 'NOERROR', '127.0.0.1']);
    expect(frame.hitRatio).toBeGreaterThan(0.5);
    expect(frame.paths[0]).toMatchObject({ path: 'hit' });
  });

  test('once, as text; and a line per second', async () => {
    const { code, stdout } = await control('top', '-once', '-seconds', '1');
    expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringContaining('queries/s')]);
    expect((await control('top', '-seconds', '1')).stdout).toMatch(/^\d\d:\d\d:\d\d {2}\d.* q\/s, .*hits.*\n$/);
  });

  test('live on a terminal: a screen of its own that q gives back', async () => {
    const main = join(__dirname, '../../../image/dist/main.js');
    const line = `stty rows 20 cols 90; ${process.execPath} ${main} top -control ${join(folder, 'c.sock')}`;
    const terminal = spawn('script', ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'] });
    let shown = '';
    let pressed = false;
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (shown.includes('queries/s') && !pressed) terminal.stdin.write('q');
      pressed ||= shown.includes('queries/s');
    });
    const code = await new Promise((resolve) => terminal.on('close', resolve));
    expect(code).toBe(0);
    expect(shown).toContain('\x1b[?1049h');
    expect(shown).toMatch(/queries\/s[\s\S]*\x1b\[\?25h\x1b\[\?1049l\s*$/);
  });
});

test('lint needs no cache', async () => {
  writeFileSync(join(folder, 'Wrong'), '.:53 {\n    cach\n}\n');
  const { code, stdout } = await command('lint', 'Wrong', '-json');
  expect(code).toBe(1);
  expect((JSON.parse(stdout) as LintResult).errors).toEqual([
    "Wrong:2 - Error during parsing: Unknown directive 'cach'",
  ]);
});
