/** Answers as `query` shows them. */
import type { Explanation } from '../../../image/agent/control';
import { Paint } from '../../../image/commands/paint';
import { type Answered, queryText, shortText, wholeRcode } from '../../../image/commands/query-text';
import type { Message, ResourceRecord } from '../../../image/wire/message';
import { textToName } from '../../../image/wire/name-text';
import { textToRecord } from '../../../image/wire/record-text';

const record = (text: string): ResourceRecord => textToRecord(text).record!;
const opt = (data: number[], ttl = 0): ResourceRecord => ({
  ...{ name: new Uint8Array(1), type: 41, class: 1232, ttl, data: new Uint8Array(data) },
});
const message = (part: Partial<Message> = {}): Message => ({
  ...{ id: 77, flags: 0x8180, question: { name: textToName('a.example.')!, type: 1, class: 1 } },
  ...{ answer: [], authority: [], additional: [] },
  ...part,
});
const EXPLANATION: Explanation = {
  ...{ state: 'answered', path: 'miss', rcode: 'NOERROR', microseconds: 300, zone: '.', block: 'Corefile:9' },
  ...{ plugin: 'forward', upstream: '10.0.0.10:53' },
};
const ANSWERED: Answered = {
  ...{
    server: '169.254.20.10:53',
    transport: 'UDP',
    bytes: 56,
    microseconds: 412,
    explanation: null,
    unexplained: 'x',
  },
};
const text = (given: Message, answered: Answered = ANSWERED): string => queryText(given, answered, new Paint('none'));

test('an answer in presentation form, in the order of dig', () => {
  const shown = text(
    message({
      answer: [record('a.example. 30 IN CNAME b.example.'), record('b.example. 30 IN A 192.0.2.1')],
      authority: [record('example. 60 IN NS ns.example.')],
      additional: [record('ns.example. 60 IN A 192.0.2.53'), opt([])],
    }),
  );
  expect(shown).toBe(`;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 77
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 2
; EDNS: version 0, flags:; udp: 1232

;; QUESTION SECTION:
;a.example.	IN	A

;; ANSWER SECTION:
a.example.	30	IN	CNAME	b.example.
b.example.	30	IN	A	192.0.2.1

;; AUTHORITY SECTION:
example.	60	IN	NS	ns.example.

;; ADDITIONAL SECTION:
ns.example.	60	IN	A	192.0.2.53

;; 169.254.20.10:53 (UDP), 56 bytes, 412 µs at the client
;; how: not known, x
`);
});

test.each([
  [
    { path: 'miss' },
    ';; MISS: asked an upstream; 300 µs in the cache\n;; zone ., block Corefile:9, plugin forward, upstream 10.0.0.10:53\n',
  ],
  [
    { path: 'hit', plugin: 'cache', upstream: '' },
    ';; HIT: from the cache; 300 µs in the cache\n;; zone ., block Corefile:9, plugin cache\n',
  ],
  [{ path: 'stale', plugin: 'cache', upstream: '' }, ';; STALE: from the cache, past its time;'],
  [{ path: 'joined' }, ';; JOINED: waited for the answer to an equal query;'],
  [{ path: 'made', plugin: 'hosts', upstream: '' }, ';; MADE: made up by a plugin;'],
  [{ path: 'refused', zone: '', plugin: '', upstream: '' }, ';; REFUSED: nobody answers it; 300 µs in the cache\n'],
] as const)('how: %j', (part, expected) => {
  expect(text(message(), { ...ANSWERED, explanation: { ...EXPLANATION, ...part } })).toContain(expected);
});

test.each([
  [[0, 15, 0, 2, 0, 22], '; EDE: 22 (No Reachable Authority)'],
  [[0, 15, 0, 5, 0, 3, 0x6f, 0x6c, 0x64], '; EDE: 3 (Stale Answer): old'],
  [[0, 15, 0, 3, 0, 3, 0x1b], '; EDE: 3 (Stale Answer): ?'],
  [[0, 15, 0, 2, 0, 99], '; EDE: 99\n'],
  [[0, 15, 0, 1, 9], '; OPT=15: 09'], // Too short for an extended error.
  [[0, 3, 0, 2, 0xab, 0xcd], '; OPT=3: abcd'],
  [[0, 3, 0, 200, 0xab], '; OPT=3: ab'], // Cut off.
  [[0, 3, 0], 'udp: 1232'],
])('options %j: %s', (data, expected) => expect(text(message({ additional: [opt(data)] }))).toContain(expected));

test('codes with their upper bits, flags, and no question', () => {
  expect(wholeRcode(message({ flags: 0x8180, additional: [opt([], 1 << 24)] }))).toBe('BADVERS');
  const shown = text(message({ flags: 0x8633, question: undefined, additional: [opt([], 0x8000)] }));
  expect(shown).toContain('status: NXDOMAIN');
  expect(shown).toContain(';; flags: qr aa tc ad cd; QUERY: 0');
  expect(shown).toContain('flags: do; udp');
  expect(shown).not.toContain('QUESTION SECTION');
});

test('short: the data only', () => {
  const answer = [record('a. 30 IN MX 10 b.'), record('a. 30 IN TXT "x y" "z"')];
  expect(shortText(message({ answer }))).toBe('10 b.\n"x y" "z"\n');
});
