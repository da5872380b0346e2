/** Random rules, random names, random answers: nothing throws, and the client's question is in every answer. */
import { Rcode } from '../../../../image/wire/codes';
import { nameToText, textToName } from '../../../../image/wire/name-text';
import { textToRecord } from '../../../../image/wire/record-text';
import { refusal } from '../../../support/corefile';
import fc from '../../../support/property';
import { answering, HandlerWorld } from '../../../support/query';

const LABELS = ['a', 'B', 'foo', 'x-y', '\\046', 'test', '*', 'ö', '1'.repeat(63)];
const name = fc
  .array(fc.constantFrom(...LABELS), { minLength: 1, maxLength: 5 })
  .map((labels) => `${labels.join('.')}.`);
const word = fc.oneof(
  name,
  fc.constantFrom('a', 'foo.test', '.', 'test', '(.*)[.]test[.]', '{1}.x', '{0}', '(a)|(b)', '..'),
);
const kind = fc.constantFrom('exact', 'prefix', 'suffix', 'substring', 'regex');
const answers = fc.constantFrom('', 'answer auto', 'answer value (.*)a {1}b', 'answer name (.*)[.]test[.] {1}.a');
const mode = fc.constantFrom('', 'continue', 'stop');
const field = fc.oneof(
  fc.tuple(kind, word, word, answers).map(([how, from, to, more]) => `name ${how} ${from} ${to} ${more}`),
  fc.tuple(word, word).map(([from, to]) => `name ${from} ${to}`),
  fc.constantFrom('type A MX', 'type MX SRV', 'class IN CH', 'type SRV A'),
  fc.tuple(kind, word, fc.constantFrom('5', '1-9', '-3', '9-')).map(([how, from, ttl]) => `ttl ${how} ${from} ${ttl}`),
  fc
    .tuple(kind, word, fc.constantFrom('0 3', '2 0', '3 16'))
    .map(([how, from, codes]) => `rcode ${how} ${from} ${codes}`),
  fc
    .tuple(
      fc.constantFrom('local set 65001 0xab', 'local append 65001 {qname}', 'nsid set', 'subnet set 24 56'),
      fc.constantFrom('', 'revert'),
    )
    .map(([rule, revert]) => `edns0 ${rule} ${revert}`),
  fc.constantFrom('edns0 local unset 65001', 'edns0 subnet unset'),
);
const rule = fc.tuple(mode, field).map(([how, what]) => `rewrite ${how} ${what}`.trim());

const RECORDS = [
  '% 5 IN A 192.0.2.1',
  '% 5 IN MX 10 mail.%',
  '% 5 IN SRV 1 2 3 foo.%',
  'test. 5 IN SOA a.test. b.test. 1 2 3 4 5',
  '% 5 IN TXT "x"',
];

/** Rules that load. */
const rules = fc
  .array(rule, { minLength: 1, maxLength: 4 })
  .filter((lines) => refusal(`. {\n${lines.join('\n')}\n}`) === undefined);

test('the question is the client’s in every answer, whatever the rules', () => {
  let answered = 0;
  let changed = 0;
  fc.assert(
    fc.property(
      rules,
      name,
      fc.constantFrom('A', 'MX', 'SRV'),
      fc.option(fc.constantFrom(512, 1232), { nil: undefined }),
      fc.subarray(RECORDS),
      fc.constantFrom(...Object.values(Rcode)),
      (lines, asked, type, udpSize, answer, rcode) => {
        if (textToName(asked) === undefined) return; // Too long.
        const world = new HandlerWorld(`. {\n${lines.join('\n')}\n}`, {}, (query) => {
          if (query.name !== asked.toLowerCase()) changed++;
          if (rcode === Rcode.REFUSED) return query.fail(rcode, '');
          const records = answer.flatMap((line) => textToRecord(line.replaceAll('%', query.name)).record ?? []);
          return answering(0x8180 | (rcode & 15), { answer: records })(query);
        });
        const { message, rcode: heard } = world.ask(asked, { type, udpSize });
        if (message === undefined) expect(['SERVFAIL', 'REFUSED']).toContain(heard);
        else {
          answered++;
          // Its spelling is given back by the server (serve/reply.ts), whoever answered.
          expect(nameToText(message.question!.name, 0).toLowerCase()).toBe(
            nameToText(textToName(asked)!, 0).toLowerCase(),
          );
        }
      },
    ),
    { numRuns: 1500 },
  );
  expect(answered).toBeGreaterThan(500); // Else nothing was seen.
  expect(changed).toBeGreaterThan(100);
});
