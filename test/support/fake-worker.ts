/** A worker on a fake kernel: its own code from the sockets to the sockets, and no thread, no port, no waiting. */
import type { MessageToMain, MessageToWorker } from '../../image/agent/messages';
import type { NetworkInterface } from '../../image/corefile/environment';
import type { Plan } from '../../image/corefile/plan';
import { COUNTER_SLOTS } from '../../image/limits';
import { type MetricName, SIZE_BUCKETS } from '../../image/observe/metrics';
import { packHosts } from '../../image/plugin/hosts/pack';
import { Worker } from '../../image/serve/worker';
import { planOf } from './corefile';
import { FakeLibc, type FakeLibcOptions } from './fake-libc';

/** What a test may want otherwise. */
export interface FakeWorkerOptions extends FakeLibcOptions {
  /** Content of hosts files by the path the plan has them under. @default none */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Files that the Corefile names, by absolute path. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /** Network interfaces that the Corefile may name. @default none */
  readonly interfaces?: readonly NetworkInterface[];
}

export class FakeWorker {
  readonly kernel: FakeLibc;
  plan: Plan;
  readonly worker: Worker;
  /** What it told main, in order. */
  readonly posted: MessageToMain[] = [];
  private readonly mail: MessageToWorker[] = [];
  private readonly counters = new SharedArrayBuffer(COUNTER_SLOTS * 8);
  private readonly wakeFd: number;

  /** Load a Corefile and start a worker for it; addresses of its listeners are those of the Corefile, port 53. */
  constructor(corefile: string, options: FakeWorkerOptions = {}) {
    const kernel = new FakeLibc(options);
    this.kernel = kernel;
    this.plan = planOf(corefile, { files: options.files, interfaces: options.interfaces });
    this.wakeFd = kernel.eventfd(0, 0);
    const listeners = this.plan.listeners.map(({ address, port }) => ({
      udp: kernel.listenUdp(address, port),
      tcp: kernel.listenTcp(address, port),
    }));
    const hosts = Object.entries(options.hosts ?? {}).map(([path, text]) => ({ path, pack: packHosts(text) }));
    const { wakeFd, counters, plan } = this;
    const logBacklog = new SharedArrayBuffer(4);
    this.worker = new Worker(
      {
        plan,
        index: 0,
        counters,
        listeners,
        wakeFd,
        hosts,
        loops: [],
        logBacklog,
        reportsWaiting: new SharedArrayBuffer(4),
      },
      {
        libc: kernel,
        clock: kernel.clock,
        post: (message) => this.posted.push(message),
        receive: () => this.mail.shift(),
      },
    );
  }

  /** Let time pass, and everything happen that is to happen in it. */
  pass(ms: number): void {
    this.kernel.run(() => this.worker.turn(), ms);
  }

  /** Let it serve by another Corefile, as main does on a reload. @returns why not; '' when it does */
  reload(corefile: string): string {
    const { kernel } = this;
    const plan = planOf(corefile);
    const served = new Set(this.plan.listeners.map(({ label }) => label));
    const listeners = plan.listeners.map(({ label, address, port }) => {
      if (served.has(label)) return null;
      return { udp: kernel.listenUdp(address, port), tcp: kernel.listenTcp(address, port) };
    });
    const told = this.posted.length;
    this.send({ kind: 'plan', plan, listeners, hosts: [], loops: [] });
    this.pass(0);
    const answer = this.posted.slice(told).find(({ kind }) => kind === 'plan-taken' || kind === 'plan-refused');
    if (answer?.kind === 'plan-refused') return answer.reason;
    if (answer === undefined) return 'no answer yet';
    this.plan = plan;
    return '';
  }

  /** Send a message as main does. */
  send(message: MessageToWorker): void {
    this.mail.push(message);
    this.kernel.wake(this.wakeFd);
  }

  /** Sum of the series of a metric that have all these label values. */
  metric(name: MetricName, ...labelValues: string[]): number {
    const values = new Float64Array(this.counters);
    let sum = 0;
    for (const message of this.posted) {
      if (message.kind !== 'series' || message.series.metric !== name) continue;
      if (labelValues.every((value) => message.series.labels.includes(value))) sum += values[message.series.slot];
    }
    return sum;
  }

  /** Octets that a histogram of sizes was told, all its series together. */
  octets(name: MetricName): number {
    const values = new Float64Array(this.counters);
    const series = this.posted.flatMap((one) =>
      one.kind === 'series' && one.series.metric === name ? one.series : [],
    );
    return series.reduce((sum, { slot }) => sum + values[slot + SIZE_BUCKETS.length + 1], 0); // Behind +Inf is the sum.
  }
}
