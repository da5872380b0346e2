/** Questions and answers as text, so that recordings read like a page of dig. */

import { optionsOf, withOption } from '../../../../image/plugin/nsid/options';
import { Class, classByName, rcodeText, Type, typeByName } from '../../../../image/wire/codes';
import { EDNS_DO } from '../../../../image/wire/edns';
import * as header from '../../../../image/wire/header';
import { decodeMessage, encodeMessage, type ResourceRecord } from '../../../../image/wire/message';
import { nameToText, textToName } from '../../../../image/wire/name-text';
import { recordToText } from '../../../../image/wire/record-text';

/** The id of all questions. */
const ID = 4711;
const FLAGS: readonly (readonly [string, number])[] = [
  ['aa', header.FLAG_AA],
  ['tc', header.FLAG_TC],
  ['rd', header.FLAG_RD],
  ['ra', header.FLAG_RA],
  ['ad', header.FLAG_AD],
  ['cd', header.FLAG_CD],
];

function optOf(words: readonly string[]): ResourceRecord[] {
  const size = words.find((word) => word.startsWith('udp='));
  if (size === undefined) return [];
  const option = words.find((word) => word.startsWith('option='))?.slice(7);
  let data: Uint8Array = new Uint8Array(0);
  if (option !== undefined) {
    const [code, hex = ''] = option.split(':');
    data = withOption(data, Number(code), Buffer.from(hex, 'hex'));
  }
  const ttl = words.includes('do') ? EDNS_DO : 0;
  return [{ name: Uint8Array.of(0), type: Type.OPT, class: Number(size.slice(4)), ttl, data }];
}

/**
 * The packet of a question `NAME TYPE [CLASS] [WORDS…]`. Words: `norecurse`, `ad`, `cd`, `udp=SIZE` for an OPT record, and
 * with it `do`, `option=CODE:HEX`. `tcp` is for who sends it.
 */
export function packetOf(question: string): Uint8Array {
  const [nameText, typeText, ...words] = question.split(' ');
  const name = textToName(nameText);
  if (name === undefined) throw new Error(`no name: ${question}`);
  const type = typeByName(typeText) ?? Number(typeText.replace('TYPE', ''));
  const dnsClass = words.map(classByName).find((found) => found !== undefined) ?? Class.IN;
  let flags = words.includes('norecurse') ? 0 : header.FLAG_RD;
  for (const [word, flag] of FLAGS) if (words.includes(word)) flags |= flag;
  const sections = { answer: [], authority: [], additional: optOf(words) };
  const packet = new Uint8Array(1024);
  const message = { id: ID, flags, question: { name, type, class: dnsClass }, ...sections };
  return packet.slice(0, encodeMessage(message, packet, 0, packet.length));
}

function optText({ class: size, ttl, data }: ResourceRecord): string {
  const options = optionsOf(data).map(({ code, data: value }) => ` ${code}:${Buffer.from(value).toString('hex')}`);
  return `OPT ${size} ttl ${ttl.toString(16)}${options.join('')}`;
}

/** One line: response code and flags, question, records by section, OPT. */
export function textOf(packet: Uint8Array): string {
  const message = decodeMessage(packet, 0, packet.length);
  if (message === undefined) return `malformed ${Buffer.from(packet).toString('hex')}`;
  if (message.id !== ID) return `another id: ${message.id}`;
  const flags = FLAGS.filter(([, flag]) => (message.flags & flag) !== 0).map(([word]) => word);
  const { question, additional } = message;
  const rcode = rcodeText(message.flags & header.RCODE_MASK);
  const records = (list: readonly ResourceRecord[]) =>
    list.filter(({ type }) => type !== Type.OPT).map((record) => recordToText(record).replace(/\s+/g, ' '));
  const parts = [
    [rcode, ...flags].join(' '),
    question === undefined ? 'no question' : nameToText(question.name, 0),
    records(message.answer).join('; '),
    records(message.authority).join('; '),
    records(additional).join('; '),
    ...additional.filter(({ type }) => type === Type.OPT).map(optText),
  ];
  return parts.join(' | ');
}
