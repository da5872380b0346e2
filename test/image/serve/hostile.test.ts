/** What spoiled packets and hostile peers once did to the running cache, each found by `npm run fuzz -- sockets`. Ports 22080-22097. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from '../../../image/wire/codes';
import { decodeMessage } from '../../../image/wire/message';
import { Random } from '../../fuzz/random';
import { fuzzSockets } from '../../fuzz/sockets';
import { frame, Stream } from '../../fuzz/sockets-stream';
import { encoded, message, record } from '../../fuzz/wire-seeds';
import { Daemon } from '../../support/daemon';
import { ask } from '../../support/dns-client';
import { HostileUpstream } from '../../support/hostile-upstream';

jest.setTimeout(60_000);

const PORT = 22080;
const UPSTREAM_PORT = 22081;
const NOTIFY = 4;
const corefile = `.:${PORT} {
    bind 127.0.0.1
    cache 30
    forward . 127.0.0.1:${UPSTREAM_PORT} {
        force_tcp
    }
}
`;

let folder: string;
let daemon: Daemon;
const upstream = new HostileUpstream(new Random(1));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hostile-'));
  writeFileSync(join(folder, 'Corefile'), corefile);
  await upstream.start(UPSTREAM_PORT);
  daemon = new Daemon('main.js', ['-conf', join(folder, 'Corefile'), '-metrics-listen-address', '0']);
  await daemon.says('nodelocaldns-');
});
afterAll(async () => {
  await daemon.stop();
  await upstream.close();
  rmSync(folder, { recursive: true });
});

/** Milliseconds of processor time it has used. */
function processorMs(): number {
  const fields = readFileSync(`/proc/${daemon.processId}/stat`, 'utf8').split(') ')[1].split(' ');
  return 10 * (Number(fields[11]) + Number(fields[12])); // utime and stime in ticks of 10 ms.
}

test('a NOTIFY for a name in the cache is answered as a NOTIFY', async () => {
  const name = 'right-notify.example';
  expect((await ask({ name, port: PORT })).rcode).toBe('NOERROR');
  const notify = encoded(message({ ask: `${name}.`, flags: NOTIFY << 11 }));
  const reply = await new Promise<Buffer>((resolve) => {
    const stream = new Stream(PORT, (packet) => {
      resolve(packet);
      stream.leave();
    });
    stream.write(frame(notify));
  });
  const { flags, answer } = decodeMessage(reply, 0, reply.length)!;
  expect((flags >>> 11) & 0x0f).toBe(NOTIFY);
  expect(answer.length).toBe(1);
});

test.each([
  ['an address of 3 octets', { ...record('a.example. 60 IN A 192.0.2.1'), data: Uint8Array.of(192, 0, 2) }],
  [
    'a target that never ends',
    { ...record('a.example. 60 IN SRV 0 0 53 b.example.'), data: Uint8Array.of(0, 0, 0, 0, 0, 53, 1) },
  ],
  [
    'an option longer than its record',
    { ...record('a.example. 60 IN A 192.0.2.1'), type: Type.OPT, data: Uint8Array.of(0, 3, 0, 9) },
  ],
])('an answer with %s is not passed on', async (_, broken) => {
  const name = `scripted-${broken.type}.example`;
  upstream.script.set(`${name}.`, [broken]);
  expect(await ask({ name, port: PORT })).toMatchObject({ rcode: 'SERVFAIL', answer: [], additional: [] });
});

test.each([
  ['more questions than it may have in work', 100, false],
  ['half a connection', 3, true],
])('a client with %s that resets costs no processor time', async (_, questions, endsFirst) => {
  const stream = new Stream(PORT, () => undefined);
  for (let number = 0; number < questions; number++) {
    stream.write(frame(encoded(message({ ask: `silent-${questions}-${number}.example.` }))));
  }
  await sleep(100);
  if (endsFirst) stream.end();
  await sleep(100);
  stream.leave(true);
  await sleep(100);
  const beforeMs = processorMs();
  await sleep(1_000);
  expect(processorMs() - beforeMs).toBeLessThan(300); // It was 1000: the deadline is 5 s away.
});

test('20 000 spoiled packets from clients and upstreams do no harm', async () => {
  const report = await fuzzSockets(20_000, 1, 22090);
  // Cut: jest takes minutes to show lines of 100 000 characters.
  expect(report.failures.map(({ reason }) => reason.slice(0, 500))).toEqual([]);
  expect(report.packets).toBeGreaterThanOrEqual(20_000);
  expect(report.upstreamRcodes[0]).toBeGreaterThan(report.upstreamAnswers / 2);
});
