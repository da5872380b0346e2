/**
 * What `iptables-save` prints, as far as it is needed to know rules of ours again. Rules are compared by key: the tools print
 * other words than they were given (`-d 10.96.0.10/32`, `-m udp`, `-j CT --notrack`), in another order.
 */
import { plainAddress, type RuleChain, type RuleTable } from './rules';

/** A rule in a built-in chain. */
export interface SavedRule {
  readonly table: RuleTable;
  readonly chain: RuleChain;
  /** As printed, behind `-A CHAIN `: the argument of a `-D`. */
  readonly text: string;
  readonly key: string;
  /** '' when it has none. */
  readonly comment: string;
}

/** One run of `iptables-save`. */
export interface Saved {
  readonly rules: readonly SavedRule[];
  readonly tables: ReadonlySet<string>;
  /** Something in the table filter drops or rejects packets, by policy or by rule. */
  readonly isDropping: boolean;
}

const RULE = /^-A (PREROUTING|INPUT|OUTPUT|POSTROUTING) (.*)$/;
const DROPS = /^:(INPUT|OUTPUT) DROP| -j (DROP|REJECT)\b/;

/** Read the output. User-defined chains, kube-proxy's thousands, are skipped. */
export function parseSave(text: string): Saved {
  const rules: SavedRule[] = [];
  const tables = new Set<string>();
  let table = '';
  let isDropping = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = line.slice(1).trim();
      tables.add(table);
    }
    if (table === 'filter' && DROPS.test(line)) isDropping = true;
    const found = RULE.exec(line);
    if (found === null) continue;
    const words = splitWords(found[2]);
    rules.push({
      ...{ table: table as RuleTable, chain: found[1] as RuleChain, text: found[2] },
      ...{ key: ruleKey(words), comment: words[words.indexOf('--comment') + 1] ?? '' },
    });
  }
  return {
    rules: rules.map((rule) => (rule.text.includes('--comment') ? rule : { ...rule, comment: '' })),
    tables,
    isDropping,
  };
}

/** Words of a line; quotes and backslashes as iptables-save writes them. */
export function splitWords(line: string): string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return words.map((word) => (word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word));
}

/** The same for rules that do the same, however they are written. @param words without table and chain */
export function ruleKey(words: readonly string[]): string {
  const options: string[] = [];
  let isNot = false;
  for (let index = 0; index < words.length; index++) {
    const name = words[index];
    if (name === '!') {
      isNot = true;
      continue;
    }
    const values: string[] = [];
    const valuesMax = name === '--comment' ? 1 : words.length;
    while (values.length < valuesMax && index + 1 < words.length) {
      const next = words[index + 1];
      if (name !== '--comment' && (next.startsWith('-') || next === '!')) break;
      values.push(next);
      index++;
    }
    const option = plainOption(name, values);
    if (option !== '') options.push(`${isNot ? '! ' : ''}${option}`);
    isNot = false;
  }
  return options.sort().join(' ');
}

function plainOption(name: string, values: readonly string[]): string {
  const [value = ''] = values;
  if (name === '-m' || name === '--notrack') return ''; // Matches that tools load by themselves; half of `-j CT --notrack`.
  if (name === '-j' && value === 'CT') return '-j NOTRACK';
  if (name === '-s' || name === '-d') return `${name} ${plainAddress(value.replace(/\/(32|128)$/, ''))}`;
  return [name, ...values].join(' ');
}
