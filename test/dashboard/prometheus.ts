/** A real Prometheus on a port of the machine, for as long as a test wants it. */
import { type ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';

/** A series of numbers over time, or its last one. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  /** Seconds since 1970, and the number; not a number where it is not one. */
  readonly values: readonly (readonly [number, number])[];
}

/** Something to scrape. */
export interface Target {
  /** `127.0.0.1:23101` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly result: readonly { metric: Record<string, string>; value?: Pair; values?: Pair[] }[] };
}
type Pair = readonly [number, string];

const numbers = ([time, text]: Pair): readonly [number, number] => [time, Number(text)];

/** A Prometheus that somebody runs. */
export class PrometheusApi {
  private readonly origin: string;

  /** @param origin `http://127.0.0.1:9090` */
  constructor(origin: string) {
    this.origin = origin.replace(/\/$/, '');
  }

  protected async isReady(): Promise<boolean> {
    return (await fetch(`${this.origin}/-/ready`).catch(() => null))?.ok ?? false;
  }

  private async ask(place: string, parameters: Record<string, string>): Promise<Series[]> {
    const answer = await fetch(`${this.origin}/api/v1/${place}?${new URLSearchParams(parameters)}`);
    const { status, error, data } = (await answer.json()) as Answer;
    if (status !== 'success') throw new Error(`${parameters.query}: ${error}`);
    return data.result.map(({ metric, value, values = value ? [value] : [] }) => ({
      metric,
      values: values.map(numbers),
    }));
  }

  /** The last values. @throws Error when Prometheus cannot read the expression */
  now(query: string): Promise<Series[]> {
    return this.ask('query', { query });
  }

  /** Values over time, `stepSeconds` apart. @throws Error when Prometheus cannot read the expression */
  between(query: string, startSeconds: number, endSeconds: number, stepSeconds: number): Promise<Series[]> {
    const times = { start: `${startSeconds}`, end: `${endSeconds}`, step: `${stepSeconds}` };
    return this.ask('query_range', { query, ...times });
  }
}

/** What is scraped, of addresses that are known. */
export function fixedTargets(targets: readonly Target[]): object {
  return {
    job_name: 'node-local-dns',
    static_configs: targets.map(({ address, labels }) => ({ targets: [address], labels })),
  };
}

/** One of our own: it scrapes every second. */
export class Prometheus extends PrometheusApi {
  private readonly child: ChildProcess;
  private said = '';

  /**
   * @param folder for its data; whoever made it removes it
   * @param jobs `scrape_configs` as Prometheus has them
   */
  constructor(folder: string, port: number, jobs: readonly object[]) {
    super(`http://127.0.0.1:${port}`);
    const config = path.join(folder, 'prometheus.yml');
    fs.writeFileSync(
      config,
      stringify({ global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs }),
    );
    const parameters = [`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, 'data')}`];
    this.child = spawn('prometheus', [...parameters, `--web.listen-address=127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child.stderr?.on('data', (text) => {
      this.said = `${this.said}${text}`.slice(-4000);
    });
  }

  /** @throws Error with what it said when it does not begin to answer within 15 s */
  async ready(): Promise<void> {
    for (const endMs = Date.now() + 15_000; Date.now() < endMs; ) {
      if (await this.isReady()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Prometheus is not ready: ${this.said}`);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGTERM');
    await ended;
  }
}
