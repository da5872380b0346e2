/** The name that somebody meant who wrote another one. */

/** Beyond this share of its letters a name is another name and not a misspelt one. */
const WRONG_LETTERS_MAX = 0.34;

/**
 * @returns the one of `names` that takes the fewest changes; undefined when none is near. Case, `_` and `-` count
 *   nothing: CoreDNS writes `serve_stale` and people `servestale`
 */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const written = letters(name);
  const candidates = names.map((candidate) => ({ candidate, changes: changesBetween(written, letters(candidate)) }));
  const [best] = candidates.sort((left, right) => left.changes - right.changes);
  if (best === undefined) return undefined;
  return best.changes <= Math.max(1, WRONG_LETTERS_MAX * letters(best.candidate).length) ? best.candidate : undefined;
}

function letters(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Letters to add, remove, replace or swap with their neighbour. @source optimal string alignment distance */
export function changesBetween(left: string, right: string): number {
  const rows = [Array.from({ length: right.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= left.length; row++) {
    const above = rows[row - 1];
    const line = [row];
    for (let column = 1; column <= right.length; column++) {
      const isSame = left[row - 1] === right[column - 1];
      line.push(Math.min(above[column] + 1, line[column - 1] + 1, above[column - 1] + (isSame ? 0 : 1)));
      const isSwapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (isSwapped) line[column] = Math.min(line[column], rows[row - 2][column - 2] + 1);
    }
    rows.push(line);
  }
  return rows[left.length][right.length];
}
