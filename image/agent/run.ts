/** A command line from its settings to its exit code. Ending the process is left to the caller. */
import { DIRECTIVES } from '../chain/order';
import { EXIT_SECONDS_MAX, LOG_DRAIN_MS } from '../limits';
import { Log } from '../observe/log';
import { LogWriter } from '../observe/log-writer';
import { Registry } from '../observe/registry';
import { Agent } from './agent';
import { versionText } from './banner';
import type { Settings } from './flags';
import { RecentLines } from './recent-lines';
import { trapSignals } from './signals';
import { AGENT_VERSION } from './version';
import type { World } from './world';

/** Standard descriptors. */
const STDOUT = 1;
const STDERR = 2;

/** What -version and -plugins print; null when neither is asked for. */
export function informationText(settings: Settings): string | null {
  if (settings.version) return versionText();
  if (!settings.plugins) return null;
  const names = DIRECTIVES.filter(({ state }) => state === 'here').map(({ name }) => name);
  return `${names.sort().join('\n')}\n\n`;
}

/** What a started process is told about and asked for. */
export interface RunOptions {
  readonly settings: Settings;
  readonly world: World;
  /** Ends the process; called once, when the log is written. */
  exit(code: number): void;
  /** After a complete start, instead of the banner: lines of the caller's own. @default the banner */
  readonly started?: (log: Log) => void;
}

/**
 * Start the agent and keep it until a signal ends it.
 * A start that fails writes one message to stderr and ends with 1.
 */
export async function runAgent(options: RunOptions): Promise<void> {
  const { settings, world } = options;
  const registry = new Registry({ version: AGENT_VERSION, revision: '', runtime: `node${process.versions.node}` });
  const droppedSlot = registry.counters.slot('nodelocaldns_log_lines_dropped_total');
  const dropped = (): void => registry.counters.add(droppedSlot, 1);
  const stdout = new LogWriter(STDOUT, dropped);
  const stderr = new LogWriter(STDERR, dropped);
  const recent = new RecentLines();
  const log = new Log(recent.before(stderr), recent.before(stdout));
  let ending = false;
  const exit = (code: number): void => {
    if (ending) return;
    ending = true;
    world.endWithin(EXIT_SECONDS_MAX); // A worker that hangs inside a system call would hold up process.exit for ever.
    void Promise.all([stdout.drain(LOG_DRAIN_MS), stderr.drain(LOG_DRAIN_MS)]).then(() => options.exit(code));
  };
  const agent = new Agent(settings, world, registry, log, {
    recent,
    write: (text, written) => {
      recent.take(text);
      stdout.write(text, written);
    },
    fatal: () => {
      agent.abandon();
      exit(1);
    },
  });
  process.on('uncaughtException', (error) => {
    log.fatal(`uncaught: ${error.stack ?? error.message}`);
    agent.abandon(); // The worker waits in the kernel and would keep the process.
    exit(1);
  });
  const reload = (reason: string): Promise<void> => agent.reload(reason);
  trapSignals(process, { stop: () => agent.stop(), abandon: () => agent.abandon(), reload, exit }, log);
  try {
    if (await agent.start()) options.started?.(log);
  } catch (error) {
    stderr.write(`${(error as Error).message}\n`);
    exit(1);
  }
}
