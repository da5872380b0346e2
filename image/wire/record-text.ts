/**
 * Records as lines of a zone file (RFC 1035 §5.1): `name [ttl] [class] TYPE data`, one record per text. For the
 * template and hosts plugins and for tests. Data of types without a form of their own is written `\# SIZE HEX` (RFC
 * 3597 §5).
 */
import { assert } from '../assert';
import { MESSAGE_BYTES_MAX } from '../limits';
import { Class, classByName, classText, Type, typeByName, typeText } from './codes';
import { type Field, Fields, ttlSeconds } from './field-text';
import type { ResourceRecord } from './message';
import { nameToText, textToName } from './name-text';
import { dataIsPlain } from './rdata';
import { type Token, tokenize } from './record-token';

/** TTL of a line that gives none (miekg/dns NewRR). */
export const TTL_DEFAULT_SECONDS = 3600;

const NAME_ONLY = [Fields.NAME];
const SERVICE_BINDING = [Fields.NUMBER16, Fields.NAME, Fields.PARAMETERS];
const { NUMBER8, NUMBER16, NUMBER32, SECONDS, STRING, NAME } = Fields;

/** The fields of each type that has a form of its own here. */
const FORMS: ReadonlyMap<number, readonly Field[]> = new Map<number, readonly Field[]>([
  [Type.A, [Fields.ADDRESS4]],
  [Type.NS, NAME_ONLY],
  [Type.CNAME, NAME_ONLY],
  [Type.SOA, [NAME, NAME, NUMBER32, SECONDS, SECONDS, SECONDS, SECONDS]],
  [Type.PTR, NAME_ONLY],
  [Type.HINFO, [STRING, STRING]],
  [Type.MX, [NUMBER16, NAME]],
  [Type.TXT, [Fields.STRINGS]],
  [Type.AAAA, [Fields.ADDRESS6]],
  [Type.SRV, [NUMBER16, NUMBER16, NUMBER16, NAME]],
  [Type.NAPTR, [NUMBER16, NUMBER16, STRING, STRING, STRING, NAME]],
  [Type.DNAME, NAME_ONLY],
  [Type.SVCB, SERVICE_BINDING],
  [Type.HTTPS, SERVICE_BINDING],
  [Type.CAA, [NUMBER8, Fields.TAG, Fields.OCTETS]],
]);

/** A record, or one sentence that says what is wrong with its text and what was wanted. */
export type RecordResult = { readonly record: ResourceRecord; readonly error?: undefined } | RecordError;
interface RecordError {
  readonly record?: undefined;
  readonly error: string;
}

/** Number behind `TYPE` or `CLASS` (RFC 3597 §5), undefined when there is none up to 65535. */
function genericNumber(word: string, prefix: string): number | undefined {
  const digits = word.startsWith(prefix) ? word.slice(prefix.length) : '';
  return /^\d{1,5}$/.test(digits) && Number(digits) <= 65535 ? Number(digits) : undefined;
}

interface Head {
  ttl: number;
  class: number;
  type: number;
  /** The words behind the type. */
  data: readonly Token[];
}

/** TTL, class and type, in either order of the first two; the type is the first word that is neither. */
function parseHead(tokens: readonly Token[]): Head | string {
  let ttl: number | undefined;
  let recordClass: number | undefined;
  for (let index = 1; index < tokens.length; index++) {
    const word = tokens[index].quoted ? '' : tokens[index].text.toUpperCase();
    // ANY is a class and a type; no record has the class, so it is the type.
    const asClass = word === 'ANY' ? undefined : (classByName(word) ?? genericNumber(word, 'CLASS'));
    const asTtl = ttlSeconds(word);
    if (asClass !== undefined && recordClass === undefined) recordClass = asClass;
    else if (asTtl !== undefined && ttl === undefined) ttl = asTtl;
    else {
      const type = typeByName(word) ?? genericNumber(word, 'TYPE');
      if (type === undefined) return `'${tokens[index].text}' is no record type; use a name such as A or TYPE123`;
      const data = tokens.slice(index + 1);
      return { ttl: ttl ?? TTL_DEFAULT_SECONDS, class: recordClass ?? Class.IN, type, data };
    }
  }
  return 'has no record type; write: name [ttl] [class] TYPE data';
}

/** Data in the form that any type may have, without its `\#`. */
function parseGeneric(words: readonly Token[], type: number): Uint8Array | string {
  const size = words[0]?.text ?? '';
  const hex = words
    .slice(1)
    .map(({ text }) => text)
    .join('');
  if (!/^\d{1,5}$/.test(size) || Number(size) > MESSAGE_BYTES_MAX) return `'${size}' is not a size; write \\# SIZE HEX`;
  if (!/^([0-9A-Fa-f]{2})*$/.test(hex)) return `'${hex}' is not hex, two digits an octet`;
  if (hex.length !== 2 * Number(size)) return `has ${hex.length / 2} octets of data where \\# says ${size}`;
  const data = Uint8Array.from(Buffer.from(hex, 'hex'));
  return dataIsPlain(data, type) ? data : `has data that ${typeText(type)} cannot have`;
}

/** Data in the form of its type. */
function parseFields(words: readonly Token[], type: number, form: readonly Field[]): Uint8Array | string {
  const octets: number[] = [];
  let next = 0;
  for (const field of form) {
    const isOptional = field === Fields.PARAMETERS;
    if (next >= words.length && !isOptional) return `${typeText(type)} ends where ${field.wanted} is wanted`;
    const parsed = field.parse(words[next], words.slice(next));
    if (typeof parsed === 'string') return `${typeText(type)}: ${parsed}`;
    octets.push(...parsed);
    next = field.takesAll ? words.length : next + 1;
  }
  if (next < words.length) return `${typeText(type)} has '${words[next].text}' behind its data; remove it`;
  return octets.length <= MESSAGE_BYTES_MAX
    ? Uint8Array.from(octets)
    : `${typeText(type)} has over 65535 octets of data`;
}

/**
 * Read one record. Names are absolute with or without the final dot; TTL 3600 and class IN when not given.
 * @param text a line; parentheses, comments and line ends may be in it
 * @returns the record, or an error that names the text
 * @source RFC 1035 §5.1, RFC 3597 §5, RFC 9460 §2.1; miekg/dns NewRR
 */
export function textToRecord(text: string): RecordResult {
  const failure = (reason: string): RecordError => ({ error: `Record '${text.trim()}': ${reason}` });
  const { tokens, error } = tokenize(text);
  if (tokens === undefined) return failure(error);
  if (tokens.length === 0) return failure('is empty; write: name [ttl] [class] TYPE data');
  const owner = tokens[0].text;
  const name = owner === '@' ? Uint8Array.of(0) : textToName(owner);
  if (name === undefined)
    return failure(`'${owner}' is not a domain name: labels have 1 to 63 octets, the whole 255 at most`);
  const head = parseHead(tokens);
  if (typeof head === 'string') return failure(head);
  const { type, ttl } = head;
  const form = FORMS.get(type);
  const isGeneric = head.data[0]?.text === '\\#' && !head.data[0].quoted;
  if (!isGeneric && form === undefined)
    return failure(`${typeText(type)} has no text form here; write its data as \\# SIZE HEX`);
  const data = isGeneric ? parseGeneric(head.data.slice(1), type) : parseFields(head.data, type, form!);
  if (typeof data === 'string') return failure(data);
  return { record: { name, type, class: head.class, ttl, data } };
}

/** The type as textToRecord reads it: `None` and `Reserved` are texts for logs, not for zone files. */
function typeWord(type: number): string {
  return typeByName(typeText(type).toUpperCase()) === type ? typeText(type) : `TYPE${type}`;
}

/** Do the words read back as exactly these octets? Not so for a list out of order, an odd tag, a broken parameter. */
function isReadBack(text: string, type: number, data: Uint8Array): boolean {
  const { tokens } = tokenize(text);
  const octets = tokens && parseFields(tokens, type, FORMS.get(type)!);
  return octets instanceof Uint8Array && Buffer.compare(octets, data) === 0;
}

/** Data in the form of its type, undefined when it has none or the octets do not have it. */
function dataText(type: number, data: Uint8Array): string | undefined {
  const texts: string[] = [];
  let at = 0;
  for (const field of FORMS.get(type) ?? []) {
    const printed = field.print(data, at);
    if (printed === undefined) return undefined;
    if (printed[0] !== '') texts.push(printed[0]);
    at = printed[1];
  }
  const text = texts.join(' ');
  return at === data.length && texts.length > 0 && isReadBack(text, type, data) ? text : undefined;
}

/**
 * Text of a record as miekg/dns prints it: owner, TTL, class and type with tabs between, then the data. What has no
 * form of its own here is `\# SIZE HEX`. textToRecord reads it back to the same record.
 */
export function recordToText(record: ResourceRecord): string {
  assert(record.name.length > 0);
  const { data } = record;
  const generic = '\\# ' + data.length + (data.length > 0 ? ' ' + Buffer.from(data).toString('hex') : '');
  const head = [nameToText(record.name, 0), record.ttl, classText(record.class), typeWord(record.type)].join('\t');
  return head + '\t' + (dataText(record.type, data) ?? generic);
}
