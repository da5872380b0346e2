/** Which zone answers, in what size, and the address an answer comes from. Ports 25030-25034. */

import { ask } from '../../support/dns-client';
import { questionPacket } from '../../support/query';
import { exchangeUdp } from '../../support/raw-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';
import { metrics, type Served, serve } from '../../support/served';

jest.setTimeout(30_000);

const PORT = 25030;
const WILDCARD_PORT = 25031;
const UPSTREAM_PORT = 25032;
const METRICS_PORT = 25033;
const SIZES_PORT = 25034;
const upstream = new ScriptedUpstream((name) => {
  const count = Number(/^n(\d+)/.exec(name)?.[1] ?? 1);
  return { answer: Array.from({ length: count }, (_, index) => `@ 60 IN A 10.0.${index >> 8}.${index & 255}`) };
});
const says = (zone: string, port: number, text: string): string => `${zone}:${port} {
    bind 127.0.0.1
    template ANY ANY {
        answer "{{ .Name }} 60 IN TXT ${text}"
    }
}
`;
let served: Served;

beforeAll(async () => {
  await upstream.start(UPSTREAM_PORT);
  served = await serve(
    says('test', PORT, 'one') +
      says('sub.test', PORT, 'two') +
      says('Deep.Sub.Test', PORT, 'three') +
      says('*.star.test', PORT, 'star') +
      says('10.0.0.0/23', PORT, 'reverse') +
      `empty.test:${PORT} {\n    bind 127.0.0.1\n}\n` +
      `.:${WILDCARD_PORT} {\n    prometheus 127.0.0.1:${METRICS_PORT}\n    cache\n    forward . 127.0.0.1:${UPSTREAM_PORT}\n}\n` +
      `.:${SIZES_PORT} {\n    bind 127.0.0.1\n    forward . 127.0.0.1:${UPSTREAM_PORT} {\n        force_tcp\n    }\n}\n`,
  );
});
afterAll(async () => {
  await served.stop();
  await upstream.close();
});

describe('the longest zone wins', () => {
  test.each([
    ['test.', 'TXT', 'one'],
    ['a.test.', 'TXT', 'one'],
    ['SUB.test.', 'TXT', 'two'],
    ['a.b.sub.test.', 'TXT', 'two'],
    ['deep.sub.test.', 'TXT', 'three'],
    ['a.Deep.Sub.Test.', 'TXT', 'three'],
    ['xdeep.sub.test.', 'TXT', 'two'],
    ['subtest.', 'TXT', 'REFUSED'],
    ['.', 'TXT', 'REFUSED'],
    ['other.', 'TXT', 'REFUSED'],
    ['a.star.test.', 'TXT', 'one'], // `*` is a label like any other.
    ['*.star.test.', 'TXT', 'star'],
    ['1.0.0.10.in-addr.arpa.', 'TXT', 'reverse'],
    ['1.1.0.10.in-addr.arpa.', 'TXT', 'reverse'],
    ['1.2.0.10.in-addr.arpa.', 'TXT', 'REFUSED'],
    ['empty.test.', 'TXT', 'REFUSED'], // A zone without plugins does not fall back to the one above.
    ['a.empty.test.', 'TXT', 'REFUSED'],
    ['sub.test.', 'DS', 'one'], // DS is the parent's.
    ['deep.sub.test.', 'DS', 'one'], // CoreDNS: the last match on the way up, not the next.
    ['test.', 'DS', 'one'],
  ])('%s %s: %s', async (name, type, expected) => {
    for (const over of ['udp', 'tcp'] as const) {
      const told = await ask({ name, type, port: PORT, over });
      expect(told.answer.map((line) => /"(.*)"/.exec(line)?.[1]).join() || told.rcode).toBe(expected);
    }
  });

  test('what no zone takes is refused with the question, an OPT for an OPT, and nothing else', async () => {
    for (const udpBytes of [undefined, 1232]) {
      const told = await ask({ name: 'oTHer.', port: PORT, udpBytes });
      expect(told).toMatchObject({
        rcode: 'REFUSED',
        flags: 'rd',
        question: 'oTHer. A',
        answer: [],
        udpBytes: udpBytes ?? 0,
      });
    }
  });

  test('it is counted under the zone `dropped`', async () => {
    const series = await metrics(METRICS_PORT, 'coredns_dns_responses_total{');
    const dropped = [...series].find(([name]) => name.includes(`:${PORT}"`) && name.includes('zone="dropped"'));
    expect(dropped?.[0]).toContain('rcode="REFUSED"');
    expect(dropped?.[1]).toBeGreaterThan(10);
  });
});

describe('a listener on all addresses', () => {
  test.each(['127.0.0.1', '127.0.0.2', '127.9.9.9'])('answers from %s when that was asked', async (address) => {
    for (const name of ['wild.test.', 'wild.test.', `${address}.test.`]) {
      // The client's socket is connected: an answer from another address would not arrive.
      const [answer] = await exchangeUdp(WILDCARD_PORT, [questionPacket(name)], { address });
      expect(answer.readUInt16BE(6)).toBe(1);
    }
  });
});

describe('sizes over UDP', () => {
  test.each([
    ['no EDNS', 20, undefined, 20, false],
    ['no EDNS', 60, undefined, 30, true],
    ['EDNS 100: at least 512', 60, 100, 29, true],
    ['EDNS 512', 60, 512, 29, true],
    ['EDNS 1232', 60, 1232, 60, false],
    ['EDNS 1232', 100, 1232, 74, true],
    ['EDNS 4096: at most 1232, CoreDNS would send fragments', 100, 4096, 74, true],
  ])('%s, %i records', async (_, records, udpBytes, kept, cut) => {
    const told = await ask({ name: `n${records}.size.`, port: SIZES_PORT, udpBytes });
    expect([told.answer.length, told.flags.includes('tc'), told.udpBytes]).toEqual([kept, cut, udpBytes ?? 0]);
    expect(told.messageBytes).toBeLessThanOrEqual(Math.min(Math.max(udpBytes ?? 512, 512), 1232));
    const whole = await ask({ name: `n${records}.size.`, port: SIZES_PORT, udpBytes, over: 'tcp' });
    expect([whole.answer.length, whole.flags.includes('tc')]).toEqual([records, false]);
  });
});
