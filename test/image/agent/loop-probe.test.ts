/** The question by which a server finds out that it asks itself. */
import { encodeProbe, startLoopProbe } from '../../../image/agent/loop-probe';
import type { MessageToWorker } from '../../../image/agent/messages';
import { LOOP_GIVE_UP_MS } from '../../../image/limits';
import { FakeWorld, questionName, settle } from '../../support/fake-world';

describe('the loop probe', () => {
  const PROBE = { block: 2, name: '123.456.cluster.local.' };
  const TARGET = { address: '169.254.20.10', port: 53 };

  function probe(world: FakeWorld, target = TARGET): { posted: MessageToWorker[]; end: () => void } {
    const posted: MessageToWorker[] = [];
    const post = (message: MessageToWorker): void => void posted.push(message);
    return { posted, end: startLoopProbe(PROBE, target, { clock: world.clock, exchange: world.exchange, post }) };
  }

  test('is one HINFO question with RD', () => {
    const packet = Buffer.from(encodeProbe(PROBE.name));
    expect(packet.subarray(2).toString('hex')).toBe(
      '01000001000000000000' + '03313233' + '03343536' + '07636c7573746572' + '056c6f63616c' + '00' + '000d' + '0001',
    );
    expect(questionName(encodeProbe('1.2.'))).toBe('1.2.');
  });

  test('is over with the first answer', async () => {
    const world = new FakeWorld();
    const { posted } = probe(world);
    await settle();
    expect(posted).toEqual([{ kind: 'loop-done', name: PROBE.name }]);
    expect(world.exchanges).toEqual([{ name: PROBE.name, host: '169.254.20.10', port: 53 }]);
    await world.clock.pass(60_000);
    expect(world.exchanges.length).toBe(1);
  });

  test('without bind it asks this host', async () => {
    const world = new FakeWorld();
    probe(world, { address: '', port: 1053 });
    await settle();
    expect(world.exchanges[0]).toMatchObject({ host: '127.0.0.1', port: 1053 });
  });

  test('is repeated every second when no answer comes; each repeat starts the counting anew; after 30 s it is over', async () => {
    const world = new FakeWorld();
    world.exchangeError = 'no answer within 2s';
    const { posted } = probe(world);
    await world.clock.pass(2_000);
    expect(posted).toEqual(Array(3).fill({ kind: 'loop-reset', name: PROBE.name }));
    await world.clock.pass(LOOP_GIVE_UP_MS);
    expect(posted.at(-1)).toEqual({ kind: 'loop-done', name: PROBE.name });
    expect(world.exchanges.length).toBe(31);
    expect(world.clock.waiting).toBe(0);
  });

  test('ends when the process stops', async () => {
    const world = new FakeWorld();
    world.exchangeError = 'no answer within 2s';
    const { posted, end } = probe(world);
    await settle();
    end();
    await world.clock.pass(60_000);
    expect(posted).toEqual([{ kind: 'loop-reset', name: PROBE.name }]);
    expect(world.clock.waiting).toBe(0);
  });
});
