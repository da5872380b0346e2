/**
 * The short way and the long way are one: the same block twice, once with a `log` of a zone that nobody asks for, which takes
 * the short way away. Ports 25020-25023.
 */
import { FLAG_AD, FLAG_CD, FLAG_RD } from '../../../image/wire/header';
import fc from '../../support/property';
import { type Asked, questionPacket } from '../../support/query';
import { exchangeUdp, frame, TcpTalk } from '../../support/raw-client';
import { optRecord } from '../../support/resolver';
import { ScriptedUpstream } from '../../support/scripted-upstream';
import { metrics, type Served, serve } from '../../support/served';

jest.setTimeout(60_000);

const SHORT_PORT = 25020;
const LONG_PORT = 25021;
const UPSTREAM_PORT = 25022;
const METRICS_PORT = 25023;
const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const glue = ['ns.test. 60 IN A 192.0.2.2', 'ns.test. 60 IN AAAA 2001:db8::2'];
/** Names by what their answer is like. */
const upstream = new ScriptedUpstream((name) => {
  if (name.startsWith('many')) {
    const count = Number(/\d+/.exec(name)?.[0]);
    const answer = Array.from({ length: count }, (_, index) => `@ 60 IN A 10.0.${index >> 8}.${index & 255}`);
    return { answer, authority: ['test. 60 IN NS ns.test.'], additional: [...glue, optRecord(1232)] };
  }
  if (name.startsWith('plain')) {
    return { answer: Array.from({ length: 18 }, (_, index) => `@ 60 IN A 10.2.0.${index}`), isUncompressed: true };
  }
  if (name.startsWith('text'))
    return { answer: Array.from({ length: 9 }, (_, index) => `@ 60 IN TXT ${'y'.repeat(100 + index)}`) };
  if (name.startsWith('no')) return { rcode: 'NXDOMAIN', authority: [SOA], flags: FLAG_AD };
  if (name.startsWith('fail')) return { rcode: 'SERVFAIL' };
  if (name.startsWith('alias'))
    return { answer: ['@ 60 IN CNAME real.test.', 'real.test. 60 IN A 192.0.2.9'], flags: FLAG_AD };
  return { answer: ['@ 60 IN A 192.0.2.1'] };
});
const NAMES = [
  'a.test.',
  'alias.test.',
  'no.test.',
  'fail.test.',
  'text.test.',
  'plain.test.',
  'many3.test.',
  'many28.test.',
  'many29.test.',
  'many30.test.',
  'many65.test.',
  'many70.test.',
  'many250.test.',
  'many600.test.',
];

const block = (port: number, extra: string): string => `test:${port} {
    bind 127.0.0.1
    ${extra}
    prometheus 127.0.0.1:${METRICS_PORT}
    cache {
        keepttl
        servfail 5m
        prefetch 3
        serve_stale
    }
    forward . 127.0.0.1:${UPSTREAM_PORT} {
        force_tcp
    }
}
`;
let served: Served;
let short: TcpTalk;
let long: TcpTalk;

beforeAll(async () => {
  await upstream.start(UPSTREAM_PORT);
  served = await serve(block(SHORT_PORT, '') + block(LONG_PORT, 'log nobody.asks'));
  short = await TcpTalk.open(SHORT_PORT);
  long = await TcpTalk.open(LONG_PORT);
  for (const talk of [short, long]) {
    for (const name of NAMES) {
      for (const asked of [{}, { udpSize: 1232, doBit: true }]) {
        for (const flags of [0, FLAG_CD]) talk.write(frame(questionPacket(name, { ...asked, flags })));
      }
    }
    expect((await talk.until(NAMES.length * 4)).length).toBe(NAMES.length * 4);
  }
});
afterAll(async () => {
  short.close();
  long.close();
  await served.stop();
  await upstream.close();
});

/** A question with any flags, spelling and EDNS options. */
const questions = fc
  .record({
    name: fc.constantFrom(...NAMES),
    capitals: fc.nat(255),
    id: fc.nat(65535),
    flags: fc.constantFrom(0, FLAG_RD, FLAG_RD | FLAG_AD, FLAG_RD | FLAG_CD, FLAG_AD | FLAG_CD, 0x0640 | FLAG_RD),
    edns: fc.option(
      fc.record({
        size: fc.constantFrom(0, 100, 512, 513, 600, 1000, 1232, 4096, 65535),
        flags: fc.constantFrom(0, 0x8000, 0xc000, 0x0040),
        options: fc.array(
          fc.record({
            code: fc.constantFrom(3, 10, 11, 12, 100, 65001),
            data: fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 300, maxLength: 500 })),
          }),
          { maxLength: 3 },
        ),
      }),
    ),
    junk: fc.uint8Array({ maxLength: 3 }),
  })
  .map(({ name, capitals, id, flags, edns, junk }) => {
    const spelled = [...name]
      .map((letter, index) => (capitals & (1 << (index % 8)) ? letter.toUpperCase() : letter))
      .join('');
    const packet = Buffer.from(questionPacket(spelled, { id, flags }));
    if (edns === null) return Buffer.concat([packet, junk]);
    const options = Buffer.concat(
      edns.options.map(({ code, data }) => {
        const size = code === 11 ? Math.min(data.length, 2) & ~1 : data.length; // TCP-KEEPALIVE has 0 or 2 octets.
        const head = Buffer.alloc(4);
        head.writeUInt16BE(code, 0);
        head.writeUInt16BE(size, 2);
        return Buffer.concat([head, data.subarray(0, size)]);
      }),
    );
    const opt = Buffer.alloc(11);
    opt.writeUInt16BE(41, 1);
    opt.writeUInt16BE(edns.size, 3);
    opt.writeUInt16BE(edns.flags, 7);
    opt.writeUInt16BE(options.length, 9);
    packet.writeUInt16BE(1, 10);
    return Buffer.concat([packet, opt, options, junk]);
  });

async function overTcp(talk: TcpTalk, packet: Uint8Array): Promise<string> {
  const before = talk.messages.length;
  talk.write(frame(packet));
  return (await talk.until(before + 1))[before]?.toString('hex');
}

test('whatever is asked, over UDP and TCP, the answers are equal octet by octet', async () => {
  await fc.assert(
    fc.asyncProperty(questions, async (packet) => {
      const [[left], [right]] = [await exchangeUdp(SHORT_PORT, [packet]), await exchangeUdp(LONG_PORT, [packet])];
      expect(left.toString('hex')).toBe(right.toString('hex'));
      expect(await overTcp(short, packet)).toBe(await overTcp(long, packet));
    }),
    { numRuns: 500 },
  );
});

test('the counters are equal, too', async () => {
  const read = async (): Promise<Map<string, number>> => {
    const all = await metrics(METRICS_PORT, 'coredns_dns_', 'coredns_cache_');
    // How long it took differs from one query to the next; how often it was measured does not.
    return new Map([...all].filter(([name]) => !/_duration_seconds_(bucket|sum)/.test(name)));
  };
  const since = (before: Map<string, number>, after: Map<string, number>, port: number): Map<string, number> => {
    const ours = [...after].filter(([name]) => name.includes(`:${port}"`));
    return new Map(
      ours
        .map(([name, value]) => [name.replace(`:${port}"`, ':P"'), value - (before.get(name) ?? 0)] as const)
        .filter(([, value]) => value !== 0)
        .sort(),
    );
  };
  const before = await read();
  const asks: Asked[] = [{}, { udpSize: 1232 }, { udpSize: 600, doBit: true }, { flags: FLAG_CD }, { type: 'AAAA' }];
  for (const name of NAMES) {
    for (const asked of asks) {
      const packet = questionPacket(name, asked);
      for (const port of [SHORT_PORT, LONG_PORT])
        for (let times = 0; times < 2; times++) await exchangeUdp(port, [packet]);
      for (const talk of [short, long]) await overTcp(talk, packet);
    }
  }
  const after = await read();
  const [ours, theirs] = [since(before, after, SHORT_PORT), since(before, after, LONG_PORT)];
  expect(ours.size).toBeGreaterThan(40);
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(theirs));
});
