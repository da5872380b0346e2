/** The stage of the tests: our worker on the kernel in memory. Time passes only when a step or a time-out needs it. */
import type { TcpEnd, UdpPeer } from '../support/fake-network';
import { FakeWorker } from '../support/fake-worker';
import { frame } from '../support/raw-client';
import type { Question } from './packets';
import type { Answer, Stage } from './play';
import { takeFrames } from './real-upstream';
import { fill, type Places, type Scenario, type UpstreamState } from './scenario';
import { type Reply, UpstreamScript } from './upstream-script';

const HOST = '127.0.0.1';
const FIRST_UPSTREAM_PORT = 2001;
const FOLDER = '/scenario';
/** How far time moves at most before it is looked whether an answer came. */
const STEP_MS = 5;

/** Something that happens later. */
interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

/** One question on its way. */
interface Asking {
  readonly question: Question;
  readonly untilMs: number;
  answer(): Answer | undefined;
  close(): void;
}

export class FakeStage implements Stage {
  readonly places: Places;
  private readonly fake: FakeWorker;
  private readonly scripts: readonly UpstreamScript[];
  private readonly peers: (UdpPeer | undefined)[] = [];
  private readonly ends: Set<TcpEnd>[] = [];
  private due: Due[] = [];
  private asked: string[] = [];
  private logged = 0;

  /** @throws CorefileError when we refuse the Corefile */
  constructor(scenario: Scenario) {
    const port = (index: number): number => FIRST_UPSTREAM_PORT + index;
    this.places = {
      ports: [53, 54],
      upstreams: scenario.upstreams.map((_, index) => `${HOST}:${port(index)}`),
      http: [`${HOST}:1001`, `${HOST}:1002`],
      folder: FOLDER,
    };
    const files = Object.fromEntries(Object.entries(scenario.files).map(([name, text]) => [`${FOLDER}/${name}`, text]));
    this.fake = new FakeWorker(fill(scenario.corefile, this.places), {
      hostAddress: { ipv4: HOST, ipv6: '::1' },
      hosts: files,
      files,
    });
    this.scripts = scenario.upstreams.map(
      (lines, index) => new UpstreamScript(index + 1, lines, (line) => this.asked.push(line)),
    );
    for (const index of this.scripts.keys()) this.raise(index);
    this.pass(0);
    this.takeLog();
  }

  private get nowMs(): number {
    return this.fake.kernel.clock.now();
  }

  private raise(index: number): void {
    if (this.peers[index] !== undefined) return;
    const { network } = this.fake.kernel;
    const script = this.scripts[index];
    const port = FIRST_UPSTREAM_PORT + index;
    const peer = network.udpPeer(HOST, port);
    peer.onDatagram = ({ from, bytes }) =>
      this.reply(script.hear(bytes, false), (reply) => this.peers[index] === peer && peer.send(from, reply));
    this.peers[index] = peer;
    this.ends[index] = new Set();
    network.tcpServer(HOST, port, (end) => this.serve(end, index));
  }

  private serve(end: TcpEnd, index: number): void {
    this.ends[index].add(end);
    let waiting: Buffer = Buffer.alloc(0);
    end.onEnd = () => this.ends[index].delete(end);
    end.onData = (bytes) => {
      waiting = takeFrames(Buffer.concat([waiting, bytes]), (message) => {
        const replies = this.scripts[index].hear(message, true);
        if (replies === 'close') end.end();
        else this.reply(replies, (reply) => void end.write(frame(reply)));
      });
    };
  }

  private reply(replies: readonly Reply[] | 'close', write: (bytes: Uint8Array) => void): void {
    if (replies === 'close') return;
    for (const { bytes, afterMs } of replies) {
      if (afterMs === 0) write(bytes);
      else this.due.push({ atMs: this.nowMs + afterMs, run: () => write(bytes) });
    }
  }

  /** Let time pass, and what is due happen at its time. */
  private pass(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      this.due.sort((left, right) => left.atMs - right.atMs);
      const nextMs = Math.min(endMs, this.due[0]?.atMs ?? endMs);
      this.fake.pass(Math.max(0, nextMs - this.nowMs));
      if (this.due.length === 0 || this.due[0].atMs > endMs) {
        if (this.nowMs >= endMs) return;
        continue;
      }
      this.due.shift()!.run();
    }
  }

  async exchange(questions: readonly Question[]): Promise<Answer[]> {
    const asking = questions.map((question) => (question.overTcp ? this.overTcp(question) : this.overUdp(question)));
    this.pass(0);
    while (asking.some((one) => one.answer() === undefined && this.nowMs < one.untilMs)) this.pass(STEP_MS);
    for (const one of asking) one.close();
    return asking.map((one) => one.answer() ?? { bytes: undefined, isClosed: false, clientPort: 0 });
  }

  private overUdp(question: Question): Asking {
    const address = question.isIpv6 ? '::1' : HOST;
    const peer = this.fake.kernel.network.udpPeer(address);
    peer.send({ address, port: this.places.ports[question.port - 1] }, question.packet);
    return {
      question,
      untilMs: this.nowMs + question.waitMs,
      answer: () => {
        const bytes = peer.received[0]?.bytes;
        return bytes && { bytes, isClosed: false, clientPort: peer.endpoint.port };
      },
      close: () => this.fake.kernel.network.remove(peer),
    };
  }

  private overTcp(question: Question): Asking {
    const address = question.isIpv6 ? '::1' : HOST;
    const port = this.places.ports[question.port - 1];
    const end = this.fake.kernel.network.tcpConnect({ address, port }, address);
    if (end === undefined) throw new Error(`nobody listens on TCP port ${port}`);
    end.write(frame(question.packet));
    return {
      question,
      untilMs: this.nowMs + question.waitMs,
      answer: () => {
        let bytes: Uint8Array | undefined;
        takeFrames(end.inbox, (message) => {
          bytes ??= message;
        });
        if (bytes === undefined && !end.ended) return undefined;
        return { bytes, isClosed: bytes === undefined, clientPort: end.local.port };
      },
      close: () => end.end(),
    };
  }

  async wait(ms: number): Promise<void> {
    this.pass(ms);
  }

  async setUpstream(number: number, state: UpstreamState): Promise<void> {
    const index = number - 1;
    this.scripts[index].isMute = state === 'mute';
    if (state !== 'down') return this.raise(index);
    const { network } = this.fake.kernel;
    network.remove(this.peers[index]!);
    network.tcpServers.delete(`${HOST} ${FIRST_UPSTREAM_PORT + index}`);
    for (const end of this.ends[index]) end.reset();
    this.peers[index] = undefined;
  }

  takeAsked(): string[] {
    const { asked } = this;
    this.asked = [];
    return asked;
  }

  takeLog(): string[] {
    const messages = this.fake.posted.slice(this.logged);
    this.logged = this.fake.posted.length;
    return messages
      .flatMap((message) => (message.kind === 'log' ? message.text.split('\n') : []))
      .filter((line) => line !== '');
  }

  async close(): Promise<void> {
    this.fake.send({ kind: 'stop', graceMs: 0 });
    this.fake.pass(0);
  }
}
