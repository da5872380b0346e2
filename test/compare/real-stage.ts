/** The stage of the recorder: a program that serves DNS by a Corefile, real sockets, real time. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame } from '../support/raw-client';
import type { Question } from './packets';
import type { Answer, Stage } from './play';
import { RealUpstream, takeFrames } from './real-upstream';
import { fill, type Places, type Scenario, type UpstreamState } from './scenario';
import { UpstreamScript } from './upstream-script';

/** How to start the program. */
export interface Program {
  readonly binary: string;
  /** With `{corefile}`, `{out}` and `{http}` in it. */
  readonly parameters: readonly string[];
  /** First of {@link PORTS_PER_STAGE} ports on 127.0.0.1. */
  readonly firstPort: number;
}

/** Ports a stage takes. */
export const PORTS_PER_STAGE = 20;
const READY_WITHIN_MS = 10_000;
/** After the first listener is there: others, and questions the program asks itself. */
const START_MS = 300;
/** A `loop` whose block has no server asks nobody. */
const PROBED_WITHIN_MS = 5_000;
const NOTHING: Answer = { bytes: undefined, isClosed: false, clientPort: 0 };

export class RealStage implements Stage {
  readonly places: Places;
  private readonly folder = mkdtempSync(join(tmpdir(), 'compare-'));
  private readonly upstreams: readonly RealUpstream[];
  private readonly program: Program;
  private child: ChildProcess | undefined;
  private isOver = false;
  private asked: string[] = [];
  private output = '';
  private errors = '';
  /** The program's banner, for the recording. */
  server = '';

  constructor(scenario: Scenario, program: Program) {
    this.program = program;
    const address = (offset: number): string => `127.0.0.1:${program.firstPort + offset}`;
    this.places = {
      ports: [program.firstPort, program.firstPort + 1],
      upstreams: scenario.upstreams.map((_, index) => address(4 + index)),
      http: [address(2), address(3)],
      folder: this.folder,
    };
    for (const [name, text] of Object.entries(scenario.files)) writeFileSync(join(this.folder, name), text);
    this.upstreams = scenario.upstreams.map((lines, index) => {
      return new RealUpstream(
        new UpstreamScript(index + 1, lines, (line) => this.asked.push(line)),
        program.firstPort + 4 + index,
      );
    });
  }

  /** @throws Error with what the program said when it does not listen in time */
  async start({ corefile }: Scenario): Promise<void> {
    for (const upstream of this.upstreams) await upstream.start();
    const file = join(mkdtempSync(join(this.folder, 'base-')), 'Corefile'); // Alone: node-cache watches the folder.
    writeFileSync(file, fill(corefile, this.places));
    const words: Readonly<Record<string, string>> = {
      corefile: file,
      out: join(this.folder, 'Corefile.out'),
      http: `127.0.0.1:${this.program.firstPort + PORTS_PER_STAGE - 1}`,
    };
    const parameters = this.program.parameters.map((word) => word.replace(/\{(\w+)\}/g, (_, key) => words[key]));
    this.child = spawn(this.program.binary, parameters, { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
    this.child.on('close', () => {
      this.isOver = true;
    });
    process.on('exit', this.kill); // Nobody may go on listening on our ports.
    await this.listens(this.places.ports[0]);
    await sleep(START_MS);
    await this.probed((corefile.match(/^\s*loop\s*$/gm) ?? []).length);
    this.server = /^CoreDNS-\S+|^nodelocaldns-\S+/m.exec(this.output)?.[0] ?? 'a server';
    this.takeLog();
    this.takeAsked();
  }

  /** Until each `loop` has asked its own question: on a busy machine that is later, and is none of the scenario's. */
  private async probed(loops: number): Promise<void> {
    const endMs = Date.now() + PROBED_WITHIN_MS;
    while (this.asked.filter((line) => line.includes(' HINFO ')).length < loops && Date.now() < endMs) await sleep(20);
  }

  private async listens(port: number): Promise<void> {
    const endMs = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (this.isOver || Date.now() > endMs) throw new Error(`does not listen: ${this.output}${this.errors}`);
      const isThere = await new Promise<boolean>((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.on('connect', () => {
          socket.destroy();
          resolve(true);
        });
        socket.on('error', () => resolve(false));
      });
      if (isThere) return;
      await sleep(20);
    }
  }

  exchange(questions: readonly Question[]): Promise<Answer[]> {
    return Promise.all(questions.map((one) => (one.overTcp ? this.overTcp(one) : this.overUdp(one))));
  }

  private overUdp({ packet, isIpv6, port, waitMs }: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const socket = createSocket(isIpv6 ? 'udp6' : 'udp4');
      let clientPort = 0;
      const finish = (bytes: Uint8Array | undefined): void => {
        clearTimeout(timer);
        socket.close();
        resolve({ bytes, isClosed: false, clientPort });
      };
      const timer = setTimeout(() => finish(undefined), waitMs);
      socket.on('error', reject);
      socket.on('message', finish);
      socket.connect(this.places.ports[port - 1], isIpv6 ? '::1' : '127.0.0.1', () => {
        clientPort = socket.address().port;
        socket.send(packet);
      });
    });
  }

  private overTcp({ packet, isIpv6, port, waitMs }: Question): Promise<Answer> {
    return new Promise((resolve) => {
      const socket = connect(this.places.ports[port - 1], isIpv6 ? '::1' : '127.0.0.1');
      let clientPort = 0;
      let waiting: Buffer = Buffer.alloc(0);
      const finish = (answer: Partial<Answer>): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve({ ...NOTHING, clientPort, ...answer });
      };
      const timer = setTimeout(() => finish({}), waitMs);
      socket.on('connect', () => {
        clientPort = socket.localPort ?? 0;
        socket.write(frame(packet));
      });
      socket.on('error', () => finish({ isClosed: true }));
      socket.on('close', () => finish({ isClosed: true }));
      socket.on('data', (bytes: Buffer) => {
        waiting = takeFrames(Buffer.concat([waiting, bytes]), (message) => finish({ bytes: Buffer.from(message) }));
      });
    });
  }

  async wait(ms: number): Promise<void> {
    await sleep(ms);
  }

  async setUpstream(number: number, state: UpstreamState): Promise<void> {
    const upstream = this.upstreams[number - 1];
    upstream.script.isMute = state === 'mute';
    if (state === 'down') await upstream.stop();
    else await upstream.start();
  }

  takeAsked(): string[] {
    const { asked } = this;
    this.asked = [];
    return asked;
  }

  takeLog(): string[] {
    const whole = this.output.slice(0, this.output.lastIndexOf('\n') + 1);
    this.output = this.output.slice(whole.length);
    return whole.split('\n').filter((line) => line.startsWith('['));
  }

  private readonly kill = (): void => {
    this.child?.kill('SIGKILL');
  };

  async close(): Promise<void> {
    process.off('exit', this.kill);
    if (this.child !== undefined && !this.isOver) {
      const ended = new Promise((resolve) => this.child!.once('close', resolve));
      this.child.kill('SIGKILL');
      await ended;
    }
    for (const upstream of this.upstreams) await upstream.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
