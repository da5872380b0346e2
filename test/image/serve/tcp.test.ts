/** TCP as clients use and misuse it (RFC 7766), against the daemon. Ports 25010-25013. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TCP_CLIENTS_MAX } from '../../../image/limits';
import { questionPacket } from '../../support/query';
import { frame, TcpTalk } from '../../support/raw-client';
import { ScriptedUpstream } from '../../support/scripted-upstream';
import { metrics, type Served, serve } from '../../support/served';

jest.setTimeout(60_000);

const PORT = 25010;
const UPSTREAM_PORT = 25011;
const METRICS_PORT = 25012;
/** Answers `large.` with 60 KB, `late-MS.` after so long, others at once. */
const upstream = new ScriptedUpstream((name) => {
  if (name.startsWith('large')) return { answer: Array.from({ length: 240 }, () => `@ 60 TXT ${'x'.repeat(230)}`) };
  const late = /^late-(\d+)/.exec(name);
  return { answer: ['@ 60 A 192.0.2.1'], afterMs: Number(late?.[1] ?? 0) };
});
let served: Served;
const talks: TcpTalk[] = [];

beforeAll(async () => {
  await upstream.start(UPSTREAM_PORT);
  served = await serve(`.:${PORT} {
    bind 127.0.0.1
    prometheus 127.0.0.1:${METRICS_PORT}
    cache
    forward . 127.0.0.1:${UPSTREAM_PORT}
}
`);
});
afterEach(() => {
  for (const talk of talks.splice(0)) talk.close();
});
afterAll(async () => {
  await served.stop();
  await upstream.close();
});

async function open(): Promise<TcpTalk> {
  const talk = await TcpTalk.open(PORT);
  talks.push(talk);
  return talk;
}

const question = (name: string, id = 1): Buffer => frame(questionPacket(name, { id }));
const ids = (messages: readonly Buffer[]): number[] => messages.map((message) => message.readUInt16BE(0));
const closed = async (reason: string): Promise<number> => {
  const series = await metrics(METRICS_PORT, 'nodelocaldns_tcp_connections_closed_total');
  return series.get(`nodelocaldns_tcp_connections_closed_total{reason="${reason}"}`) ?? 0;
};

describe('frames', () => {
  test('octet by octet', async () => {
    const talk = await open();
    for (const octet of question('split.test.')) {
      talk.write(Uint8Array.of(octet));
      await sleep(1);
    }
    expect(ids(await talk.until(1))).toEqual([1]);
  });

  test('200 in one segment: as many answers, each once', async () => {
    const talk = await open();
    talk.write(...Array.from({ length: 200 }, (_, id) => question(`pipe${id % 50}.test.`, id)));
    const got = ids(await talk.until(200));
    expect(got.sort((left, right) => left - right)).toEqual(Array.from({ length: 200 }, (_, id) => id));
  });

  test('200 that all miss and take their time: no more than 64 at once, all answered', async () => {
    const talk = await open();
    talk.write(...Array.from({ length: 200 }, (_, id) => question(`late-50.miss${id}.test.`, id)));
    expect(new Set(ids(await talk.until(200))).size).toBe(200);
  });

  test('a quick answer overtakes a slow one', async () => {
    const talk = await open();
    talk.write(question('late-300.order.test.', 1), question('quick.test.', 2));
    expect(ids(await talk.until(2))).toEqual([2, 1]);
  });

  test('empty ones and such that are no message are passed over', async () => {
    const talk = await open();
    talk.write(
      frame(new Uint8Array(0)),
      frame(Uint8Array.of(1, 2, 3)),
      frame(new Uint8Array(0)),
      question('after.test.', 7),
    );
    expect(ids(await talk.until(1))).toEqual([7]);
  });

  test.each([4096, 4097, 9000, 65535])('one of %i octets is answered, and the next one, too', async (bytes) => {
    const talk = await open();
    const long = new Uint8Array(bytes);
    long.set(questionPacket('long.test.', { id: 5 }));
    talk.write(frame(long), question('after.test.', 6), frame(long));
    expect(ids(await talk.until(3)).sort()).toEqual([5, 5, 6]);
  });

  test('an answer of 60 KB, first from the upstream, then from the cache', async () => {
    const talk = await open();
    for (const count of [1, 2]) {
      talk.write(question('large.test.', count));
      const messages = await talk.until(count);
      expect(messages[count - 1].length).toBeGreaterThan(55_000);
      expect(messages[count - 1].readUInt16BE(6)).toBe(240);
    }
  });
});

describe('the end of a connection', () => {
  test('who says that it asks no more still gets its answers', async () => {
    const talk = await open();
    talk.write(question('late-200.half.test.', 1), question('half.test.', 2));
    talk.socket.end();
    expect(ids(await talk.until(2)).sort()).toEqual([1, 2]);
    expect(await talk.ended(1000)).toBeLessThan(500);
  });

  test('also when more is in work than is taken at a time', async () => {
    const talk = await open();
    talk.write(...Array.from({ length: 120 }, (_, id) => question(`late-20.end${id}.test.`, id)));
    talk.socket.end();
    expect(new Set(ids(await talk.until(120))).size).toBe(120);
    expect(await talk.ended(1000)).toBeLessThan(500);
  });

  test('with nothing in work it is closed at once', async () => {
    const talk = await open();
    talk.socket.end();
    expect(await talk.ended(1000)).toBeLessThan(500);
  });

  test('3 s to the first question, whole or not; 10 s between questions', async () => {
    const [silent, partial, once] = [await open(), await open(), await open()];
    partial.write(question('never.test.').subarray(0, 10));
    const dribble = setInterval(() => partial.write(Uint8Array.of(0)), 700); // Octets are no question.
    once.write(question('once.test.'));
    await once.until(1);
    const [first, cut, idle] = await Promise.all([silent.ended(5000), partial.ended(5000), once.ended(12_000)]);
    clearInterval(dribble);
    for (const ms of [first, cut]) {
      expect(ms).toBeGreaterThan(2800);
      expect(ms).toBeLessThan(3600);
    }
    expect(idle).toBeGreaterThan(9800);
    expect(idle).toBeLessThan(10_800);
    expect(await closed('first_query')).toBe(2);
    expect(await closed('idle')).toBe(1);
  });

  test('who does not read its answers is closed; others do not notice', async () => {
    const [slow, other] = [await open(), await open()];
    slow.socket.pause();
    for (let id = 0; id < 150; id++) slow.write(question('large.test.', id)); // 8 MB of answers.
    for (let count = 1; count <= 20; count++) {
      const startMs = Date.now();
      other.write(question('once.test.', count));
      await other.until(count);
      expect(Date.now() - startMs).toBeLessThan(1000);
    }
    slow.socket.resume();
    const got = (await slow.until(150, 3000)).length; // It reads at last: nothing is lost but by a close.
    expect(got === 150 || slow.isOver).toBe(true);
  });

  test('a client that resets with questions in work takes no time of ours', async () => {
    const talk = await open();
    talk.write(...Array.from({ length: 70 }, (_, id) => question(`late-1500.reset${id}.test.`, id)));
    await sleep(100);
    const ticks = (): number => {
      const fields = readFileSync(`/proc/${served.daemon.processId}/stat`, 'utf8').split(') ')[1].split(' ');
      return Number(fields[11]) + Number(fields[12]); // utime and stime, in hundredths of a second.
    };
    talk.socket.resetAndDestroy();
    const before = ticks();
    await sleep(1000);
    expect(ticks() - before).toBeLessThan(40);
  });
});

test('one connection more than there is room for costs the one idle longest, and only that one', async () => {
  await sleep(50);
  const all: TcpTalk[] = [];
  for (let index = 0; index < TCP_CLIENTS_MAX; index++) all.push(await open());
  all[0].write(question('once.test.')); // Now the second one is idle longest.
  await all[0].until(1);
  expect(all.filter(({ isOver }) => isOver).length).toBe(0);
  const more = await open();
  more.write(question('once.test.'));
  expect((await more.until(1)).length).toBe(1);
  await sleep(100);
  expect(all.findIndex(({ isOver }) => isOver)).toBe(1);
  expect(all.filter(({ isOver }) => isOver).length).toBe(1);
  expect(await closed('evicted')).toBe(1);
});
