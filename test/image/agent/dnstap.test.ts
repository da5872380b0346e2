import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TapConnection } from '../../../image/agent/dnstap';
import { DNSTAP_RETRY_MS } from '../../../image/limits';
import { encodeTap, TapType } from '../../../image/plugin/dnstap/message';
import type { TapOptions } from '../../../image/plugin/dnstap/setup';
import { FakeClock } from '../../support/fake-world';
import { Collector, control } from '../plugin/dnstap/collector';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dnstap-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const frame = (port: number) =>
  encodeTap(
    {
      type: TapType.CLIENT_QUERY,
      overTcp: false,
      queryAddress: Uint8Array.of(192, 0, 2, 1),
      queryPort: port,
      queryMs: 0,
    },
    ...(['me', 'v', ''] as const),
  );

function open(queueMax = 100) {
  const clock = new FakeClock();
  const said: string[] = [];
  let dropped = 0;
  const options: TapOptions = {
    ...{ transport: 'unix', endpoint: join(folder, 's'), full: true, skipVerify: false },
    ...{ identity: 'me', version: 'v', extra: '', queueMax },
  };
  const connection = new TapConnection(options, {
    clock,
    connect: ({ endpoint }) => connect({ path: endpoint }),
    warn: (text) => void said.push(`warning: ${text}`),
    error: (text) => void said.push(`error: ${text}`),
    dropped: (messages) => {
      dropped += messages;
    },
  });
  return { clock, connection, said, dropped: () => dropped };
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 50));

test('READY, ACCEPT, START, messages, STOP', async () => {
  const collector = new Collector();
  await collector.listen(join(folder, 's'));
  const { connection, said } = open();
  connection.send(frame(1)); // Before there is a connection.
  await collector.hears(1);
  connection.send(frame(2));
  connection.send(frame(3));
  await connection.close();
  expect(collector.told.map(({ query }) => query)).toEqual(['192.0.2.1#1', '192.0.2.1#2', '192.0.2.1#3']);
  expect(collector.controls).toEqual([4, 2, 3]);
  expect(said).toEqual([]);
  await collector.close();
});

test('nobody there: said once, tried again, the queue is bounded', async () => {
  const { clock, connection, said, dropped } = open(3);
  await moment();
  expect(said).toEqual([expect.stringMatching(/^error: No connection to dnstap endpoint: connect ENOENT /)]);
  for (let port = 1; port <= 5; port++) connection.send(frame(port));
  expect(dropped()).toBe(2);
  await clock.pass(DNSTAP_RETRY_MS);
  await moment();
  expect(said.slice(1)).toEqual(['warning: Dropped dnstap messages: 2']);
  const collector = new Collector();
  await collector.listen(join(folder, 's'));
  await clock.pass(DNSTAP_RETRY_MS);
  await collector.hears(3);
  expect(collector.told.map(({ query }) => query)).toEqual(['192.0.2.1#1', '192.0.2.1#2', '192.0.2.1#3']);
  await connection.close();
  await collector.close();
});

test('a connection that breaks is made anew', async () => {
  const collector = new Collector();
  await collector.listen(join(folder, 's'));
  const { clock, connection, said } = open();
  connection.send(frame(1));
  await collector.hears(1);
  collector.sockets[0].destroy();
  await moment();
  connection.send(frame(2));
  await clock.pass(DNSTAP_RETRY_MS);
  await collector.hears(2);
  expect(said).toEqual([]);
  await connection.close();
  await collector.close();
});

test.each([
  ['another control frame', control(5)],
  ['data', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
])('%s is no acceptance', async (_what, answer) => {
  const collector = new Collector(answer);
  await collector.listen(join(folder, 's'));
  const { connection, said } = open();
  connection.send(frame(1));
  await moment();
  await moment();
  expect(said).toEqual(['error: No connection to dnstap endpoint: the collector did not accept dnstap messages']);
  expect(collector.told).toEqual([]);
  await connection.close();
  await collector.close();
});
