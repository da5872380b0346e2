/** Reloads of the daemon as it ships, while it is asked without a pause. Ports 23000-23006. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../../../image/package.json';
import { Daemon } from '../../support/daemon';
import { questionPacket } from '../../support/query';
import { exchangeUdp, frame, TcpTalk } from '../../support/raw-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';

jest.setTimeout(60_000);

const PORT = 23000;
const OTHER_PORT = 23001;
const UPSTREAM_PORT = 23002;
const METRICS_PORT = 23003;
const HEALTH_PORT = 23004;
const upstream = new ScriptedUpstream(() => ({ answer: ['@ 60 A 192.0.2.1'] }));

let folder: string;
let daemon: Daemon;

const corefile = (seconds: number, { port = PORT, more = '' } = {}): string => `.:${port} {
    bind 127.0.0.1
    errors
    cache ${seconds}
    reload 2s 1s
    forward . 127.0.0.1:${UPSTREAM_PORT}
    prometheus 127.0.0.1:${METRICS_PORT}
    health 127.0.0.1:${HEALTH_PORT}
}
${more}`;
const second = `other.test:${OTHER_PORT} {
    bind 127.0.0.1
    forward . 127.0.0.1:${UPSTREAM_PORT}
}
`;
const write = (text: string): void => writeFileSync(join(folder, 'Corefile'), text);
const lines = (text: string): number => daemon.stdout.split(text).length - 1;
const page = async (port: number, path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${port}${path}`)).text();

/** Send SIGUSR1 and wait for the end of the reload. */
async function reload(end = '[INFO] Reloading complete\n'): Promise<void> {
  const before = lines(end);
  daemon.signal('SIGUSR1');
  for (let time = 0; lines(end) === before && time < 1000; time++) await sleep(5);
  expect(lines(end)).toBe(before + 1);
}

beforeAll(() => upstream.start(UPSTREAM_PORT));
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  write(corefile(30));
  daemon = new Daemon('main.js', ['-conf', 'Corefile', '-metrics-listen-address', '0'], { cwd: folder });
  await daemon.says(`nodelocaldns-${version}\n`);
});
afterEach(async () => {
  await daemon.stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => upstream.close());

/** Asks over UDP, four questions every millisecond or so, until told to stop. */
class Asker {
  sent = 0;
  readonly answered = new Set<number>();
  private readonly socket = createSocket('udp4');
  private running = true;
  private readonly done: Promise<void>;

  constructor() {
    this.socket.on('message', (bytes) => void this.answered.add(bytes.readUInt16BE(0)));
    this.done = this.run();
  }

  private async run(): Promise<void> {
    while (this.running) {
      for (let burst = 0; burst < 4 && this.sent < 0xffff; burst++) {
        const id = this.sent++;
        this.socket.send(questionPacket(`n${id % 500}.test.`, { id }), PORT, '127.0.0.1');
      }
      await sleep(1);
    }
  }

  /** @returns questions that nobody answered */
  async stop(): Promise<number> {
    this.running = false;
    await this.done;
    for (let time = 0; this.answered.size < this.sent && time < 300; time++) await sleep(10);
    this.socket.close();
    return this.sent - this.answered.size;
  }
}

test('kubernetes/dns #617: over 20 reloads no question over UDP is lost, and a TCP connection lives through all of them', async () => {
  const asker = new Asker();
  const talk = await TcpTalk.open(PORT);
  let lost = -1;
  try {
    for (let time = 0; time < 20; time++) {
      write(corefile(time % 3 === 0 ? 30 : time + 1, { more: time % 2 === 0 ? second : '' }));
      for (let id = 0; id < 5; id++) talk.write(frame(questionPacket(`t${time}-${id}.test.`, { id })));
      await reload();
      await sleep(20);
    }
    expect((await talk.until(100, 3000)).length).toBe(100);
    expect(talk.isOver).toBe(false);
  } finally {
    lost = await asker.stop();
  }
  expect(asker.sent).toBeGreaterThan(300);
  expect(lost).toBe(0);
  expect(daemon.stdout).not.toContain('ERROR');
  expect(daemon.stderr).not.toContain('Debugger'); // What Node does on SIGUSR1 when nobody listens.
});

test('over 150 reloads descriptors stay as they are, and memory does not grow with them', async () => {
  const descriptors = (): number => readdirSync(`/proc/${daemon.processId}/fd`).length;
  const residentMb = (): number => {
    const status = readFileSync(`/proc/${daemon.processId}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  };
  const reloads = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      write(corefile(time % 2 === 0 ? 30 : 31, { more: time % 3 === 0 ? second : '' }));
      await reload();
    }
    write(corefile(30));
    await reload();
    await sleep(300); // What is gone is closed when it is quiet.
  };
  await reloads(30);
  const [descriptorsBefore, residentBefore] = [descriptors(), residentMb()];
  await reloads(120);
  expect(Math.abs(descriptors() - descriptorsBefore)).toBeLessThanOrEqual(3); // HTTP connections come and go.
  expect(residentMb() - residentBefore).toBeLessThan(40); // One table of the default size, not collected yet, is 2.
});

test('coredns #7562: SIGTERM while a reload is under way, and a reload after it: the process ends with 0', async () => {
  write(corefile(31));
  daemon.signal('SIGUSR1');
  daemon.signal('SIGTERM');
  daemon.signal('SIGUSR1');
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.stdout).toContain('[INFO] SIGTERM: Shutting down servers then terminating\n');
});

test('a changed file is taken up by itself; the answer, the page and the log are the new plan’s', async () => {
  write(`.:${PORT} {\n    bind 127.0.0.1\n    reload 2s 1s\n    template IN A {\n        rcode NXDOMAIN\n    }\n}\n`);
  await daemon.says('[INFO] Reloading complete\n');
  const [answer] = await exchangeUdp(PORT, [questionPacket('a.test.')]);
  expect(answer[3] & 0xf).toBe(3);
  await expect(page(METRICS_PORT, '/metrics')).rejects.toThrow(); // Its directive is gone.
  const [before, after] = daemon.stdout.match(/Running configuration SHA512 = [0-9a-f]{128}\n/g) ?? [];
  expect(after).toMatch(/^Running/);
  expect(after).not.toBe(before);
});

test('an address that another program has: all serves on, /health and the connection to it included', async () => {
  const held = createSocket('udp4');
  await new Promise<void>((resolve) => held.bind(OTHER_PORT, '127.0.0.1', resolve));
  write(corefile(30, { more: second }));
  await reload('[ERROR] SIGUSR1: starting with listener file descriptors: ');
  expect(daemon.stdout).toContain(
    `[ERROR] Restart failed: Listen: listen udp 127.0.0.1:${OTHER_PORT}: bind: address already in use`,
  );
  expect((await exchangeUdp(PORT, [questionPacket('a.test.')])).length).toBe(1);
  expect(await page(HEALTH_PORT, '/health')).toBe('OK');
  expect(await page(METRICS_PORT, '/metrics')).toContain('\ncoredns_plugin_enabled{');
  held.close();
});
