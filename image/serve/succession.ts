/**
 * Which block of a new plan takes over from which block of the one before: what it has learned (a cache's answers) stays
 * true when nothing differs that decides about answers.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BlockPlan, Plan } from '../corefile/plan';

/** Directives that look on, or say where is listened: with or without them the answers are the same. */
const ONLOOKERS: ReadonlySet<string> = new Set([
  'bind',
  'debug',
  'dnstap',
  'errors',
  'health',
  'log',
  'loop',
  'pprof',
  'prometheus',
  'ready',
  'reload',
  'timeouts',
  'trace',
]);

/** Do both blocks answer every question in the same way? Plugin options are plain data: equal data, equal answers. */
export function answersAlike(left: BlockPlan, right: BlockPlan): boolean {
  return isDeepStrictEqual(deciding(left), deciding(right));
}

function deciding({ zones, plugins }: BlockPlan): unknown {
  return { zones, plugins: plugins.filter(({ name }) => !ONLOOKERS.has(name)) };
}

/**
 * For each block of `next` the index of the block of `before` that it takes over from, or -1. None is inherited twice.
 * A zone may be served by several blocks (on several addresses), hence by position among equals.
 */
export function predecessors(before: Plan, next: Plan): number[] {
  const left = new Set(before.blocks.keys());
  return next.blocks.map((block) => {
    for (const index of left) {
      if (!answersAlike(before.blocks[index], block)) continue;
      left.delete(index);
      return index;
    }
    return -1;
  });
}
