/** What becomes of each kind of packet, over UDP and TCP: CoreDNS's table, octet by octet. Ports 25000-25002. */
import { exchangeUdp, frame, TcpTalk } from '../../support/raw-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';
import { type Served, serve } from '../../support/served';

jest.setTimeout(30_000);

const PORT = 25000;
const UPSTREAM_PORT = 25001;
/** A listener without forward: other classes are refused. */
const PLAIN_PORT = 25002;
const upstream = new ScriptedUpstream((name) => (name === '.' ? {} : { answer: ['@ 60 A 192.0.2.1'] }));
let served: Served;

beforeAll(async () => {
  await upstream.start(UPSTREAM_PORT);
  served = await serve(`.:${PORT} {
    bind 127.0.0.1
    forward . 127.0.0.1:${UPSTREAM_PORT}
}
.:${PLAIN_PORT} {
    bind 127.0.0.1
    template ANY A {
        answer "{{ .Name }} 60 IN A 192.0.2.9"
    }
}
`);
});
afterAll(async () => {
  await served.stop();
  await upstream.close();
});

const QUESTION = '03777777 0474657374 00 0001 0001'.replaceAll(' ', ''); // www.test. A IN
const ID = 'abcd';
const hex = (text: string): Buffer => Buffer.from(text.replace(/[ |]/g, ''), 'hex');
const OPT = '00 0029 04d0 00000000 0000';
const ANSWER = 'c00c 0001 0001 0000003c 0004 c0000201';
const probe = hex(`7777 0100 0001 0000 0000 0000 ${QUESTION}`);
const isProbe = (bytes: Buffer): boolean => bytes.readUInt16BE(0) === 0x7777;

/** The answer to a packet as hex; '' for none. A second question behind it shows that none will come. */
async function overUdp(packet: Buffer, port: number): Promise<string> {
  const both = await exchangeUdp(port, [packet, probe], { wanted: 2, waitMs: 400 });
  expect(both.some(isProbe)).toBe(true);
  return both.find((bytes) => !isProbe(bytes))?.toString('hex') ?? '';
}

async function overTcp(packet: Buffer, port: number): Promise<string> {
  const talk = await TcpTalk.open(port);
  talk.write(frame(packet), frame(probe));
  const both = await talk.until(2, 400);
  talk.close();
  expect(both.some(isProbe)).toBe(true); // Whatever came, the connection stays usable.
  return both.find((bytes) => !isProbe(bytes))?.toString('hex') ?? '';
}

type Row = [string, string, string];
const rows: Row[] = [
  ['a question', `${ID} 0100 0001 0000 0000 0000 ${QUESTION}`, `${ID} 8180 0001 0001 0000 0000 ${QUESTION} ${ANSWER}`],
  [
    'junk behind it',
    `${ID} 0100 0001 0000 0000 0000 ${QUESTION} ffffff`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION} ${ANSWER}`,
  ],
  ['11 octets', `${ID} 0100 0001 0000 0000 00`, ''],
  ['an answer', `${ID} 8100 0001 0000 0000 0000 ${QUESTION}`, ''],
  ['opcode IQUERY', `${ID} 0900 0001 0000 0000 0000 ${QUESTION}`, `${ID} 8904 0000 0000 0000 0000`],
  ['opcode STATUS', `${ID} 1100 0001 0000 0000 0000 ${QUESTION}`, `${ID} 9104 0000 0000 0000 0000`],
  ['opcode UPDATE', `${ID} 2800 0001 0000 0000 0000 ${QUESTION}`, `${ID} a804 0000 0000 0000 0000`],
  ['opcode 15', `${ID} 7900 0001 0000 0000 0000 ${QUESTION}`, `${ID} f904 0000 0000 0000 0000`],
  ['no question', `${ID} 0100 0000 0000 0000 0000`, `${ID} 8101 0000 0000 0000 0000`],
  ['two questions', `${ID} 0100 0002 0000 0000 0000 ${QUESTION} ${QUESTION}`, `${ID} 8101 0000 0000 0000 0000`],
  ['two answers', `${ID} 0100 0001 0002 0000 0000 ${QUESTION}`, `${ID} 8101 0000 0000 0000 0000`],
  ['two authorities', `${ID} 0100 0001 0000 0002 0000 ${QUESTION}`, `${ID} 8101 0000 0000 0000 0000`],
  ['three additionals', `${ID} 0100 0001 0000 0000 0003 ${QUESTION}`, `${ID} 8101 0000 0000 0000 0000`],
  [
    'an answer that is not there',
    `${ID} 0100 0001 0001 0000 0000 ${QUESTION}`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION} ${ANSWER}`,
  ],
  [
    'an additional that is not there',
    `${ID} 0100 0001 0000 0000 0001 ${QUESTION}`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION} ${ANSWER}`,
  ],
  ['a name that is cut', `${ID} 0100 0001 0000 0000 0000 0377`, `${ID} 8101 0000 0000 0000 0000`],
  ['a name that points at itself', `${ID} 0100 0001 0000 0000 0000 c00c 0001 0001`, `${ID} 8101 0000 0000 0000 0000`],
  ['label type 0x40', `${ID} 0100 0001 0000 0000 0000 4077 00 0001 0001`, `${ID} 8101 0000 0000 0000 0000`],
  [
    'a client subnet of family 9',
    `${ID} 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 04d0 00000000 0008 0008 0004 0009 1800`,
    `${ID} 8101 0001 0000 0000 0000 ${QUESTION}`,
  ],
  ['nothing behind the header', `${ID} 0100 0001 0000 0000 0000`, `${ID} 8102 0000 0000 0000 0000`],
  [
    'an OPT',
    `${ID} 0100 0001 0000 0000 0001 ${QUESTION} ${OPT}`,
    `${ID} 8180 0001 0001 0000 0001 ${QUESTION} ${ANSWER} ${OPT}`,
  ],
  [
    'an OPT whose owner is not the root',
    `${ID} 0100 0001 0000 0000 0001 ${QUESTION} 0161 ${OPT}`,
    `${ID} 8180 0001 0001 0000 0001 ${QUESTION} ${ANSWER} ${OPT}`,
  ],
  [
    'two OPTs',
    `${ID} 0100 0001 0000 0000 0002 ${QUESTION} ${OPT} 00 0029 0200 00000000 0000`,
    `${ID} 8101 0001 0000 0000 0000 ${QUESTION}`,
  ],
  [
    'EDNS version 1: BADVERS',
    `${ID} 0100 0001 0000 0000 0001 ${QUESTION} 00 0029 04d0 00010000 0000`,
    `${ID} 8100 0001 0000 0000 0001 ${QUESTION} 00 0029 0000 01000000 0000`,
  ],
  [
    'another class goes to forward',
    `${ID} 0100 0001 0000 0000 0000 ${QUESTION.slice(0, -4)}0003`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION.slice(0, -4)}0003 ${ANSWER}`,
  ],
  [
    'type 0',
    `${ID} 0100 0001 0000 0000 0000 ${QUESTION.slice(0, -8)}00000001`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION.slice(0, -8)}00000001 ${ANSWER}`,
  ],
  [
    'type ANY',
    `${ID} 0100 0001 0000 0000 0000 ${QUESTION.slice(0, -8)}00ff0001`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION.slice(0, -8)}00ff0001 ${ANSWER}`,
  ],
  [
    'type AXFR',
    `${ID} 0100 0001 0000 0000 0000 ${QUESTION.slice(0, -8)}00fc0001`,
    `${ID} 8180 0001 0001 0000 0000 ${QUESTION.slice(0, -8)}00fc0001 ${ANSWER}`,
  ],
];

describe.each([
  ['UDP', overUdp],
  ['TCP', overTcp],
] as const)('over %s', (_, exchange) => {
  test.each(rows)('%s', async (__, packet, answer) => {
    expect(await exchange(hex(packet), PORT)).toBe(hex(answer).toString('hex'));
  });

  test.each<Row>([
    [
      'another class is refused where nobody forwards',
      `${ID} 0100 0001 0000 0000 0000 ${QUESTION.slice(0, -4)}0003`,
      `${ID} 8105 0001 0000 0000 0000 ${QUESTION.slice(0, -4)}0003`,
    ],
    [
      'also with EDNS, and with EDNS in the answer',
      `${ID} 0100 0001 0000 0000 0001 ${QUESTION.slice(0, -4)}0003 ${OPT}`,
      `${ID} 8105 0001 0000 0000 0001 ${QUESTION.slice(0, -4)}0003 ${OPT}`,
    ],
    [
      'the class is looked at before the EDNS version',
      `${ID} 0100 0001 0000 0000 0001 ${QUESTION.slice(0, -4)}0003 00 0029 04d0 00010000 0000`,
      `${ID} 8105 0001 0000 0000 0001 ${QUESTION.slice(0, -4)}0003 00 0029 04d0 00000000 0000`,
    ],
    [
      'flags of a question that mean nothing are not echoed',
      `${ID} 07ff 0001 0000 0000 0000 ${QUESTION}`,
      `${ID} 8510 0001 0001 0000 0000 ${QUESTION} c00c 0001 0001 0000003c 0004 c0000209`,
    ],
    [
      'the name comes back as it was written',
      `${ID} 0100 0001 0000 0000 0000 ${QUESTION.replace('777777', '775777')}`,
      `${ID} 8500 0001 0001 0000 0000 ${QUESTION.replace('777777', '775777')} `,
    ],
  ])('%s', async (__, packet, answer) => {
    const got = await exchange(hex(packet), PLAIN_PORT);
    expect(got.startsWith(hex(answer).toString('hex'))).toBe(true);
  });
});

test.each([
  [`0001 0001 0002 ${QUESTION}`, '01000001000000000000'],
  [`0000 0000 0002 ${QUESTION} ${OPT}`, '01000001000000000001'],
])('counts that claim too much do not leave for the upstream: %s', async (packet, counts) => {
  upstream.packets.length = 0;
  await overUdp(hex(`${ID} 0100 0001 ${packet}`), PORT);
  const asked = upstream.packets.map((sent) => sent.toString('hex', 2, 12));
  expect(new Set(asked)).toEqual(new Set([counts, probe.toString('hex', 2, 12)]));
});

test('a NOTIFY is forwarded and its answer passed on', async () => {
  const got = await overUdp(hex(`${ID} 2000 0001 0000 0000 0000 ${QUESTION}`), PORT);
  expect(got.slice(0, 4)).toBe(ID);
});
