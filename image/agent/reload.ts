/**
 * Reloading: who asks for it, in which order, and what is said about it.
 *
 *   SIGUSR1 ──────────────────────▶ ┐
 *   every INTERVAL: another file? ─▶ ├─▶ one at a time ─▶ Running.change ─▶ `Reloading complete`, or the old plan serves on
 *                                    ┘
 *
 * The reload directive looks at what the file says (corefile/fingerprint.ts), imports included. A Corefile that could not be
 * used is remembered and not tried again until it changes.
 * @source coredns plugin/reload; coredns/caddy caddy.go Restart, sigtrap_posix.go
 */
import type { Environment } from '../corefile/environment';
import { corefileFingerprint } from '../corefile/fingerprint';
import { readConfigFile } from '../corefile/imports';
import { RELOAD_STOP_WAIT_MS } from '../limits';
import type { Log } from '../observe/log';
import type { Registry } from '../observe/registry';
import type { CorefileText } from './configuration';
import type { PlanFacts } from './plan-facts';
import type { Cancel, World } from './world';

/** What reloading needs. */
export interface ReloadAccess {
  readonly world: World;
  readonly log: Log;
  readonly registry: Registry;
  /** Where the Corefile is now. */
  latest(): CorefileText;
  /** Serve by it. @throws Error; then the plan before serves on */
  change(corefile: CorefileText, mayGoOn: () => boolean): Promise<void>;
  /** Of the running plan. */
  facts(): PlanFacts;
}

/** One per process. */
export class Reloads {
  private readonly access: ReloadAccess;
  private readonly failedSlot: number;
  /** Resolves when the reload under way is over. Before {@link begin} nothing is reloaded. */
  private last: Promise<void> = Promise.resolve();
  /** One waits for the one under way; a third would find nothing new. */
  private waiting = false;
  private begun = false;
  private stopping = false;
  /** What is running, or was last tried. */
  private fingerprint = '';
  private cancelTicks: Cancel = () => {};

  constructor(access: ReloadAccess) {
    this.access = access;
    const { counters } = access.registry;
    this.failedSlot = counters.slot('coredns_reload_failed_total');
  }

  /**
   * The first plan runs.
   * @param corefile as it was loaded
   */
  begin(corefile: CorefileText): void {
    this.begun = true;
    this.arm(corefile);
  }

  /** Look at the file from now on, if the running plan wants that. */
  private arm(corefile: CorefileText): void {
    this.cancelTicks();
    this.cancelTicks = () => {};
    const { world, log } = this.access;
    const { reload } = this.access.facts();
    if (reload === null) return;
    this.fingerprint = this.fingerprintOf(corefile);
    log.plugin('reload', 'INFO', `Running configuration SHA512 = ${this.fingerprint}`);
    // The jitter keeps the nodes of a cluster from reloading all at once. It is drawn once per plan, as in CoreDNS.
    const intervalMs = reload.intervalMs + Math.floor(Math.random() * reload.jitterMs - reload.jitterMs / 2);
    this.cancelTicks = world.clock.every(intervalMs, () => void this.look());
  }

  private fingerprintOf(corefile: CorefileText): string {
    const machine = this.access.world.machine(() => {});
    return corefileFingerprint(contentOf(corefile, machine), corefile.file, machine);
  }

  /** Read the Corefile once: what is compared is what is loaded. @throws Error */
  private read(): CorefileText {
    const latest = this.access.latest();
    const machine = this.access.world.machine(() => {});
    return { file: latest.file, text: contentOf(latest, machine) };
  }

  /** A tick of the reload directive. */
  async look(): Promise<void> {
    if (this.waiting || this.stopping) return;
    let corefile: CorefileText;
    try {
      corefile = this.read();
    } catch {
      return; // Between two versions of a mounted file there may be none.
    }
    let found: string;
    try {
      found = this.fingerprintOf(corefile);
    } catch (error) {
      this.access.log.plugin('reload', 'WARNING', `Corefile parse failed: ${(error as Error).message}`);
      return;
    }
    if (found === this.fingerprint) return;
    this.fingerprint = found; // Not tried again, even when it is wrong.
    const error = await this.serialised(() => this.restart(corefile));
    this.access.registry.showReload(found);
    if (error === null) return;
    this.access.log.plugin('reload', 'ERROR', `Corefile changed but reload failed: ${error}`);
    this.access.registry.counters.add(this.failedSlot, 1);
  }

  /** Reload whatever the file says. @param reason begins the lines: `SIGUSR1` */
  async reload(reason: string): Promise<void> {
    if (!this.begun || this.waiting || this.stopping) return;
    const error = await this.serialised(async () => {
      this.access.log.info(`${reason}: Reloading`);
      let corefile: CorefileText;
      try {
        corefile = this.read();
      } catch (readError) {
        return `loading updated Caddyfile: ${(readError as Error).message}`;
      }
      return this.restart(corefile);
    });
    if (error !== null) this.access.log.error(`${reason}: ${error}`);
  }

  /** Run one after another. @returns what `action` returns: null, or what went wrong */
  private async serialised(action: () => Promise<string | null>): Promise<string | null> {
    this.waiting = true;
    const before = this.last;
    let end = (): void => {};
    this.last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    this.waiting = false;
    try {
      return this.stopping ? null : await action();
    } finally {
      end();
    }
  }

  /** @returns null, or why the old plan serves on, in the words of CoreDNS's callers */
  private async restart(corefile: CorefileText): Promise<string | null> {
    const { log } = this.access;
    log.info('Reloading');
    try {
      await this.access.change(corefile, () => !this.stopping);
    } catch (error) {
      const { message } = error as Error;
      log.error(`Restart failed: ${message}`);
      return `starting with listener file descriptors: ${message}`;
    }
    this.arm(corefile);
    log.info('Reloading complete');
    return null;
  }

  /** No more reloads; one under way is waited for, so that it and the stop do not touch the same things at once. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.cancelTicks();
    let cancel: Cancel = () => {};
    const late = new Promise<void>((resolve) => {
      cancel = this.access.world.clock.after(RELOAD_STOP_WAIT_MS, resolve);
    });
    await Promise.race([this.last, late]);
    cancel();
  }
}

function contentOf(corefile: CorefileText, machine: Environment): string {
  return corefile.text ?? readConfigFile(corefile.file, machine);
}
