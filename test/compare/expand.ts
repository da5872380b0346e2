/** Alternatives in braces, as shells have them: one line of a scenario stands for many. */

/** Where the group that opens at `open` closes, and its alternatives; undefined when it never closes. */
function groupAt(text: string, open: number): { readonly close: number; readonly parts: string[] } | undefined {
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === ',' && depth === 1) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
    if (text[at] !== '}' || --depth > 0) continue;
    return { close: at, parts: [...parts, text.slice(from, at)] };
  }
  return undefined;
}

/** `1..4` as its numbers; undefined when it is not a range. */
function range(text: string): string[] | undefined {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined) return undefined;
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => String(Number(first) + index));
}

/**
 * Every text that `text` stands for: `{a,b}` is one of these, `{1..4}` one of these numbers. The leftmost group changes
 * slowest. `{n}`, with neither comma nor dots, is left as it is.
 */
export function expand(text: string, from = 0): string[] {
  const open = text.indexOf('{', from);
  if (open < 0) return [text];
  const group = groupAt(text, open);
  if (group === undefined) return [text];
  const numbers = range(text.slice(open + 1, group.close));
  if (numbers === undefined && group.parts.length === 1) return expand(text, group.close);
  const [before, after] = [text.slice(0, open), text.slice(group.close + 1)];
  return (numbers ?? group.parts).flatMap((part) => expand(before + part + after, open));
}
