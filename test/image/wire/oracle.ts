/**
 * A second reader of queries, written to be obviously right: text in, text out, an exception for whatever is wrong.
 * Shares nothing with image/wire but the table it was told. Slow.
 */

/** What it finds. `name` is the folded wire form in hex. */
export interface Reading {
  verdict: 'accept' | 'drop' | 'not implemented' | 'format error' | 'format error, question' | 'no question bytes';
  name?: string;
  type?: number;
  class?: number;
  opt?: { udp: number; version: number; flags: number; options: string };
  others?: boolean;
}

/** Data forms: digits are octets, n a name, s a string, t strings to the end, * the rest, o options. */
const FORMS: Record<number, string> = {
  1: '4',
  2: 'n',
  3: 'n',
  4: 'n',
  5: 'n',
  6: 'n,n,20',
  7: 'n',
  8: 'n',
  9: 'n',
  12: 'n',
  13: 's,s',
  14: 'n,n',
  15: '2,n',
  16: 't',
  17: 'n,n',
  18: '2,n',
  21: '2,n',
  23: 'n',
  24: '18,n,*',
  26: '2,n,n',
  28: '16',
  30: 'n,*',
  33: '6,n',
  35: '4,s,s,s,n',
  36: '2,n',
  39: 'n',
  41: 'o',
  43: '4,*',
  46: '18,n,*',
  47: 'n,*',
  48: '4,*',
  58: 'n,n',
  64: '2,n,*',
  65: '2,n,*',
  99: 't',
  107: '2,n',
  249: 'n,14,*',
  250: 'n,10,*',
  257: '1,s,*',
};

class Text {
  readonly hex: string;
  at: number;
  readonly end: number;

  constructor(hex: string, at: number, end = hex.length / 2) {
    this.hex = hex;
    this.at = at;
    this.end = end;
  }

  take(count: number): string {
    if (this.at + count > this.end) throw new Error('cut short');
    this.at += count;
    return this.hex.slice(2 * (this.at - count), 2 * this.at);
  }

  number(count: number): number {
    return Number.parseInt(this.take(count), 16);
  }

  /** Labels in hex. */
  name(mayPoint: boolean, start = this.at): string[] {
    const first = this.number(1);
    if (first === 0) return [];
    if (first >= 192 && mayPoint) {
      const target = (first - 192) * 256 + this.number(1);
      if (target < 12 || target >= start) throw new Error('bad pointer');
      return new Text(this.hex, target, start).name(true);
    }
    if (first > 63) throw new Error('bad label');
    return [this.take(first), ...this.name(mayPoint, start)];
  }

  wireName(mayPoint: boolean): string {
    const labels = this.name(mayPoint);
    const wire = labels.map((label) => (label.length / 2).toString(16).padStart(2, '0') + label).join('') + '00';
    if (wire.length > 510) throw new Error('too long');
    return wire;
  }
}

function readOptions(hex: string): void {
  const text = new Text(hex, 0);
  while (text.at < text.end) {
    const code = text.number(2);
    const data = text.take(text.number(2));
    const size = data.length / 2;
    const [family, source, scope] = [data.slice(0, 4), data.slice(4, 6), data.slice(6, 8)].map((part) =>
      Number.parseInt(part, 16),
    );
    const most = family === 1 ? 32 : 128;
    const isGood =
      {
        1: size >= 18,
        2: size === 4 || size === 8,
        9: size === 0 || size >= 4,
        11: size === 0 || size === 2,
        15: size >= 2,
        8:
          size >= 4 &&
          ((family === 0 && source === 0) || ((family === 1 || family === 2) && source <= most && scope <= most)),
      }[code] ?? true;
    if (!isGood) throw new Error('bad option');
  }
}

function readData(hex: string, at: number, end: number, type: number): void {
  const text = new Text(hex, at, end);
  if (at === end) return;
  for (const part of (FORMS[type] ?? '*').split(',')) {
    if (part === 'n') text.wireName(true);
    else if (part === 's') text.take(text.number(1));
    else if (part === 't') while (text.at < end) text.take(text.number(1));
    else if (part === 'o') readOptions(text.take(end - at));
    else if (part === '*') text.at = end;
    else text.take(Number(part));
  }
  if (text.at !== end) throw new Error('left over');
}

/** A-Z to a-z in hex, octet by octet. */
function fold(hex: string): string {
  return hex.replace(/../g, (octet) =>
    /^(4[1-9a-f]|5[0-9a])$/.test(octet) ? (Number.parseInt(octet, 16) + 32).toString(16) : octet,
  );
}

/** Read a query given as hex. */
export function read(hex: string): Reading {
  if (hex.length < 24) return { verdict: 'drop' };
  const head = new Text(hex, 2);
  const flags = head.number(2).toString(2).padStart(16, '0');
  if (flags[0] === '1') return { verdict: 'drop' };
  if (!['0000', '0100'].includes(flags.slice(1, 5))) return { verdict: 'not implemented' };
  const [questions, answers, authorities, additionals] = [1, 2, 3, 4].map(() => head.number(2));
  if (questions !== 1 || answers > 1 || authorities > 1 || additionals > 2) return { verdict: 'format error' };
  if (hex.length === 24) return { verdict: 'no question bytes' };
  const reading: Reading = { verdict: 'format error' };
  try {
    const name = fold(head.wireName(false));
    Object.assign(reading, { type: head.number(2), class: head.number(2), name, others: false });
    reading.verdict = 'format error, question';
    for (const isAdditional of [...Array(answers + authorities).fill(false), ...Array(additionals).fill(true)]) {
      if (head.at === head.end) break;
      head.wireName(true);
      const [type, udp, , version, ednsFlags, size] = [
        head.number(2),
        head.number(2),
        head.number(1),
        head.number(1),
        head.number(2),
        head.number(2),
      ];
      const from = head.at;
      const options = head.take(size);
      readData(hex, from, head.at, type);
      if (isAdditional && type === 41 && reading.opt) throw new Error('a second OPT');
      if (isAdditional && type === 41) reading.opt = { udp, version, flags: ednsFlags, options };
      else reading.others = true;
    }
    reading.verdict = 'accept';
  } catch {
    // The verdict is how far it came.
  }
  return reading;
}
