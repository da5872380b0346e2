/** An agent in a fake world, with its Corefile at /etc/Corefile. */
import { Agent } from '../../image/agent/agent';
import { readCommandLine } from '../../image/agent/flags';
import { Registry } from '../../image/observe/registry';
import { FakeWorld, fakeLog } from './fake-world';

export class FakeAgent {
  readonly world = new FakeWorld();
  readonly agent: Agent;
  /** Lines on stdout. */
  readonly lines: string[];
  private readonly registry = new Registry({ version: '1', revision: '', runtime: '' });

  constructor(corefile: string, parameters = '-conf /etc/Corefile -metrics-listen-address 0') {
    const read = readCommandLine('node-cache', parameters.split(' '));
    if (read.kind === 'end') throw new Error(read.text);
    this.write(corefile);
    const { log, late } = fakeLog();
    this.lines = late;
    this.agent = new Agent(read.settings, this.world, this.registry, log, { write: () => {}, fatal: () => {} });
  }

  static async start(corefile: string): Promise<FakeAgent> {
    const made = new FakeAgent(corefile);
    await made.agent.start();
    made.forget();
    return made;
  }

  write(corefile: string): void {
    this.world.files.set('/etc/Corefile', corefile);
  }

  /** What was said and done so far is not looked at. */
  forget(): void {
    this.lines.splice(0);
    this.world.events.splice(0);
    for (const { received } of this.world.workers) received.splice(0);
  }

  /** Lines since the last {@link forget}, fingerprints cut off. */
  get said(): string[] {
    return this.lines.map((line) => line.replace(/[0-9a-f]{128}/, 'HEX').trimEnd());
  }

  /** Lines of the metrics page that begin so. */
  page(prefix: string): string[] {
    const lines = this.registry.text().split('\n');
    return lines.filter((line) => line.startsWith(prefix));
  }
}
