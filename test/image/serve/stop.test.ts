/** The end of a server: who asked before it gets an answer. Ports 25040-25042. */
import { setTimeout as sleep } from 'node:timers/promises';
import { questionPacket } from '../../support/query';
import { exchangeUdp, frame, TcpTalk } from '../../support/raw-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';
import { type Served, serve } from '../../support/served';

jest.setTimeout(30_000);

const PORT = 25040;
const UPSTREAM_PORT = 25041;
const upstream = new ScriptedUpstream((name) => {
  if (name.startsWith('silent')) return undefined;
  return { answer: ['@ 60 A 192.0.2.1'], afterMs: name.startsWith('late') ? 500 : 0 };
});
let served: Served;

beforeAll(() => upstream.start(UPSTREAM_PORT));
beforeEach(async () => {
  served = await serve(`.:${PORT} {
    bind 127.0.0.1
    cache
    forward . 127.0.0.1:${UPSTREAM_PORT} {
        max_connect_attempts 10
    }
}
`);
});
afterEach(() => served.stop());
afterAll(() => upstream.close());

const rcodes = (answers: readonly Buffer[]): number[] => answers.map((answer) => answer[3] & 0xf);

test('questions in flight are answered after SIGTERM, over UDP and TCP; then it ends with 0', async () => {
  const packets = Array.from({ length: 40 }, (_, id) => questionPacket(`late${id}.test.`, { id }));
  const overUdp = exchangeUdp(PORT, packets.slice(0, 20));
  const talk = await TcpTalk.open(PORT);
  talk.write(...packets.slice(20).map(frame));
  await sleep(200);
  served.daemon.signal('SIGTERM');
  expect(rcodes(await overUdp)).toEqual(new Array(20).fill(0));
  expect(rcodes(await talk.until(20))).toEqual(new Array(20).fill(0));
  expect(await talk.ended(1000)).toBeLessThan(900);
  expect(await served.daemon.ended).toEqual({ code: 0, signal: null });
});

test('also those that waited for their turn: one connection has 64 in work at a time', async () => {
  const talk = await TcpTalk.open(PORT);
  talk.write(...Array.from({ length: 100 }, (_, id) => frame(questionPacket(`late${id}.test.`, { id }))));
  await sleep(200);
  served.daemon.signal('SIGTERM');
  expect(rcodes(await talk.until(100))).toEqual(new Array(100).fill(0));
  expect(await talk.ended(1000)).toBeLessThan(900);
});

test('idle connections do not hold it up', async () => {
  const talks = await Promise.all([1, 2, 3].map(() => TcpTalk.open(PORT)));
  await sleep(50);
  const startMs = Date.now();
  served.daemon.signal('SIGTERM');
  expect(await served.daemon.ended).toEqual({ code: 0, signal: null });
  expect(Date.now() - startMs).toBeLessThan(2000);
  for (const talk of talks) expect(await talk.ended(1000)).toBeLessThan(1000);
});

test('a question that nobody answers holds it up for 5 s at most, and is answered SERVFAIL', async () => {
  const answer = exchangeUdp(PORT, [questionPacket('silent.test.')], { waitMs: 8000 });
  await sleep(200);
  const startMs = Date.now();
  served.daemon.signal('SIGTERM');
  expect(rcodes(await answer)).toEqual([2]);
  expect(await served.daemon.ended).toEqual({ code: 0, signal: null });
  expect(Date.now() - startMs).toBeLessThan(6000);
});

test('while one slow question holds it up others are still answered over UDP', async () => {
  await exchangeUdp(PORT, [questionPacket('kept.test.')]);
  const slow = exchangeUdp(PORT, [questionPacket('late.test.')]);
  await sleep(50);
  served.daemon.signal('SIGTERM');
  await sleep(150);
  expect(rcodes(await exchangeUdp(PORT, [questionPacket('kept.test.', { id: 7 })]))).toEqual([0]);
  expect(rcodes(await slow)).toEqual([0]);
  expect(await served.daemon.ended).toEqual({ code: 0, signal: null });
});

test('questions sent together with the end of it are answered while it is still there', async () => {
  const talk = await TcpTalk.open(PORT);
  talk.write(frame(questionPacket('warm.test.')));
  await talk.until(1);
  for (let id = 0; id < 50; id++) talk.write(frame(questionPacket('warm.test.', { id })));
  await sleep(20);
  served.daemon.signal('SIGTERM');
  expect((await talk.until(51, 2000)).length).toBe(51);
});
