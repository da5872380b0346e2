import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writeRefusal } from '../../../image/wire/build';
import { classText, typeText } from '../../../image/wire/codes';
import { writeReplyOpt } from '../../../image/wire/edns';
import { decodeMessage } from '../../../image/wire/message';
import { nameToText } from '../../../image/wire/name';
import { QueryView, readQuery, Verdict } from '../../../image/wire/question';
import { RecordWalk, walkRecords } from '../../../image/wire/record';
import { recordToText } from '../../../image/wire/record-text';

const FOLDER = path.join(__dirname, '../../wire');
const VERDICTS = ['accept', 'drop', 'not implemented', 'format error', 'format error, question', 'no question bytes'];
const OFFSET = 50;
const view = new QueryView();
const walk = new RecordWalk();

interface Case {
  readonly title: string;
  readonly kind: 'query' | 'reply';
  readonly hex: string;
  readonly events: string[];
}

/** The cases of a document: a heading, a packet, its events. */
function casesOf(file: string): Case[] {
  const text = readFileSync(path.join(FOLDER, file), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  return sections.map((section) => {
    const found = /```(query|reply)\n([^`]*)```\s*```events\n([^`]*)```/.exec(section);
    if (found === null) throw new Error(`${file}: '${section.split('\n')[0]}' has no packet with events`);
    const hex = found[2].replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '');
    if (!/^([0-9a-f]{2})*$/.test(hex)) throw new Error(`${file}: '${hex}' is not hex`);
    return {
      title: section.split('\n')[0],
      kind: found[1] as Case['kind'],
      hex,
      events: found[3].trimEnd().split('\n').map(plain),
    };
  });
}

/** Hex of an event without its spaces. */
function plain(event: string): string {
  const [word, ...rest] = event.split(' ');
  return word === 'send' || word === 'opt' ? `${word} ${rest.join('')}` : event;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function queryEvents(bytes: Uint8Array, length: number): string[] {
  const verdict = readQuery(bytes, OFFSET, length, view);
  const events = [VERDICTS[verdict]];
  const out = new Uint8Array(600);
  if (verdict === Verdict.DROP) return events;
  if (verdict !== Verdict.ACCEPT) {
    return [...events, 'send ' + hexOf(out.slice(0, writeRefusal(bytes, OFFSET, view, verdict, out, 0)))];
  }
  const name = nameToText(view.key, 0);
  events.push(
    `question ${name} ${classText(view.class)} ${typeText(view.type)}, ${view.labelCount} labels, ends at ${view.questionEnd}`,
  );
  if (view.hasOtherAdditional === 1) events.push('other records');
  if (view.optOffset === 0) return events;
  events.push(`edns udp ${view.udpSize}, version ${view.ednsVersion}, do ${view.doBit}, options ${view.optionsBytes}`);
  return [...events, 'opt ' + hexOf(out.slice(0, writeReplyOpt(bytes, view, out, 0, out.length)))];
}

function replyEvents(bytes: Uint8Array, length: number): string[] {
  const message = decodeMessage(bytes, OFFSET, length);
  if (!walkRecords(bytes, OFFSET, length, walk) || message === undefined) return ['malformed'];
  const { answerCount, authorityCount, additionalCount, optIndex, soaIndex, messageEnd } = walk;
  const notes = [optIndex >= 0 ? `, opt at ${optIndex}` : '', soaIndex >= 0 ? `, soa at ${soaIndex}` : ''].join('');
  const records = [...message.answer, ...message.authority, ...message.additional];
  const counts = `${answerCount} + ${authorityCount} + ${additionalCount}`;
  return [`walk ends at ${messageEnd}, ${counts} records${notes}`, ...records.map(recordToText)];
}

const FILES = readdirSync(FOLDER).filter((file) => file !== 'README.md');

describe.each(FILES)('%s', (file) => {
  test.each(casesOf(file).map((one) => [one.title, one] as const))('%s', (_, { kind, hex, events }) => {
    const bytes = new Uint8Array(OFFSET + 1000);
    bytes.set(Buffer.from(hex, 'hex'), OFFSET);
    const length = hex.length / 2;
    expect(kind === 'query' ? queryEvents(bytes, length) : replyEvents(bytes, length)).toEqual(events);
  });
});
