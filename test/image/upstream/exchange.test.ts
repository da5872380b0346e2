import { Random } from '../../../image/kernel/random';
import { Timers } from '../../../image/kernel/timers';
import { EXCHANGE_TIMEOUT_MS, QUERIES_MAX } from '../../../image/limits';
import {
  type Asker,
  answersQuestion,
  type Channel,
  type Exchange,
  Exchanges,
  usableBytes,
} from '../../../image/upstream/exchange';
import { QueryView, readQuery } from '../../../image/wire/question';
import { RecordWalk } from '../../../image/wire/record';
import { encoded, message, opt, record } from '../../fuzz/wire-seeds';

/** Exchanges with a clock of their own, and what askers were told. */
function setUp() {
  const clock = { nowMs: 1_000, now: () => clock.nowMs };
  const timers = new Timers(clock.nowMs);
  const exchanges = new Exchanges(clock, timers, new Random());
  const told: string[] = [];
  const asker: Asker = {
    answered: ({ id }, _bytes, offset, length) => told.push(`${id} answered ${offset} ${length}`),
    failed: ({ id }, error) => told.push(`${id} failed ${error}`),
  };
  const sweepAt = (nowMs: number) => {
    clock.nowMs = nowMs;
    timers.sweep(nowMs);
  };
  return { clock, timers, exchanges, told, asker, sweepAt };
}

describe('ids', () => {
  const { exchanges, asker } = setUp();
  const all: Exchange[] = [];
  for (let exchange = exchanges.begin(asker, undefined); exchange !== undefined; ) {
    all.push(exchange);
    exchange = exchanges.begin(asker, undefined);
  }
  const ids = all.map(({ id }) => id);

  test('as many exchanges as allowed, each with an id of its own', () => {
    expect(all).toHaveLength(2 * QUERIES_MAX);
    expect(new Set(ids).size).toBe(ids.length);
    for (const exchange of all) expect(exchanges.find(exchange.id)).toBe(exchange);
  });

  test('they are spread over all 65536 and do not follow one another', () => {
    expect(ids.filter((id, index) => id === ids[index - 1] + 1).length).toBeLessThan(10);
    const quarters = [0, 0, 0, 0];
    for (const id of ids) quarters[id >>> 14]++;
    for (const count of quarters) expect(Math.abs(count - ids.length / 4)).toBeLessThan(300); // 7 sigma.
    for (let bit = 0; bit < 16; bit++) {
      const set = ids.filter((id) => (id & (1 << bit)) !== 0).length;
      expect(Math.abs(set - ids.length / 2)).toBeLessThan(350);
    }
  });

  test('when one ends another may begin', () => {
    exchanges.fail(all[17], 'x');
    const next = exchanges.begin(asker, undefined);
    expect(next).toBe(all[17]);
    expect(exchanges.begin(asker, undefined)).toBeUndefined();
  });
});

describe('an exchange ends once', () => {
  const bytes = new Uint8Array(20);

  test('with its answer', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const { id, ...exchange } = { ...exchanges.begin(asker, 'subject')! };
    expect(exchange.subject).toBe('subject');
    exchanges.answer(exchanges.find(id)!, bytes, 3, 12);
    expect(exchanges.find(id)).toBeUndefined();
    sweepAt(10_000);
    expect(told).toEqual([`${id} answered 3 12`]);
  });

  test('with an error', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const exchange = exchanges.begin(asker, undefined)!;
    exchanges.fail(exchange, 'EOF');
    sweepAt(10_000);
    expect(told).toEqual([`${exchange.id} failed EOF`]);
  });

  test('when its time is up, not before, in the words of its channel', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const exchange = exchanges.begin(asker, undefined)!;
    const channel: Channel = { timedOut: () => 'read: i/o timeout' };
    exchange.channel = channel;
    sweepAt(1_000 + EXCHANGE_TIMEOUT_MS - 1);
    expect(told).toEqual([]);
    sweepAt(1_000 + EXCHANGE_TIMEOUT_MS + 8);
    expect(told).toEqual([`${exchange.id} failed read: i/o timeout`]);
  });

  test('when its time is up and nothing sent it', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const { id } = exchanges.begin(asker, undefined, 100)!;
    sweepAt(1_108);
    expect(told).toEqual([`${id} failed i/o timeout`]);
  });

  test('when its channel ends it itself with the connection', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const exchange = exchanges.begin(asker, undefined)!;
    exchange.channel = {
      timedOut: () => {
        exchanges.fail(exchange, 'connection given up');
        return 'i/o timeout';
      },
    };
    sweepAt(10_000);
    expect(told).toEqual([`${exchange.id} failed connection given up`]);
  });

  test('silently, when it could not be sent', () => {
    const { exchanges, asker, told, sweepAt } = setUp();
    const exchange = exchanges.begin(asker, undefined)!;
    exchanges.drop(exchange);
    sweepAt(10_000);
    expect(told).toEqual([]);
    expect(exchanges.begin(asker, undefined)).toBe(exchange);
  });

  test('and its asker may begin the next one meanwhile', () => {
    const { exchanges, asker } = setUp();
    const exchange = exchanges.begin(asker, undefined)!;
    const { id } = exchange;
    let next: Exchange | undefined;
    exchange.asker = {
      ...asker,
      failed: () => {
        next = exchanges.begin(asker, undefined);
      },
    };
    exchanges.fail(exchange, 'x');
    expect(next).not.toBe(exchange);
    expect(exchanges.find(next!.id)).toBe(next);
    expect(next!.id === id || exchanges.find(id) === undefined).toBe(true);
  });
});

test('a reused exchange remembers nothing of the one before', () => {
  const { exchanges, asker } = setUp();
  const exchange = exchanges.begin(asker, 'first')!;
  exchange.resends = 2;
  exchange.channel = { timedOut: () => '' };
  exchanges.fail(exchange, 'x');
  const next = exchanges.begin(asker, 'second')!;
  expect(next).toBe(exchange);
  expect([next.resends, next.channel, next.subject]).toEqual([0, undefined, 'second']);
});

/** Where the message begins in the bytes of the tables below. */
const OFFSET = 5;

/** A message at OFFSET, with octets of other messages around it. */
function placed(packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(OFFSET + packet.length + 7).fill(0xc0);
  bytes.set(packet, OFFSET);
  return bytes;
}

function viewOf(packet: Uint8Array): QueryView {
  const view = new QueryView();
  readQuery(packet, 0, packet.length, view);
  return view;
}

const QUERY = encoded(message({ ask: 'Web.default.svc.', additional: [opt(1232, 0)] }));
const ANSWER = record('web.default.svc. 30 A 10.0.0.1');
const reply = (parts: Parameters<typeof message>[0]) =>
  encoded(message({ flags: 0x8180, ask: 'web.default.svc.', ...parts }));
/** A reply with octets changed: offset and new value. */
const changed = (...changes: [number, number][]) => {
  const packet = reply({ answer: [ANSWER] });
  for (const [at, value] of changes) packet[at] = value;
  return packet;
};
const TAIL = 12 + 17; // Behind the name.
const bare = (...octets: number[]) =>
  Uint8Array.from([0x12, 0x34, ...octets, ...new Array(12 - 2 - octets.length).fill(0)]);

test.each([
  ['the question in lower case', reply({ answer: [ANSWER] }), true],
  ['the question in upper case', reply({ ask: 'WEB.DEFAULT.SVC.', answer: [ANSWER] }), true],
  ['an error with the question', reply({ flags: 0x8183 }), true],
  ['any flag but QR and the opcode', reply({ flags: 0x87f0 }), true],
  ['a bare FORMERR: a server that does not know EDNS', bare(0x80, 1), true],
  ['a bare SERVFAIL', bare(0x81, 2), true],
  ['a bare BADVERS, whose lower half is 0', bare(0x80, 0), false],
  ['a bare header that says NOERROR', bare(0x81, 0x80), false],
  ['a bare error that counts records', bare(0x80, 1, 0, 0, 0, 1), false],
  ['a bare error that counts additional records', bare(0x80, 1, 0, 0, 0, 0, 0, 0, 0, 1), false],
  ['a query', reply({ flags: 0x0100 }), false],
  ['another opcode', reply({ flags: 0x9000 }), false],
  ['another name', reply({ ask: 'wec.default.svc.' }), false],
  ['a longer name', reply({ ask: 'web.default.svc.x.' }), false],
  ['a shorter name', reply({ ask: 'web.default.', answer: [ANSWER] }), false],
  ['a dot instead of a label’s length', changed([12 + 4, 0x2e]), false],
  ['another type', reply({ type: 28 }), false],
  ['another type in the high octet', changed([TAIL, 1]), false],
  ['another class', changed([TAIL + 3, 3]), false],
  ['another class in the high octet', changed([TAIL + 2, 0x80]), false],
  ['two questions', changed([5, 2]), false],
  ['257 questions', changed([4, 1]), false],
  ['no question but records', changed([5, 0]), false],
  ['a question that is cut', reply({}).subarray(0, TAIL + 3), false],
  ['nothing behind the header', reply({}).subarray(0, 12), false],
])('is it an answer? %s', (_, packet, wanted) => {
  expect(answersQuestion(placed(packet), OFFSET, packet.length, viewOf(QUERY))).toBe(wanted);
});

test('every octet of the question counts, but for the case of letters', () => {
  const good = reply({ answer: [ANSWER] });
  const view = viewOf(QUERY);
  for (let at = 12; at < TAIL + 4; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const packet = Uint8Array.from(good);
      packet[at] ^= 1 << bit;
      const isCase = bit === 5 && at < TAIL && /[A-Za-z]/.test(String.fromCharCode(good[at]));
      expect(answersQuestion(placed(packet), OFFSET, packet.length, view)).toBe(isCase);
    }
  }
});

const CUT = reply({ flags: 0x8380, answer: [ANSWER] });

test.each([
  ['a whole message', reply({ answer: [ANSWER] }), reply({ answer: [ANSWER] }).length, 1],
  [
    'a message with junk behind it',
    Uint8Array.from([...reply({ answer: [ANSWER] }), 1, 2, 3]),
    reply({ answer: [ANSWER] }).length,
    1,
  ],
  ['cut in a record with TC: header and question', CUT.subarray(0, CUT.length - 3), TAIL + 4, 0],
  ['cut behind the question with TC', CUT.subarray(0, TAIL + 4), TAIL + 4, 0],
  ['a bare error', bare(0x81, 2), 12, 0],
  ['cut in a record without TC', reply({ answer: [ANSWER] }).subarray(0, -3), 0, 1],
  ['a lie about a count', changed([7, 2]), 0, 2],
])('what is usable of it? %s', (_, packet, wanted, answerCount) => {
  const bytes = placed(packet);
  expect(usableBytes(bytes, OFFSET, packet.length, viewOf(QUERY), new RecordWalk())).toBe(wanted);
  expect(bytes[OFFSET + 7]).toBe(answerCount);
  expect([...bytes.subarray(OFFSET + packet.length)]).toEqual(new Array(7).fill(0xc0));
});
