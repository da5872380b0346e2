/** A request while rules change it. */
import type { Query } from '../../chain/query';
import { REQUEST_BYTES_MAX } from '../../limits';
import { Type } from '../../wire/codes';
import { OPTION_HEADER_BYTES } from '../../wire/edns';
import { decodeMessage, encodeMessage, type Message, type Question, type ResourceRecord } from '../../wire/message';
import { nameToText, textToName } from '../../wire/name-text';
import { questionName } from '../reply';

/** An EDNS option. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** What CoreDNS says it takes when it adds an OPT record of its own. */
const OWN_UDP_BYTES = 4096;
const ROOT = Uint8Array.of(0);
/** Used by one request at a time. */
const ENCODED = new Uint8Array(REQUEST_BYTES_MAX);

/** The options in the data of an OPT record whose form was checked. */
export function readOptions(data: Uint8Array): EdnsOption[] {
  const options: EdnsOption[] = [];
  for (let at = 0; at < data.length; ) {
    const end = at + OPTION_HEADER_BYTES + ((data[at + 2] << 8) | data[at + 3]);
    options.push({ code: (data[at] << 8) | data[at + 1], data: data.slice(at + OPTION_HEADER_BYTES, end) });
    at = end;
  }
  return options;
}

/** The data of an OPT record. */
export function writeOptions(options: readonly EdnsOption[]): Uint8Array {
  const head = ({ code, data }: EdnsOption) => [code >>> 8, code & 0xff, data.length >>> 8, data.length & 0xff];
  return Uint8Array.from(options.flatMap((option) => [...head(option), ...option.data]));
}

export class Draft {
  /** Wire form, case as asked until a rule changes it. */
  name: Uint8Array;
  /** Lower-case FQDN. */
  nameText: string;
  type: number;
  class: number;
  /** Undefined while there is no OPT record. */
  options: EdnsOption[] | undefined;
  /** A rule was at the options. */
  optionsChanged = false;
  /** Whose request it is. */
  readonly asked: Query;
  /** What it asked for. */
  readonly question: Question;
  private readonly udpSize: number;
  private readonly ednsTtl: number;
  private readonly records: Pick<Message, 'answer' | 'authority' | 'additional'>;

  constructor(query: Query) {
    const { view, bytes, requestOffset } = query;
    this.asked = query;
    this.question = { name: questionName(query), type: view.type, class: view.class };
    this.name = this.question.name;
    this.type = view.type;
    this.class = view.class;
    this.nameText = query.name;
    this.udpSize = view.optOffset > 0 ? view.udpSize : OWN_UDP_BYTES;
    this.ednsTtl = view.optOffset > 0 ? ((view.ednsVersion << 16) | view.ednsFlags) >>> 0 : 0;
    const optionsEnd = requestOffset + view.optOffset + view.optBytes;
    this.options =
      view.optOffset > 0 ? readOptions(bytes.subarray(optionsEnd - view.optionsBytes, optionsEnd)) : undefined;
    // SOA of NOTIFY and IXFR, TSIG: taken along. What cannot be taken apart is left out.
    const message = view.hasOtherAdditional ? decodeMessage(bytes, requestOffset, view.messageBytes) : undefined;
    const { answer = [], authority = [], additional = [] } = message ?? {};
    this.records = { answer, authority, additional: additional.filter(({ type }) => type !== Type.OPT) };
  }

  /** Ask for another name. @returns false when it is none */
  rename(text: string): boolean {
    const name = textToName(text);
    if (name === undefined) return false;
    this.name = name;
    this.nameText = nameToText(name, 0).toLowerCase();
    return true;
  }

  /** The request as it is now; undefined when it is longer than REQUEST_BYTES_MAX. */
  encode(): Uint8Array | undefined {
    return this.encodeWith({ name: this.name, type: this.type, class: this.class }, this.options);
  }

  /** The request with the question it came with; undefined when it is longer than REQUEST_BYTES_MAX. */
  encodeAsked(options: readonly EdnsOption[]): Uint8Array | undefined {
    return this.encodeWith(this.question, options);
  }

  private encodeWith(question: Question, options: readonly EdnsOption[] | undefined): Uint8Array | undefined {
    const { id, flags } = this.asked.view;
    const additional = [...this.optRecords(options), ...this.records.additional];
    const written = encodeMessage({ ...this.records, id, flags, question, additional }, ENCODED, 0, ENCODED.length);
    return written === 0 ? undefined : ENCODED.slice(0, written);
  }

  private optRecords(options: readonly EdnsOption[] | undefined): ResourceRecord[] {
    if (options === undefined) return [];
    return [{ name: ROOT, type: Type.OPT, class: this.udpSize, ttl: this.ednsTtl, data: writeOptions(options) }];
  }
}
