/** Graphs of block characters (U+2581 to U+2588 upwards, U+2589 to U+258F to the right): eight steps per character. */
const UP = ' ▁▂▃▄▅▆▇█';
const RIGHT = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const STEPS = 8;

/**
 * A graph of the last values, the newest at its right end.
 * @param values at least 0 @param max value of a full column; more is cut off
 * @returns `rows` lines of `columns` characters, the highest first
 */
export function graph(values: readonly number[], columns: number, rows: number, max: number): string[] {
  const shown = values.slice(-columns);
  const heights = shown.map((value) => heightOf(value, max, rows * STEPS));
  return Array.from({ length: rows }, (_, row) => {
    const floor = (rows - 1 - row) * STEPS;
    const line = heights.map((height) => UP[Math.min(STEPS, Math.max(0, height - floor))]).join('');
    return line.padStart(columns, ' ');
  });
}

/** What is more than nothing is seen. */
function heightOf(value: number, max: number, steps: number): number {
  if (!(value > 0) || !(max > 0)) return 0;
  return Math.min(steps, Math.max(1, Math.round((value / max) * steps)));
}

/** A bar from the left: `share` 0 … 1 of `columns`; not filled up. */
export function bar(share: number, columns: number): string {
  const steps = Math.round(Math.min(1, Math.max(0, share)) * columns * STEPS);
  return '█'.repeat(Math.floor(steps / STEPS)) + RIGHT[steps % STEPS];
}

/** A round number that is at least `value`: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((one) => one * power >= value * 0.999_999) ?? 10;
  return factor * power;
}
