/**
 * Files of weights (`loadbalance weighted`), read by main because a worker never waits for a disk. The setup read them
 * first; here they are looked at every `reload`.
 * @source coredns plugin/loadbalance/weighted.go at v1.13.2
 */
import { CorefileError, text } from '../corefile/errors';
import type { Plan } from '../corefile/plan';
import type { Log } from '../observe/log';
import type { LoadbalanceOptions, WeightFile } from '../plugin/loadbalance/setup';
import { parseWeights } from '../plugin/loadbalance/weights';
import type { MessageToWorker } from './messages';
import type { Cancel, Clock, Files } from './world';

/** What watching needs. */
export interface WeightsWatchAccess {
  readonly clock: Clock;
  readonly files: Files;
  readonly log: Log;
}

/** The files of weights of a plan. */
export class WeightsWatch {
  private readonly access: WeightsWatchAccess;
  private readonly watched: readonly WeightFile[];
  private cancels: Cancel[] = [];

  constructor(plan: Plan, access: WeightsWatchAccess) {
    this.access = access;
    const plugins = plan.blocks.flatMap((block) => block.plugins).filter(({ name }) => name === 'loadbalance');
    this.watched = plugins.flatMap(({ options }) => (options as LoadbalanceOptions).weighted ?? []);
  }

  /** Look from now on. @param post gets what a file says now, when that is something else */
  start(post: (message: MessageToWorker) => void): void {
    for (const file of this.watched) {
      if (file.reloadMs > 0) this.cancels.push(this.access.clock.every(file.reloadMs, this.look(file, post)));
    }
  }

  stop(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
  }

  /**
   * One look. A file that is wrong or cannot be read leaves what it said last. As in CoreDNS a wrong one says why once, one
   * that cannot be read each time.
   */
  private look({ path, names }: WeightFile, post: (message: MessageToWorker) => void): () => void {
    let before = JSON.stringify(names);
    let content: string | undefined;
    return () => {
      try {
        const read = this.read(path);
        if (read === content) return;
        content = read;
        const now = parseWeights(read, path);
        const said = JSON.stringify(now);
        if (said === before) return;
        before = said;
        post({ kind: 'weights', path, names: now });
      } catch (error) {
        if (!(error instanceof CorefileError)) throw error;
        this.access.log.plugin('loadbalance', 'ERROR', error.message);
      }
    };
  }

  private read(path: string): string {
    try {
      return this.access.files.read(path);
    } catch {
      throw new CorefileError(text.weightFileOpen);
    }
  }
}
