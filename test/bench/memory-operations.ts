/** The operations of the memory room that run per packet or per stored answer. Loaded bundled: see memory.ts. */
import { Arena } from '../../image/kernel/arena';
import { NameHash } from '../../image/memory/hash';
import { Answer, Question, Stored, SUCCESS, Table } from '../../image/memory/table';
import { QueryView, readQuery } from '../../image/wire/question';
import { encoded, message, record } from '../fuzz/wire-seeds';
import { NAMES_COUNT, serviceName } from './names';
import type { Operation } from './timing';

/** As the cache plugin has it when the Corefile says nothing else. */
const CAPACITY = 9984;
const QUERY = 4096;
const REPLY = 8192;

/** A question as the worker fills it in for each packet. */
function questionOf(view: QueryView, hash: NameHash): Question {
  const question = new Question();
  question.name.set(view.key.subarray(0, view.nameBytes));
  question.nameBytes = view.nameBytes;
  question.type = view.type;
  question.class = view.class;
  const nameHash = hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
  question.hash = NameHash.question(nameHash, view.type, view.class, 0);
  return question;
}

/** All operations, on a table that holds the names of the other benches. */
export function operations(): Operation[] {
  const arena = new Arena(0, new ArrayBuffer(1 << 16));
  const memory = new Arena(0, new ArrayBuffer(Table.bytes(CAPACITY, CAPACITY)));
  const table = new Table(memory, 0, CAPACITY, CAPACITY, true);
  const hash = new NameHash(1);
  const view = new QueryView();
  const answer = new Answer();
  answer.kind = SUCCESS;
  answer.flags = 0x8580;
  answer.answerCount = 1;
  answer.ttlCount = 1;
  answer.ttlSeconds = 30;
  answer.bytes = arena.u8;
  const questions = Array.from({ length: NAMES_COUNT }, (_, index) => {
    const ask = serviceName(index);
    const query = encoded(message({ ask }));
    arena.u8.set(query, QUERY);
    readQuery(arena.u8, QUERY, query.length, view);
    const reply = encoded(message({ ask, answer: [record(`${ask} 30 A 10.96.0.1`)] }));
    arena.u8.set(reply, REPLY);
    answer.bodyOffset = REPLY + query.length;
    answer.bodyBytes = reply.length - query.length;
    answer.ttlOffsets[0] = query.length + 6; // Behind pointer, type and class.
    const question = questionOf(view, hash);
    table.store(question, answer);
    return { question, questionBytes: query.length };
  });
  let turn = 0;
  const next = () => {
    turn = turn + 1 === NAMES_COUNT ? 0 : turn + 1;
    return questions[turn];
  };
  const absent = questionOf(view, hash);
  absent.hash ^= 0x5bd1e995;
  const last = questions[NAMES_COUNT - 1];
  return [
    {
      name: `hash of a name, ${view.nameBytes} octets`,
      run: () => Number(hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount) !== 0),
      wanted: 1,
    },
    { name: `find, ${NAMES_COUNT} names in turn`, run: () => Number(table.find(next().question) >= 0), wanted: 1 },
    { name: 'find, not there', run: () => table.find(absent), wanted: -1 },
    {
      name: 'find and copyBody, one A',
      run: () => {
        const { question, questionBytes } = next();
        return Number(table.copyBody(table.find(question), arena.u8, QUERY, questionBytes, 1232, 29));
      },
      wanted: 1,
    },
    {
      name: 'a hit counted, as prefetch wants it',
      run: () => {
        const entry = table.find(next().question);
        table.uses.count(entry, 1000, 60_000);
        return Number(table.uses.hits(entry) > 0);
      },
      wanted: 1,
    },
    { name: 'store, replacing', run: () => table.store(last.question, answer), wanted: Stored.REPLACED },
  ];
}
