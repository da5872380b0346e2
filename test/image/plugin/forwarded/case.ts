/** Cases of directives that need somebody to ask: the rules, and what is asked. */

import { Type, typeText } from '../../../../image/wire/codes';
import { FLAG_AA } from '../../../../image/wire/header';
import { decodeMessage, type Message } from '../../../../image/wire/message';
import { nameToText } from '../../../../image/wire/name-text';
import { encodeSays, type Says } from '../../../support/resolver';

/** Lines of a server block for the root, and questions as `recorded/ask.ts` reads them; `v6` is for who sends it. */
export interface Case {
  readonly title: string;
  readonly lines: readonly string[];
  readonly questions: readonly string[];
}

/** A question and what came of it. */
export interface Said {
  readonly question: string;
  /** What the upstream was asked meanwhile: name, type, class and EDNS options. */
  readonly asked: readonly string[];
  readonly answer: string;
}

/** Where the upstream of all cases listens. */
export const UPSTREAM_PORT = 26003;

/** The Corefile of a case. */
export function corefileOf({ lines }: Case): string {
  return `. {\n  bind 127.0.0.1 ::1\n  ${lines.join('\n  ')}\n  forward . 127.0.0.1:${UPSTREAM_PORT}\n}\n`;
}

const SOA = 'test. 60 IN SOA ns.test. mail.test. 1 2 3 4 30';

/** Answers by type; `%` is the name that was asked for. */
const ANSWERS: Readonly<Record<string, Says>> = {
  A: { answer: ['% 30 IN A 192.0.2.1'] },
  AAAA: { authority: [SOA] },
  CNAME: { answer: ['% 30 IN CNAME to.%'] },
  DNAME: { answer: ['% 30 IN DNAME to.%'] },
  MX: { answer: ['% 30 IN MX 10 mail.%', '% 300 IN MX 20 mail.else.test.'], additional: ['mail.% 7 IN A 192.0.2.2'] },
  NAPTR: { answer: ['% 30 IN NAPTR 1 2 "s" "SIP+D2U" "" _sip._udp.%'] },
  NS: { answer: ['% 30 IN NS ns.%'], additional: ['ns.% 5 IN A 192.0.2.3'] },
  PTR: { answer: ['% 30 IN PTR host.%'] },
  SOA: { answer: ['% 30 IN SOA ns.% mail.% 1 2 3 4 5'] },
  SRV: {
    answer: ['% 30 IN SRV 1 2 443 b.%', '% 30 IN SRV 1 2 443 else.test.'],
    authority: ['% 30 IN NS ns.%'],
    additional: ['b.% 30 IN A 192.0.2.4', 'else.test. 30 IN A 192.0.2.5'],
  },
  TXT: { answer: ['% 30 IN TXT "text of %"'] },
};

/** By the first label of the name, whatever the type. */
const BY_LABEL: Readonly<Record<string, Says>> = {
  nx: { rcode: 'NXDOMAIN', authority: [SOA] },
  nxbare: { rcode: 'NXDOMAIN' },
  failed: { rcode: 'SERVFAIL' },
  refused: { rcode: 'REFUSED' },
  nodata: { authority: [SOA] },
  empty: {},
  aa: { flags: FLAG_AA, answer: ['% 30 IN A 192.0.2.6'] },
  long: { answer: ['% 30 IN A 192.0.2.7', '% 86400 IN A 192.0.2.8', '% 0 IN A 192.0.2.9'] },
  alias: { answer: ['% 30 IN CNAME target.alias.test.', 'target.alias.test. 20 IN A 192.0.2.10'] },
  chain: {
    answer: ['% 30 IN CNAME one.test.', 'one.test. 25 IN CNAME two.test.', 'two.test. 20 IN A 192.0.2.11'],
  },
  six: { answer: ['% 30 IN AAAA 2001:db8::6'] },
};
/** Names with both families. */
const SIX: Says = { answer: ['% 30 IN AAAA 2001:db8::6'], additional: ['x.% 9 IN A 192.0.2.12'] };

function sayingOf(labels: readonly string[], type: string): Says {
  const [first] = labels;
  if (first === 'four' && type === 'AAAA') return BY_LABEL.failed;
  if (first === 'dual' && type === 'AAAA') return SIX;
  if (first === 'aliased' && type === 'AAAA') return { answer: ['% 30 IN CNAME a.test.'], authority: [SOA] };
  if (first === 'aliased') return BY_LABEL.alias;
  if (first === 'halfnx') return type === 'A' ? BY_LABEL.nx : ANSWERS.AAAA;
  if (first === 'halffailed') return type === 'A' ? BY_LABEL.failed : ANSWERS.AAAA;
  if (first === 'longsoa' && type === 'A') return BY_LABEL.long;
  if (first === 'six' && type === 'A') return ANSWERS.A;
  return BY_LABEL[first] ?? ANSWERS[type] ?? {};
}

function questionText({ question, additional }: Message): string {
  const opt = additional.find(({ type }) => type === Type.OPT);
  const { name, type, class: dnsClass } = question!;
  const options = opt === undefined ? '' : ` OPT ${opt.class} ${Buffer.from(opt.data).toString('hex')}`;
  return `${nameToText(name, 0)} ${typeText(type)}${dnsClass === 1 ? '' : ` CLASS${dnsClass}`}${options}`;
}

/** The upstream of all cases: what it says depends on the question only. Labels `opt` and `echo` want EDNS in its answer. */
export class Upstream {
  /** Questions since the last look. */
  asked: string[] = [];

  answer(packet: Uint8Array): Uint8Array {
    const query = decodeMessage(packet, 0, packet.length)!;
    const name = nameToText(query.question!.name, 0);
    this.asked.push(questionText(query));
    const labels = name.toLowerCase().split('.');
    const says = sayingOf(labels, typeText(query.question!.type));
    const fill = (lines: Says['additional'] = []) =>
      lines.map((line) =>
        typeof line === 'string' ? line.replaceAll(name === '.' ? '.%' : '%', name).replaceAll('%', name) : line,
      );
    const opt = query.additional.filter(({ type }) => type === Type.OPT);
    const echoes = labels.includes('echo') ? opt : [];
    const bare = labels.includes('opt') ? opt.map((record) => ({ ...record, data: new Uint8Array(0) })) : [];
    const additional = [...fill(says.additional), ...echoes, ...bare];
    const all = {
      ...says,
      answer: fill(says.answer) as string[],
      authority: fill(says.authority) as string[],
      additional,
    };
    return encodeSays(all, query);
  }
}
