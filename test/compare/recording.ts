/**
 * Recordings: what a server did in a scenario, as text. A part whose lines begin with `? ` was not the same in two runs and
 * is not compared.
 */
import type { Played } from './play';

/** What follows a step. */
export const PARTS = ['answer', 'upstream', 'log'] as const;
/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number];

/** A step of a recording. */
export interface Recorded extends Played {
  /** Parts that two runs did not agree on. */
  readonly unstable: readonly Part[];
}

const MARKS: Readonly<Record<Part, string>> = { answer: '<', upstream: '^', log: '|' };
/** What is not compared is shown as an example: an upstream may be asked a hundred times, or thousands. */
const CHANCE_LINES_MAX = 3;
const HEAD = `# What the server did; written by "npm run record", not by hand.
# > a step, < an answer, ^ what upstream N was asked, | a line of the log
# ? two runs differed here: not compared
`;

/** One recording of two runs of the same scenario. @throws Error when they have not the same steps */
export function merge(first: readonly Played[], second: readonly Played[]): Recorded[] {
  if (first.length !== second.length) throw new Error('two runs of one scenario have different steps');
  return first.map((step, index) => {
    const unstable = PARTS.filter((part) => step[part].join('\n') !== second[index][part].join('\n'));
    return { ...step, unstable };
  });
}

function partText(step: Recorded, part: Part): string {
  const isUnstable = step.unstable.includes(part);
  const chance = step[part].length === 0 ? [`${MARKS[part]} nothing`] : step[part].slice(0, CHANCE_LINES_MAX);
  const lines = isUnstable ? chance : step[part];
  return lines.map((line) => `${isUnstable ? '? ' : ''}${line}\n`).join('');
}

/** @param server a line that says what was recorded */
export function writeRecording(server: string, steps: readonly Recorded[]): string {
  const texts = steps.map((step) => `${step.title}\n${PARTS.map((part) => partText(step, part)).join('')}`);
  return `# ${server}\n${HEAD}\n${texts.join('')}`;
}

interface Draft extends Record<Part, string[]> {
  title: string;
  unstable: Part[];
}

/** Read what {@link writeRecording} wrote. */
export function readRecording(text: string): Recorded[] {
  const steps: Draft[] = [];
  let part: Part = 'answer';
  for (const whole of text.split('\n')) {
    if (whole === '' || whole.startsWith('#')) continue;
    const isUnstable = whole.startsWith('? ');
    const line = isUnstable ? whole.slice(2) : whole;
    if (line.startsWith('>')) {
      steps.push({ title: line, answer: [], upstream: [], log: [], unstable: [] });
      continue;
    }
    part = PARTS.find((known) => line.startsWith(MARKS[known])) ?? part; // Indented: goes on.
    const step = steps.at(-1)!;
    step[part].push(line);
    if (isUnstable && !step.unstable.includes(part)) step.unstable.push(part);
  }
  return steps;
}
