/** What a template may speak of: the question, and what its expression found in the name. */
import type { Query } from '../../chain/query';
import { HEADER_BYTES } from '../../limits';
import { FLAG_AD, FLAG_CD, FLAG_RD, FLAG_TC, OPCODE_MASK, OPCODE_SHIFT } from '../../wire/header';
import { nameToText } from '../../wire/name-text';
import type { TemplateData } from './evaluate';
import type { Value } from './functions';

/** What a rule found out about a question. */
export interface TemplateFacts {
  /** Lower-case FQDN. */
  readonly name: string;
  /** The rule's zone. */
  readonly zone: string;
  readonly class: string;
  readonly type: string;
  /** The client's IP address. */
  readonly remote: string;
  /** The expression that matches. */
  readonly regex: string;
  /** Groups of the match by number; `''` for one that took no part. */
  readonly match: readonly string[];
  /** Numbers of the named groups. */
  readonly groups: Readonly<Record<string, number>>;
}

/** Names go before numbers, as the later entry of CoreDNS's map. */
function groupsOf({ match, groups }: TemplateFacts): Record<string, Value> {
  const map: Record<string, Value> = Object.create(null);
  for (const [index, text] of match.entries()) map[index] = text;
  for (const [name, index] of Object.entries(groups)) map[name] = match[index] ?? '';
  return map;
}

/** As the client wrote it: QNAME keeps its case here. */
function writtenName({ bytes, requestOffset, view }: Query): string {
  return nameToText(bytes.slice(requestOffset + HEADER_BYTES, requestOffset + view.questionEnd), 0);
}

/** Fields of miekg/dns's Msg that a request can have. */
function messageOf({ view }: Query, question: Value): TemplateData {
  const has = (flag: number) => (view.flags & flag) !== 0;
  return {
    Id: BigInt(view.id),
    Response: false,
    Opcode: BigInt((view.flags & OPCODE_MASK) >>> OPCODE_SHIFT),
    Truncated: has(FLAG_TC),
    RecursionDesired: has(FLAG_RD),
    AuthenticatedData: has(FLAG_AD),
    CheckingDisabled: has(FLAG_CD),
    Question: [question],
  };
}

/** The dot of a record's text. @source coredns plugin/template/template.go templateData at v1.13.2 */
export function templateData(query: Query, facts: TemplateFacts): TemplateData {
  const { view } = query;
  const question: TemplateData = {
    Name: writtenName(query),
    Qtype: BigInt(view.type),
    Qclass: BigInt(view.class),
  };
  return {
    Zone: facts.zone,
    Name: facts.name,
    Regex: facts.regex,
    Match: facts.match,
    Group: groupsOf(facts),
    Class: facts.class,
    Type: facts.type,
    Remote: facts.remote,
    Question: question,
    Message: messageOf(query, question),
    Meta: (...given) => {
      const [label] = given;
      return given.length === 1 && typeof label === 'string' ? (query.metadata?.get(label) ?? '') : undefined;
    },
  };
}
