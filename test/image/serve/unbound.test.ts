/** Answers through us beside answers of the upstream itself, a real resolver: unbound. Ports 25050-25052. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Told } from '../../support/dns-client';
import { needs } from '../../support/needs';
import { type Served, serve } from '../../support/served';

jest.setTimeout(30_000);

const UNBOUND_PORT = 25050;
const CACHED_PORT = 25051;
const PLAIN_PORT = 25052;
const LARGE = Array.from({ length: 80 }, (_, index) => `local-data: "many.test. 300 IN A 10.1.0.${index}"`);
const LONG = Array.from(
  { length: 12 },
  (_, index) => `local-data: 'long.test. 300 IN TXT "${index}${'z'.repeat(200)}"'`,
);
const CONFIGURATION = `server:
  interface: 127.0.0.1@${UNBOUND_PORT}
  port: ${UNBOUND_PORT}
  do-daemonize: no
  use-syslog: no
  logfile: ""
  username: ""
  chroot: ""
  pidfile: ""
  num-threads: 1
  local-zone: "test." static
  local-data: "test. 300 IN SOA ns.test. root.test. 1 3600 600 86400 120"
  local-data: "test. 300 IN NS ns.test."
  local-data: "ns.test. 300 IN A 192.0.2.53"
  local-data: "www.test. 300 IN A 192.0.2.1"
  local-data: "www.test. 60 IN AAAA 2001:db8::1"
  local-data: "two.test. 300 IN A 192.0.2.1"
  local-data: "two.test. 300 IN A 192.0.2.2"
  local-data: "short.test. 1 IN A 192.0.2.1"
  local-data: "mail.test. 300 IN MX 10 mx.test."
  local-data: "mx.test. 300 IN A 192.0.2.25"
  local-data: "_sip._tcp.test. 300 IN SRV 1 2 5060 www.test."
  local-data: 'text.test. 300 IN TXT "a b" "c\\"d"'
  local-data: "cname.test. 300 IN CNAME www.test."
  local-data: "caa.test. 300 IN CAA 0 issue ca.test."
  local-data: "1.2.0.192.in-addr.arpa. 300 IN PTR www.test."
  local-zone: "refused.test2." refuse
  local-zone: "deny-all." always_nxdomain
  ${LARGE.join('\n  ')}
  ${LONG.join('\n  ')}
`;

const { describe: describeWithUnbound, met } = needs('unbound');
let unbound: ChildProcess;
let folder: string;
let served: Served;

beforeAll(async () => {
  if (!met) return;
  folder = mkdtempSync(join(tmpdir(), 'unbound-'));
  writeFileSync(join(folder, 'unbound.conf'), CONFIGURATION);
  let said = '';
  unbound = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  unbound.stderr?.on('data', (text) => {
    said += text;
  });
  const block = (port: number, cache: string): string => `.:${port} {
    bind 127.0.0.1
    ${cache}
    forward . 127.0.0.1:${UNBOUND_PORT}
}
`;
  served = await serve(block(CACHED_PORT, 'cache 100') + block(PLAIN_PORT, ''));
  for (let round = 0; round < 100 && !said.includes('start of service'); round++) await sleep(50);
  expect(said).toContain('start of service');
});
afterAll(async () => {
  if (!met) return;
  await served.stop();
  unbound.kill('SIGTERM');
  rmSync(folder, { recursive: true });
});

/** `NAME TTL CLASS TYPE DATA` without the TTL, in an order of its own: unbound rotates records. */
const withoutTtls = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ \d+ /, ' ')).sort();
const ttls = (told: Told): number[] =>
  [told.answer, told.authority, told.additional].flat().map((line) => Number(line.split(' ')[1]));

const QUESTIONS: [string, string][] = [
  ['www.test.', 'A'],
  ['WWW.Test.', 'A'],
  ['www.test.', 'AAAA'],
  ['www.test.', 'TXT'], // No data.
  ['two.test.', 'A'],
  ['short.test.', 'A'],
  ['mail.test.', 'MX'],
  ['_sip._tcp.test.', 'SRV'],
  ['text.test.', 'TXT'],
  ['cname.test.', 'CNAME'],
  ['cname.test.', 'A'],
  ['caa.test.', 'CAA'],
  ['test.', 'SOA'],
  ['test.', 'NS'],
  ['test.', 'ANY'],
  ['nothing.test.', 'A'], // NXDOMAIN.
  ['x.deny-all.', 'A'], // NXDOMAIN without a SOA.
  ['a.refused.test2.', 'A'], // REFUSED.
  ['1.2.0.192.in-addr.arpa.', 'PTR'],
  ['many.test.', 'A'],
  ['long.test.', 'TXT'],
];

describeWithUnbound('an answer through us is the answer of unbound', () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (over) => {
    test.each(QUESTIONS)('%s %s', async (name, type) => {
      for (const udpBytes of [undefined, 1232]) {
        const question = { name, type, over, udpBytes };
        const direct = await ask({ ...question, port: UNBOUND_PORT });
        const plain = await ask({ ...question, port: PLAIN_PORT });
        const miss = await ask({ ...question, port: CACHED_PORT });
        const hit = await ask({ ...question, port: CACHED_PORT });
        expect([plain, miss, hit].map(({ rcode }) => rcode)).toEqual([direct.rcode, direct.rcode, direct.rcode]);
        expect(plain.flags).toBe(direct.flags);
        expect(hit.question).toBe(direct.question);
        if (direct.flags.includes('tc')) continue; // How much is left of a cut answer is everyone's own choice.
        for (const told of [plain, miss, hit]) {
          expect(withoutTtls(told.answer)).toEqual(withoutTtls(direct.answer));
          expect(withoutTtls(told.authority)).toEqual(withoutTtls(direct.authority));
          expect(withoutTtls(told.additional)).toEqual(withoutTtls(direct.additional));
        }
        expect(plain.udpBytes).toBe(udpBytes ?? 0);
        expect([miss.udpBytes, hit.udpBytes]).toEqual([udpBytes ?? 0, udpBytes ?? 0]);
        expect(ttls(plain)).toEqual(ttls(direct));
        const most = Math.max(5, Math.min(100, ...ttls(direct))); // `cache 100`, and CoreDNS's floor of 5 s.
        for (const ttl of [...ttls(miss), ...ttls(hit)]) expect(ttl).toBeLessThanOrEqual(most);
      }
    });
  });
});
