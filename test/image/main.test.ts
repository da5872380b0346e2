/** The daemon as a process, on ports 21050-21059: exit codes, streams, signals, files. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../image/package.json';
import { Daemon } from '../support/daemon';
import { ask } from '../support/dns-client';

jest.setTimeout(20_000); // A process starts in well under a second, but machines are busy.

const DNS_PORT = 21050;
const PROMETHEUS_PORT = 21051;
const HEALTH_PORT = 21052;
const AGENT_PORT = 21053;

const ANSWERS = `template IN A {
        answer "{{ .Name }} 30 IN A 192.0.2.7"
    }`;
const corefile = (extra = ''): string => `.:${DNS_PORT} {
    bind 127.0.0.1
    errors
    prometheus 127.0.0.1:${PROMETHEUS_PORT}
    ${ANSWERS}
    health 127.0.0.1:${HEALTH_PORT} ${extra}
}
`;

let folder: string;
const path = (name: string): string => join(folder, name);
const running: Daemon[] = [];

function start(...parameters: string[]): Daemon {
  const daemon = new Daemon('main.js', parameters, { cwd: folder });
  running.push(daemon);
  return daemon;
}

/** Started with a Corefile of its own, and ready. */
async function started(text: string, ...parameters: string[]): Promise<Daemon> {
  writeFileSync(path('Corefile'), text);
  const daemon = start('-conf', path('Corefile'), '-metrics-listen-address', `127.0.0.1:${AGENT_PORT}`, ...parameters);
  await daemon.says(`nodelocaldns-${version}\n`);
  return daemon;
}

const page = async (port: number, target: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${target}`)).text();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((daemon) => daemon.stop()));
  rmSync(folder, { recursive: true });
});

describe('flags that only tell', () => {
  test('-version needs no other flag', async () => {
    const daemon = start('-version');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.stdout).toMatch(new RegExp(`^nodelocaldns-${version}\\nlinux/`));
    expect(daemon.stderr).toBe('');
  });

  test('-plugins lists what a Corefile may use', async () => {
    const daemon = start('-plugins');
    expect((await daemon.ended).code).toBe(0);
    expect(daemon.stdout).toMatch(/^[a-z0-9\n]+\n\n$/);
    expect(daemon.stdout).toContain('\ncache\n');
  });
});

describe('a start that fails writes to stderr and ends', () => {
  test.each([
    [['-nope'], 2, 'flag provided but not defined: -nope\nUsage of node-cache:\n'],
    [['a', 'b'], 1, 'extra command line arguments: [a b]\n'],
    [['-localip', '169.254.20.10,'], 1, '[FATAL] Error parsing flags - invalid localip specified - "", Exiting'],
  ])('%j', async (parameters, code, text) => {
    const daemon = start(...parameters);
    expect((await daemon.ended).code).toBe(code);
    expect(daemon.stderr.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, '').startsWith(text)).toBe(true);
    expect(/^\d{4}/.test(daemon.stderr)).toBe(code === 1);
    expect(daemon.stdout).toBe('');
  });

  test.each([
    ['an unknown directive', '.:21050 {\n    foo\n}\n', "CONF:2 - Error during parsing: Unknown directive 'foo'"],
    ['a directive node-cache is built without', '.:21050 {\n    etcd\n}\n', "no action found for directive 'etcd'"],
    ['a block that never ends', '.:21050 {\n    errors\n', 'CONF:2'],
    [
      'a plugin option',
      '.:21050 {\n    forward . 192.0.2.1 {\n        foo\n    }\n}\n',
      "plugin/forward: CONF:3 - Error during parsing: unknown property 'foo'",
    ],
    [
      'an HTTP port',
      '.:21050 {\n    health :99999\n}\n',
      'plugin/health: address :99999: invalid port - change the health directive of the server block at CONF:1',
    ],
    [
      'an address that is not ours',
      '.:21050 {\n    bind 192.0.2.1\n    errors\n}\n',
      'listen tcp 192.0.2.1:21050: bind: cannot assign requested address',
    ],
  ])('because of %s', async (_, text, message) => {
    writeFileSync(path('Corefile'), text);
    const daemon = start('-conf', path('Corefile'), '-metrics-listen-address', '0', '-quiet', '-pidfile', path('pid'));
    expect((await daemon.ended).code).toBe(1);
    expect(daemon.stderr).toContain(message.replace('CONF', path('Corefile')));
    expect(daemon.stderr.trimEnd().split('\n').length).toBe(1);
    expect(daemon.stdout).toBe('');
    expect(() => readFileSync(path('pid'))).toThrow('ENOENT');
  });

  test('because there is no Corefile', async () => {
    const daemon = start('-conf', path('nowhere'), '-metrics-listen-address', '0', '-quiet');
    expect((await daemon.ended).code).toBe(1);
    expect(daemon.stderr).toContain(`open ${path('nowhere')}: no such file or directory`);
  });

  test('because another program has the port of a directive: the message names it', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(HEALTH_PORT, '127.0.0.1', resolve));
    writeFileSync(path('Corefile'), corefile());
    const daemon = start('-conf', path('Corefile'), '-metrics-listen-address', '0', '-quiet');
    expect((await daemon.ended).code).toBe(1);
    expect(daemon.stderr).toContain(
      `listen tcp 127.0.0.1:${HEALTH_PORT}: bind: address already in use - stop the program that holds it or change ` +
        `the health directive of the server block at ${path('Corefile')}:1`,
    );
    await new Promise((resolve) => holder.close(resolve));
  });
});

describe('running', () => {
  test('answers over UDP and TCP, and shows the same numbers on both metrics ports', async () => {
    const daemon = await started(corefile());
    for (const over of ['udp', 'tcp'] as const) {
      const { answer } = await ask({ name: 'Example.ORG', port: DNS_PORT, over });
      expect(answer).toEqual(['example.org. 30 IN A 192.0.2.7']);
    }
    const wanted = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('coredns_dns_requests_total'));
    const ours = wanted(await page(PROMETHEUS_PORT, '/metrics'));
    expect(ours.map((line) => line.replace(/^.*proto="(\w+)".* (\d+)$/, '$1 $2')).sort()).toEqual(['tcp 1', 'udp 1']);
    expect(wanted(await page(AGENT_PORT, '/metrics'))).toEqual(ours);
    expect(await page(HEALTH_PORT, '/health')).toBe('OK');
    expect(daemon.stdout).toContain(`.:${DNS_PORT} on 127.0.0.1\nnodelocaldns-${version}\n`);
  });

  test('the pidfile is there when everything listens, and gone after SIGTERM, which is 0', async () => {
    const daemon = await started(corefile(), '-pidfile', path('pid'));
    expect(readFileSync(path('pid'), 'utf8')).toBe(`${daemon.processId}\n`);
    await ask({ name: 'a.example', port: DNS_PORT });
    daemon.signal('SIGTERM');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
    expect(daemon.stdout).toContain('[INFO] SIGTERM: Shutting down servers then terminating\n');
    expect(() => readFileSync(path('pid'))).toThrow('ENOENT');
  });

  test('during lameduck it answers; a second SIGINT ends it at once with 2', async () => {
    const daemon = await started(corefile('{\n        lameduck 30s\n    }'), '-pidfile', path('pid'));
    daemon.signal('SIGINT');
    await daemon.says('[INFO] plugin/health: Going into lameduck mode for 30s\n');
    expect((await ask({ name: 'a.example', port: DNS_PORT })).rcode).toBe('NOERROR');
    expect(await page(HEALTH_PORT, '/health')).toBe('OK');
    const beforeMs = Date.now();
    daemon.signal('SIGINT');
    expect(await daemon.ended).toEqual({ code: 2, signal: null });
    expect(Date.now() - beforeMs).toBeLessThan(5_000);
    expect(() => readFileSync(path('pid'))).toThrow('ENOENT');
  });

  test('SIGQUIT ends it at once with 0', async () => {
    const daemon = await started(corefile('{\n        lameduck 30s\n    }'));
    daemon.signal('SIGQUIT');
    expect(await daemon.ended).toEqual({ code: 0, signal: null });
  });

  test('SIGHUP and SIGUSR2 leave it alone, SIGUSR1 reloads', async () => {
    const daemon = await started(corefile());
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGUSR1'] as const) daemon.signal(signal);
    await daemon.says('[INFO] SIGUSR1: Reloading\n[INFO] Reloading\n[INFO] Reloading complete\n');
    expect((await ask({ name: 'a.example', port: DNS_PORT })).rcode).toBe('NOERROR');
  });

  test("a taken port of the agent's own metrics is one error line", async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(AGENT_PORT, '127.0.0.1', resolve));
    const daemon = await started(corefile());
    expect(daemon.stderr).toMatch(
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[ERROR\] Failed to start metrics handler: listen tcp 127/m,
    );
    expect((await ask({ name: 'a.example', port: DNS_PORT })).rcode).toBe('NOERROR');
    await new Promise((resolve) => holder.close(resolve));
  });

  test('a template is rendered for -localip and written to -conf', async () => {
    const template = corefile().replace('bind 127.0.0.1', 'bind __PILLAR__LOCAL__DNS__');
    writeFileSync(path('Corefile.base'), template);
    const daemon = start(
      '-localip',
      '127.0.0.1',
      '-basecorefile',
      path('Corefile.base'),
      '-conf',
      path('Corefile'),
      '-metrics-listen-address',
      '0',
    );
    await daemon.says(`nodelocaldns-${version}\n`);
    expect(readFileSync(path('Corefile'), 'utf8')).toBe(corefile());
    expect((await ask({ name: 'a.example', port: DNS_PORT })).rcode).toBe('NOERROR');
  });

  test('with -reloadwithsignal a changed ConfigMap is served, and one that does not load is not', async () => {
    const template = corefile().replace('bind 127.0.0.1', 'bind __PILLAR__LOCAL__DNS__');
    const own = 'b.test:21054 {\n    bind 127.0.0.1\n    errors\n}\n';
    mkdirSync(path('base'));
    mkdirSync(path('kube-dns'));
    writeFileSync(path('base/Corefile.base'), template);
    const flags = ['-setupinterface=false', '-setupiptables=false', '-reloadwithsignal', '-dns.port', '21054'];
    const folders = ['-basecorefile', path('base/Corefile.base'), '-kubednscm', path('kube-dns')];
    const daemon = start(
      ...['-localip', '127.0.0.1', ...flags, ...folders],
      ...['-conf', path('Corefile'), '-metrics-listen-address', `127.0.0.1:${AGENT_PORT}`],
    );
    await daemon.says(`nodelocaldns-${version}\n`);
    writeFileSync(path('base/Corefile.base'), template.replace('192.0.2.7', '192.0.2.8') + own);
    writeFileSync(path('kube-dns/stubDomains'), `{"a.test": ["127.0.0.1:${DNS_PORT}"]}`);
    await daemon.says('[INFO] Reloading complete\n');
    expect((await ask({ name: 'x.a.test', port: 21054 })).answer).toEqual(['x.a.test. 30 IN A 192.0.2.8']);
    const served = readFileSync(path('Corefile'), 'utf8');
    writeFileSync(path('kube-dns/stubDomains'), `{"b.test": ["127.0.0.1:${DNS_PORT}"]}`); // The template has this zone.
    await daemon.says('[ERROR] Corefile made from ');
    expect(readFileSync(path('Corefile'), 'utf8')).toBe(served);
    expect((await ask({ name: 'x.a.test', port: 21054 })).rcode).toBe('NOERROR');
    const metrics = (await page(AGENT_PORT, '/metrics')).split('\n');
    expect(metrics).toContain('coredns_nodecache_setup_errors_total{errortype="configmap"} 1');
    expect(metrics).toContain('coredns_reload_failed_total 1');
  }, 40_000);

  test('a hosts file is read again when it changes', async () => {
    writeFileSync(path('hosts'), '192.0.2.1 a.example\n');
    const text = `.:${DNS_PORT} {\n    bind 127.0.0.1\n    hosts ${path('hosts')} {\n        reload 100ms\n    }\n}\n`;
    await started(text);
    expect((await ask({ name: 'a.example', port: DNS_PORT })).answer).toEqual(['a.example. 3600 IN A 192.0.2.1']);
    writeFileSync(path('hosts'), '192.0.2.22 a.example\n');
    let answer: readonly string[] = [];
    for (let round = 0; round < 50 && !answer[0]?.endsWith('.22'); round++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = (await ask({ name: 'a.example', port: DNS_PORT })).answer;
    }
    expect(answer).toEqual(['a.example. 3600 IN A 192.0.2.22']);
  });

  test('a server that forwards to itself is found by loop: one FATAL line, exit 1', async () => {
    writeFileSync(
      path('Corefile'),
      `.:${DNS_PORT} {\n    bind 127.0.0.1\n    loop\n    forward . 127.0.0.1:${DNS_PORT}\n}\n`,
    );
    const daemon = start('-conf', path('Corefile'), '-metrics-listen-address', '0');
    expect((await daemon.ended).code).toBe(1);
    expect(daemon.stdout).toMatch(
      new RegExp(
        `\\[FATAL\\] plugin/loop: Loop \\(127\\.0\\.0\\.1:\\d+ -> 127\\.0\\.0\\.1:${DNS_PORT}\\) detected for zone "\\.", ` +
          'see https://coredns\\.io/plugins/loop#troubleshooting\\. Query: "HINFO \\d+\\.\\d+\\."\\n',
      ),
    );
  });
});
