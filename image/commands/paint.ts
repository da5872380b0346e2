/** Colours of a terminal: 24-bit where it says that it can, else the sixteen of old, or none. */

/** What a terminal can show. */
export type ColorDepth = 'none' | 'basic' | 'full';

/** Roles of texts, not colours: a theme is here and nowhere else. */
export type Role = 'plain' | 'title' | 'faint' | 'good' | 'warn' | 'bad' | 'accent' | 'second' | 'third';

/** Per role: parameters of SGR for sixteen colours, and red, green, blue. Chosen to be legible on black and on white. */
const THEME: Readonly<Record<Role, { readonly basic: string; readonly full: string }>> = {
  plain: { basic: '', full: '' },
  title: { basic: '1', full: '1' },
  faint: { basic: '2', full: '38;2;128;134;150' },
  good: { basic: '32', full: '38;2;60;170;105' },
  warn: { basic: '33', full: '38;2;205;145;35' },
  bad: { basic: '31', full: '38;2;220;75;85' },
  accent: { basic: '36', full: '38;2;50;150;200' },
  second: { basic: '35', full: '38;2;150;115;205' },
  third: { basic: '34', full: '38;2;80;125;225' },
};

/**
 * What the terminal can show, by its environment.
 * @source https://no-color.org: set and not empty means none; COLORTERM as terminals set it
 */
export function colorDepth(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>): ColorDepth {
  const { NO_COLOR = '', TERM = '', COLORTERM = '' } = environment;
  if (!isTerminal || NO_COLOR !== '' || TERM === 'dumb') return 'none';
  return /truecolor|24bit/i.test(COLORTERM) || /-direct$/.test(TERM) ? 'full' : 'basic';
}

/** Puts colours around texts. */
export class Paint {
  private readonly depth: ColorDepth;

  constructor(depth: ColorDepth) {
    this.depth = depth;
  }

  /** `text` in the colour of its role. It may not hold colours itself: they end with it. */
  as(role: Role, text: string): string {
    if (this.depth === 'none' || role === 'plain' || text === '') return text;
    return `\x1b[${THEME[role][this.depth]}m${text}\x1b[0m`;
  }

  /** A colour between two roles' own, for bars: `share` 0 is `from`, 1 is `to`. */
  between(from: Role, to: Role, share: number, text: string): string {
    if (this.depth !== 'full') return this.as(share < 0.5 ? from : to, text);
    const [first, last] = [from, to].map((role) => THEME[role].full.split(';').slice(2).map(Number));
    const mixed = first.map((value, index) => Math.round(value + (last[index] - value) * share));
    return `\x1b[38;2;${mixed.join(';')}m${text}\x1b[0m`;
  }
}

const SEQUENCE = /\x1b\[[0-9;]*m/g;

/** Columns that a text takes: without its colours. Our texts have no wide characters: names are ASCII. */
export function widthOf(text: string): number {
  return [...text.replace(SEQUENCE, '')].length;
}

/** `text` filled to `columns` on its right, or on its left for numbers. */
export function fill(text: string, columns: number, side: 'right' | 'left' = 'right'): string {
  const blanks = ' '.repeat(Math.max(0, columns - widthOf(text)));
  return side === 'right' ? text + blanks : blanks + text;
}

/** A text without colours cut to `columns`, with `…` at its end when it was longer. */
export function cut(text: string, columns: number): string {
  const characters = [...text];
  if (characters.length <= columns) return text;
  return columns <= 0 ? '' : `${characters.slice(0, columns - 1).join('')}…`;
}

/** Whatever a server or a client put into a text: control characters would move the operator's cursor. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
