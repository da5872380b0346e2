/** What a scenario's upstream says to what, and what it was asked. Pure: sockets, real or not, are around it. */
import { rcodeByName, Type } from '../../image/wire/codes';
import { FLAG_AA, FLAG_AD, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, OPCODE_MASK } from '../../image/wire/header';
import { decodeMessage, type Message, type ResourceRecord } from '../../image/wire/message';
import { nameToText } from '../../image/wire/name-text';
import { textToRecord } from '../../image/wire/record-text';
import { optOf } from './edns-words';
import { expand } from './expand';
import { encode, queryLine, typeOf } from './packets';

const FLAGS: Readonly<Record<string, number>> = { aa: FLAG_AA, tc: FLAG_TC, ad: FLAG_AD };
/** Size of the OPT record in answers that say nothing else. */
const UDP_SIZE = 1232;
const UDP_BYTES_MIN = 512;

/** One rule: which questions, and what is said. */
export interface Rule {
  readonly name: string;
  readonly type: string;
  readonly words: readonly string[];
  /** `an|ns|ar RECORD`; `@` is the name that was asked for, `{n}` how often the rule was used. */
  readonly records: readonly string[];
  used: number;
}

/** A packet to send back, and when. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly afterMs: number;
}

/** Rules of the lines of a scenario; indented lines are records of the rules above. @throws Error when a line is neither */
export function rulesOf(lines: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  let records: string[] = []; // Shared by the rules that one line makes.
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (/^\s/.test(line)) {
      const [, section = 'an', text] = /^\s+(?:(an|ns|ar)\s+)?(.*)$/.exec(line)!;
      records.push(...expand(text).map((record) => `${section} ${record}`));
      continue;
    }
    const [names, types, ...words] = line.trim().split(/\s+/);
    if (types === undefined) throw new Error(`a rule of an upstream is NAME TYPE words…, not: ${line}`);
    records = [];
    for (const name of expand(names)) {
      for (const type of expand(types)) rules.push({ name, type, words, records, used: 0 });
    }
  }
  return rules;
}

function nameFits(pattern: string, name: string): boolean {
  if (pattern === '*') return true;
  const wanted = pattern === '.' ? '.' : `${pattern}.`;
  return pattern.startsWith('*.') ? name.endsWith(wanted.slice(1)) : name === wanted;
}

export class UpstreamScript {
  private readonly number: number;
  private readonly rules: readonly Rule[];
  private readonly tell: (line: string) => void;
  /** It is there and says nothing. */
  isMute = false;

  /** @param tell gets a line for every question; none for health probes, for when they come depends on time alone */
  constructor(number: number, lines: readonly string[], tell: (line: string) => void) {
    this.number = number;
    this.rules = rulesOf(lines);
    this.tell = tell;
  }

  /** Hear a question. @returns packets to send; 'close' to end the connection */
  hear(packet: Uint8Array, overTcp: boolean): Reply[] | 'close' {
    const query = decodeMessage(packet, 0, packet.length);
    const line = queryLine(packet, overTcp);
    const isProbe = /^\w+ \. NS\b/.test(line) && !this.rules.some(({ name }) => name === '.');
    if (!isProbe) this.tell(`^ ${this.number} ${line}`);
    if (this.isMute || query?.question === undefined) return [];
    const rule = this.ruleFor(query, overTcp);
    if (rule === undefined) return [{ bytes: this.encode(query, undefined, overTcp), afterMs: 0 }];
    rule.used++;
    if (rule.words.includes('silent')) return [];
    if (rule.words.includes('close')) return 'close';
    return this.replies(query, rule, overTcp);
  }

  private ruleFor({ question }: Message, overTcp: boolean): Rule | undefined {
    const name = nameToText(question!.name, 0).toLowerCase();
    return this.rules.find(({ name: pattern, type, words, used }) => {
      const times = words.find((word) => word.startsWith('times='));
      if (times !== undefined && used >= Number(times.slice(6))) return false;
      if (words.includes(overTcp ? 'udp' : 'tcp')) return false;
      return nameFits(pattern, name) && (type === '*' || typeOf(type) === question!.type);
    });
  }

  private replies(query: Message, rule: Rule, overTcp: boolean): Reply[] {
    const value = (key: string): string | undefined =>
      rule.words.find((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
    const afterMs = Number(value('after') ?? 0);
    const right = this.encode(query, rule, overTcp);
    const wrong = value('before') ?? value('instead');
    const replies = value('instead') === undefined ? [{ bytes: right, afterMs }] : [];
    if (wrong === undefined) return replies;
    return [{ bytes: this.spoil(query, rule, overTcp, right, wrong), afterMs }, ...replies];
  }

  /** An answer that is not one. */
  private spoil(query: Message, rule: Rule, overTcp: boolean, right: Uint8Array, how: string): Uint8Array {
    const { question } = query;
    const { name, type, class: questionClass } = question!;
    const bytes = Uint8Array.from(right);
    if (how === 'id') bytes[1] ^= 0xff;
    else if (how === 'qr') bytes[2] &= 0x7f;
    else if (how === 'garbage') return bytes.slice(0, 14);
    else if (how === 'name') {
      return this.encode({ ...query, question: { ...question!, name: Uint8Array.of(1, 120, ...name) } }, rule, overTcp);
    } else if (how === 'type')
      return this.encode({ ...query, question: { ...question!, type: type ^ 16 } }, rule, overTcp);
    else if (how === 'class')
      return this.encode({ ...query, question: { ...question!, class: questionClass ^ 2 } }, rule, overTcp);
    else if (how === 'noquestion') return this.encode({ ...query, question: undefined }, undefined, overTcp);
    else throw new Error(`an upstream cannot be wrong in this way: ${how}`);
    return bytes;
  }

  private encode(query: Message, rule: Rule | undefined, overTcp: boolean): Uint8Array {
    const { opt: ownOpt, rest: words } = optOf(rule?.words ?? []);
    const asked = query.additional.find(({ type }) => type === Type.OPT);
    const echo = { ...(asked ?? { name: Uint8Array.of(0), type: Type.OPT, ttl: 0 }), class: UDP_SIZE };
    const ownRcode = words.find((word) => rcodeByName(word) !== undefined);
    let flags = FLAG_QR | FLAG_RA | (query.flags & (FLAG_RD | FLAG_CD | OPCODE_MASK));
    for (const word of words) flags |= FLAGS[word] ?? 0;
    if (words.includes('nora')) flags &= ~FLAG_RA;
    flags |= rcodeByName(ownRcode ?? (rule === undefined ? 'REFUSED' : 'NOERROR'))!;
    const records = (section: string): ResourceRecord[] => this.records(query, rule, section);
    const opt =
      ownOpt ??
      (asked === undefined || words.includes('noopt')
        ? undefined
        : { ...echo, ttl: asked.ttl & 0x8000, data: new Uint8Array(0) });
    const message: Message = {
      id: query.id,
      flags,
      question: query.question,
      answer: records('an'),
      authority: records('ns'),
      additional: [...records('ar'), ...(opt === undefined ? [] : [opt])],
    };
    const bytes = encode(message);
    const limit = Math.max(UDP_BYTES_MIN, asked?.class ?? 0);
    if (overTcp || bytes.length <= limit || words.includes('oversize')) return bytes;
    const kept = opt === undefined ? [] : [opt];
    return encode({ ...message, flags: flags | FLAG_TC, answer: [], authority: [], additional: kept });
  }

  private records({ question }: Message, rule: Rule | undefined, section: string): ResourceRecord[] {
    const lines = (rule?.records ?? []).filter((line) => line.startsWith(`${section} `));
    return lines.map((line) => {
      const owner = question === undefined ? '.' : nameToText(question.name, 0);
      const text = line
        .slice(3)
        .replaceAll('{n}', String(rule!.used))
        .replace(/^@(?=\s)/, owner);
      const { record, error } = textToRecord(text);
      if (record === undefined) throw new Error(error);
      return record;
    });
  }
}
