/** Where we differ from the recordings on purpose; each is a row of COMPATIBILITY.md. */
import type { Case, Said } from './case';

/** One of them. */
export interface Difference {
  readonly topic: string;
  readonly id: string;
  /** Does it explain what differs? As narrow as may be. */
  applies(theirs: Said, ours: Said, one: Case): boolean;
}

const OPT = /( \|)? OPT .*$/;
const without = (text: string) => text.replace(OPT, '');
/** The client sent no EDNS. */
const isPlain = ({ question }: Said) => !question.includes('udp=');
const sameAsked = (theirs: Said, ours: Said) => theirs.asked.join() === ours.asked.join();

/** All of them. */
export const DIFFERENCES: readonly Difference[] = [
  {
    topic: 'rewrite',
    id: 'opt-unasked',
    applies: (theirs, ours) =>
      isPlain(ours) && sameAsked(theirs, ours) && OPT.test(theirs.answer) && without(theirs.answer) === ours.answer,
  },
  {
    topic: 'rewrite',
    id: 'rewrite-ttl-opt',
    applies: (theirs, ours, { lines }) =>
      lines.some((line) => line.startsWith('rewrite ttl')) && without(theirs.answer) === without(ours.answer),
  },
  {
    topic: 'rewrite',
    id: 'rewrite-rcode-empty',
    applies: (theirs, ours, { lines }) =>
      lines.some((line) => line.startsWith('rewrite rcode')) &&
      / \| {2}\| {2}\| (?: \| OPT.*)?$/.test(ours.answer) &&
      theirs.answer.replace(/^\w+/, '') === ours.answer.replace(/^\w+/, ''),
  },
  {
    topic: 'rewrite',
    id: 'rewrite-revert-panic',
    applies: (theirs, ours, { lines }) =>
      lines.every((line) => line.endsWith(' revert')) &&
      theirs.answer.startsWith('SERVFAIL rd |') &&
      ours.answer.startsWith('NOERROR '),
  },
  {
    topic: 'rewrite',
    id: 'rewrite-wrong-name',
    applies: (theirs, ours, { lines }) =>
      lines.some((line) => line.endsWith(' x..y')) &&
      theirs.answer === 'silence' &&
      ours.answer.startsWith('SERVFAIL rd |'),
  },
  {
    topic: 'rewrite',
    id: 'rewrite-cname-dot',
    applies: (theirs, ours, { lines }) =>
      lines.includes('rewrite cname exact target.alias.test. other.test') &&
      theirs.answer === 'silence' &&
      ours.answer.includes('CNAME other.test.; other.test. 30 IN A'),
  },
  {
    topic: 'dns64',
    id: 'cache-soa-minimum',
    applies: (theirs, ours, { lines }) =>
      lines.includes('cache') && theirs.answer.replace('test. 60 IN SOA', 'test. 30 IN SOA') === ours.answer,
  },
  {
    topic: 'dns64',
    id: 'dns64-rewrite',
    applies: (theirs, ours, { lines }) =>
      lines.some((line) => line.startsWith('rewrite')) &&
      theirs.answer === ours.answer.replaceAll('.old.test.', '.test.'),
  },
];
