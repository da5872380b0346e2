import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler } from '../../../../image/plugin/minimal/handler';
import { Rcode } from '../../../../image/wire/codes';
import { textToRecord } from '../../../../image/wire/record-text';
import { answering, HandlerWorld } from '../../../support/query';

const records = (...texts: string[]) => texts.map((text) => textToRecord(text).record!);
const A = records('example.org. 60 IN A 192.0.2.1', 'example.org. 60 IN A 192.0.2.2');
const NS = records('example.org. 60 IN NS ns.example.org.');
const SOA = records('example.org. 60 IN SOA ns.example.org. h.example.org. 1 2 3 4 5');
const GLUE = records('ns.example.org. 60 IN A 192.0.2.3');
const minimal = (rcode: number, sections: Parameters<typeof answering>[1]) => {
  const { answer, authority, additional, message } = new HandlerWorld(
    '. {\nminimal\n}',
    {},
    answering(0x8000 | rcode, sections),
  ).ask('example.org.');
  expect(message).toBeDefined();
  return [answer.length, authority.length, additional.length];
};

test.each([
  // Less is sent.
  ['an answer', 0, { answer: A, authority: NS, additional: GLUE }, [2, 0, 0]],
  ['nothing, and not even a SOA', 0, { answer: [], authority: [], additional: GLUE }, [0, 0, 0]],
  ['an answer with a SOA', 0, { answer: A, authority: SOA, additional: GLUE }, [2, 0, 0]],
  // All is sent.
  ['a referral', 0, { answer: [], authority: NS, additional: GLUE }, [0, 1, 1]],
  ['no data', 0, { answer: [], authority: SOA, additional: GLUE }, [0, 1, 1]],
  ['no such name', Rcode.NXDOMAIN, { answer: A, authority: SOA, additional: GLUE }, [2, 1, 1]],
  ['a failure', Rcode.SERVFAIL, { answer: A, authority: NS, additional: GLUE }, [2, 1, 1]],
  ['a refusal', Rcode.REFUSED, { answer: [], authority: NS, additional: GLUE }, [0, 1, 1]],
] as const)('of %s', (_what, rcode, sections, sizes) => {
  expect(minimal(rcode, sections)).toEqual(sizes);
});

test('no answer at all stays none', () => {
  expect(HANDLERS.minimal).toBe(handler);
  const world = new HandlerWorld('. {\nminimal\n}', {}, (query) => query.fail(Rcode.SERVFAIL, 'x'));
  expect(world.ask('example.org.')).toMatchObject({ rcode: 'SERVFAIL', error: 'x', message: undefined });
});
