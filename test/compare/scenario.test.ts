/** The form of scenarios: what README.md says of it. */
import { decodeMessage } from '../../image/wire/message';
import { expand } from './expand';
import { mutate } from './mutate';
import { answerLines, queryLine, questionOf } from './packets';
import { fill, parseScenario } from './scenario';
import { rulesOf, UpstreamScript } from './upstream-script';

test.each([
  // What stands for many.
  ['{a,b} {c,d}', ['a c', 'a d', 'b c', 'b d']],
  ['{,opt=1232} x', [' x', 'opt=1232 x']],
  ['n{1..3}', ['n1', 'n2', 'n3']],
  ['{a,b{1,2}}', ['a', 'b1', 'b2']],
  // What stands for itself.
  ['a', ['a']],
  ['192.0.2.{n}', ['192.0.2.{n}']],
  ['{n} {a,b}', ['{n} a', '{n} b']],
  ['{open', ['{open']],
])('%s stands for %j', (text, all) => {
  expect(expand(text)).toEqual(all);
});

describe('a scenario', () => {
  const text = `# What it shows.
settle 5
unordered

[Corefile]
.:@PORT@ {
    forward . @UPSTREAM1@
}

[file hosts]
192.0.2.1 a.test

[upstream 1]
a.test A
    @ 60 A 192.0.2.1

[play]
ask {a,b}.test  A
send a.test A
send b.test A
gather
wait 10
down 1
`;

  test('has options, a Corefile, files, upstreams and steps', () => {
    const scenario = parseScenario('topic/name', text);
    expect(scenario).toMatchObject({ settleMs: 5, isUnordered: true, isForeign: false });
    expect(scenario.files).toEqual({ hosts: '192.0.2.1 a.test\n\n' });
    expect(scenario.upstreams[0]).toContain('a.test A');
    expect(scenario.steps).toEqual([
      { kind: 'ask', questions: ['a.test A'] },
      { kind: 'ask', questions: ['b.test A'] },
      { kind: 'ask', questions: ['a.test A', 'b.test A'] },
      { kind: 'wait', ms: 10 },
      { kind: 'upstream', number: 1, state: 'down' },
    ]);
  });

  test('gets its addresses when it is played', () => {
    const places = { ports: [53], upstreams: ['192.0.2.1:53'], http: [], folder: '/f' };
    expect(fill('.:@PORT@ { forward . @UPSTREAM1@ } @FOLDER@/hosts {$X} {remote}', places)).toBe(
      '.:53 { forward . 192.0.2.1:53 } /f/hosts {$X} {remote}',
    );
    expect(() => fill('@UPSTREAM2@', places)).toThrow('@UPSTREAM2@');
  });

  test.each([
    ['an option', text.replace('settle 5', 'settel 5'), 'settel'],
    ['a section', text.replace('[upstream 1]', '[upstrem 1]'), 'upstrem'],
    ['a step', text.replace('ask', 'akk'), 'akk'],
    ['a missing gather', text.replace('gather\n', ''), 'gathered'],
  ])('is refused for a mistake in %s', (_, wrong, reason) => {
    expect(() => parseScenario('a', wrong)).toThrow(reason);
  });
});

test('mutated packets are the same each time, and others for another seed', () => {
  const hex = '12340100000100000000000101610474657374000001000100002904d000008000000c000a00080011223344556677';
  const packets = mutate(7, 200, hex);
  expect(mutate(7, 200, hex)).toEqual(packets);
  expect(mutate(8, 200, hex)).not.toEqual(packets);
  expect(new Set(packets).size).toBeGreaterThan(150);
  for (const packet of packets) expect(Buffer.from(packet, 'hex')[2] & 0x80).toBe(0);
});

describe('a question', () => {
  test.each([
    ['www.Test A', 'udp www.Test. A rd'],
    ['www.test AAAA tcp nord cd ad', 'tcp www.test. AAAA ad cd'],
    ['a TYPE65280 class=CH', 'udp a. TYPE65280 class=CH rd'],
    ['a SOA opcode=4 aa', 'udp a. SOA aa rd opcode=4'],
    ['a A opt=1232 do version=1 z=0x40', 'udp a. A rd opt=1232 version=1 do z=0x40'],
    ['a A opt=512 cookie=0011223344556677 nsid=', 'udp a. A rd opt=512 cookie=0011223344556677 nsid='],
    ['a A opt=512 ecs=192.0.2.0/24 padding=5', 'udp a. A rd opt=512 ecs=192.0.2.0/24 padding=5'],
    ['a A opt=512 ede=15:so_it_is option=65001:ab', 'udp a. A rd opt=512 ede=15:so_it_is option=65001:ab'],
  ])('%s is on the wire: %s', (words, line) => {
    const { packet, overTcp } = questionOf(words, 1);
    expect(queryLine(packet, overTcp)).toBe(line);
  });

  test.each(['a A wat', 'a NOTYPE', 'a A do'])('%s is refused', (words) => {
    expect(() => questionOf(words, 1)).toThrow();
  });
});

describe('an upstream', () => {
  const rules = [
    '# Rules.',
    'once.test A times=1',
    '    @ 60 A 192.0.2.{n}',
    '{once,twice}.test A NXDOMAIN aa',
    '    ns test. 60 SOA ns.test. host.test. 1 2 3 4 5',
    '*.below.test * opt=512 ede=22',
    'silent.test * silent',
    'close.test * close',
    'forged.test A before=id',
    '    @ 60 A 192.0.2.1',
    'big.test TXT',
    '    @ 60 TXT "{1..60} is one of many strings"',
  ];
  const told: string[] = [];
  const script = new UpstreamScript(1, rules, (line) => told.push(line));
  const ask = (words: string): string[] => {
    const { packet, overTcp } = questionOf(words, 7);
    const replies = script.hear(packet, overTcp);
    return replies === 'close' ? ['close'] : replies.flatMap(({ bytes }) => answerLines(bytes, packet));
  };

  test.each([
    ['once.test A', ['< NOERROR rd ra', '  an once.test. 60 A 192.0.2.1']],
    ['once.test A', ['< NXDOMAIN aa rd ra', '  ns test. 60 SOA ns.test. host.test. 1 2 3 4 5']],
    ['twice.test A nord cd', ['< NXDOMAIN aa ra cd', '  ns test. 60 SOA ns.test. host.test. 1 2 3 4 5']],
    ['a.b.below.test MX', ['< NOERROR rd ra opt=512 ede=22']],
    ['below.test MX', ['< REFUSED rd ra']],
    ['other.test A opt=4096 do', ['< REFUSED rd ra opt=1232 do']],
    ['silent.test A', []],
    ['close.test A tcp', ['close']],
    [
      'forged.test A',
      [
        '< NOERROR !id rd ra',
        '  an forged.test. 60 A 192.0.2.1',
        '< NOERROR rd ra',
        '  an forged.test. 60 A 192.0.2.1',
      ],
    ],
    ['big.test TXT', ['< NOERROR tc rd ra']],
  ])('answers %s: %j', (words, lines) => {
    expect(ask(words)).toEqual(lines);
  });

  test('tells what it was asked, but for health probes', () => {
    told.length = 0;
    ask('a.test A opt=512');
    ask('. NS');
    expect(told).toEqual(['^ 1 udp a.test. A rd opt=512']);
  });

  test('gives large answers over TCP, or when the datagram may be large', () => {
    for (const words of ['big.test TXT tcp', 'big.test TXT opt=4096']) expect(ask(words)).toHaveLength(61);
  });

  test('is refused for a rule that is none, and says so', () => {
    expect(() => rulesOf(['a.test'])).toThrow('a.test');
    const wrong = new UpstreamScript(1, ['a.test A', '    @ 60 WAT 1'], () => undefined);
    expect(() => wrong.hear(questionOf('a.test A', 1).packet, false)).toThrow('WAT');
  });

  test('writes packets that are messages', () => {
    const { packet } = questionOf('big.test TXT tcp', 9);
    const [{ bytes }] = script.hear(packet, true) as { bytes: Uint8Array }[];
    expect(decodeMessage(bytes, 0, bytes.length)?.answer).toHaveLength(60);
  });
});
