/** What `cleanup` does on a real node: rules and sets first, so that no rule names addresses that are gone; then the link. */
import { openLibc } from '../kernel/ffi';
import { type RunCommand, runCommand } from '../node/command';
import { allInstances, type OtherInstance } from '../node/instances';
import { removeLeftovers } from '../node/leftovers';
import { Link } from '../node/link';
import type { Cleaner } from './cleanup';

/** The node underneath. */
export interface CleanerAccess {
  readonly run: RunCommand;
  readonly link: Pick<Link, 'addressesOf' | 'remove'>;
  /** Caches of ours that run here. */
  instances(): readonly OtherInstance[];
  readonly removeLeftovers: typeof removeLeftovers;
}

/** The real one. Nothing is opened before it is asked to clean. */
export const systemCleaner: Cleaner = async (interfaceName, addresses) => {
  const link = new Link(openLibc());
  const access = { run: runCommand, link, instances: () => allInstances(), removeLeftovers };
  return nodeCleaner(access)(interfaceName, addresses);
};

/** Make it. What fails does not keep the rest from being removed; all failures are in one error. */
export function nodeCleaner({ run, link, instances, removeLeftovers: removeRules }: CleanerAccess): Cleaner {
  return async (interfaceName, addresses) => {
    const [running] = instances();
    if (running !== undefined) {
      throw new Error(`process ${running.processId} serves here and would put all of it back; stop it, then try again`);
    }
    const removed: string[] = [];
    const problems: string[] = [];
    const attempt = async (work: () => Promise<readonly string[]> | readonly string[]): Promise<void> => {
      try {
        removed.push(...(await work()));
      } catch (error) {
        problems.push((error as Error).message);
      }
    };
    let known = addresses;
    await attempt(() => {
      if (known.length === 0) known = link.addressesOf(interfaceName) ?? [];
      return [];
    });
    await attempt(() => removeRules(known, run));
    await attempt(() => (link.remove(interfaceName, known) ? [`interface ${interfaceName}`] : []));
    if (problems.length === 0) return removed;
    const done = removed.length === 0 ? '' : ` (removed: ${removed.join(', ')})`;
    throw new Error(problems.join('; ') + done);
  };
}
