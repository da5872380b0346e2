/** Holds what we did against a recording, and explains what differs by the list of known differences. */
import type { Played } from './play';
import { PARTS, type Part, type Recorded } from './recording';

/** A part of one step where we are not as recorded. */
export interface Mismatch {
  /** `cache/ttl` */
  readonly scenario: string;
  /** `ask www.example.test A udp` */
  readonly step: string;
  readonly part: Part;
  readonly recorded: readonly string[];
  readonly ours: readonly string[];
}

/** Something we do otherwise, on purpose. COMPATIBILITY.md has a row for each. */
export interface Difference {
  readonly id: string;
  /**
   * What we do, given what was recorded: applied where its result differs from what was recorded. Differences that meet in
   * one step are applied one after the other, in the order of the list.
   */
  readonly adapt?: (lines: readonly string[], mismatch: Mismatch) => readonly string[];
  /** Does it explain all of this? For what cannot be told from the recording alone. As narrow as can be. */
  readonly explains?: (mismatch: Mismatch) => boolean;
}

/** What holding came to. */
export interface Verdict {
  /** What nothing explains, as text. */
  readonly unexplained: string[];
  /** Ids of the differences that explained something. */
  readonly used: Set<string>;
  /** Answers compared. */
  readonly answers: number;
}

const same = (left: readonly string[], right: readonly string[]): boolean => left.join('\n') === right.join('\n');

/** Which differences explain a mismatch; undefined when none do. */
function explanation(mismatch: Mismatch, differences: readonly Difference[]): string[] | undefined {
  const adapting = differences.filter(
    ({ adapt }) => adapt && !same(adapt(mismatch.recorded, mismatch), mismatch.recorded),
  );
  for (let subset = 1; subset < 1 << adapting.length; subset++) {
    const chosen = adapting.filter((_, index) => (subset & (1 << index)) !== 0);
    const lines = chosen.reduce((text, { adapt }) => adapt!(text, mismatch), mismatch.recorded);
    if (same(lines, mismatch.ours)) return chosen.map(({ id }) => id);
  }
  const explaining = differences.find(({ explains }) => explains?.(mismatch));
  return explaining && [explaining.id];
}

function text({ scenario, step, part, recorded, ours }: Mismatch, above: string | undefined): string {
  const block = (title: string, lines: readonly string[]) =>
    [title, ...(lines.length > 0 ? lines : ['nothing'])].join('\n    ');
  const before = above === undefined ? '' : ` (after ${above})`;
  return `${scenario}: ${step}${before}: ${part}\n  ${block('recorded', recorded)}\n  ${block('ours', ours)}`;
}

/** @throws Error when the recording is of other steps: the scenario was changed and not recorded again */
export function judge(
  scenario: string,
  recorded: readonly Recorded[],
  ours: readonly Played[],
  differences: readonly Difference[],
): Verdict {
  const titles = (steps: readonly { title: string }[]): string => steps.map(({ title }) => title).join('\n');
  if (titles(recorded) !== titles(ours)) throw new Error(`${scenario}: the recording has other steps; record it again`);
  const verdict: Verdict = { unexplained: [], used: new Set(), answers: 0 };
  let answers = 0;
  for (const [index, step] of recorded.entries()) {
    if (step.answer.length > 0 && !step.unstable.includes('answer')) answers++;
    for (const part of PARTS) {
      if (step.unstable.includes(part) || same(step[part], ours[index][part])) continue;
      const mismatch = { scenario, step: step.title.slice(2), part, recorded: step[part], ours: ours[index][part] };
      const ids = explanation(mismatch, differences);
      if (ids === undefined) verdict.unexplained.push(text(mismatch, recorded[index - 1]?.title.slice(2)));
      else for (const id of ids) verdict.used.add(id);
    }
  }
  return { ...verdict, answers };
}
