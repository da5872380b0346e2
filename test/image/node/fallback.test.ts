/** Endpoints of kube-dns learned by DNS: with a server of the test's own, then over real sockets in a namespace. */
import path from 'node:path';
import { FALLBACK_AGAIN_MS_MAX, FALLBACK_AGAIN_MS_MIN, FALLBACK_ENDPOINTS_MAX } from '../../../image/limits';
import { Fallback, type FallbackPlan, type Learned } from '../../../image/node/fallback';
import { Type } from '../../../image/wire/codes';
import { FakeClock } from '../../support/fake-world';
import { Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';

const NAME = 'kube-dns-endpoints.kube-system.svc.cluster.local';
const PLAN: FallbackPlan = { name: NAME, servers: ['10.96.0.10'], own: ['169.254.20.10'] };

class Stage {
  readonly clock = new FakeClock();
  readonly changes: string[][] = [];
  readonly asked: string[] = [];
  /** What servers say, by `SERVER TYPE`; an Error is thrown. */
  readonly says = new Map<string, Learned | Error>();
  readonly fallback: Fallback;

  constructor(plan: FallbackPlan = PLAN) {
    this.fallback = new Fallback(plan, {
      clock: this.clock,
      ask: async (server, _name, type) => {
        const key = `${server} ${type === Type.A ? 'A' : 'AAAA'}`;
        this.asked.push(key);
        const said = this.says.get(key) ?? { addresses: [], ttlSeconds: 60 };
        if (said instanceof Error) throw said;
        return said;
      },
      changed: (endpoints) => this.changes.push([...endpoints]),
    });
  }

  say(key: string, ttlSeconds: number, ...addresses: string[]): void {
    this.says.set(key, { addresses, ttlSeconds });
  }
}

describe('endpoints', () => {
  test('of both families are told in order, once as long as they stay the same', async () => {
    const stage = new Stage();
    stage.say('10.96.0.10 A', 30, '10.244.2.2', '10.244.1.2', '10.244.1.2');
    stage.say('10.96.0.10 AAAA', 30, 'fd00::2');
    stage.fallback.start();
    await stage.clock.pass(0);
    expect(stage.changes).toEqual([['10.244.1.2', '10.244.2.2', 'fd00::2']]);
    stage.say('10.96.0.10 A', 30, '10.244.1.2', '10.244.2.2');
    await stage.clock.pass(60_000);
    expect(stage.changes).toHaveLength(1);
    stage.say('10.96.0.10 A', 30, '10.244.3.2');
    await stage.clock.pass(30_000);
    expect(stage.changes.slice(1)).toEqual([['10.244.3.2', 'fd00::2']]);
    expect(stage.fallback.endpoints).toEqual(['10.244.3.2', 'fd00::2']);
    expect(stage.fallback.reason).toBe('');
  });

  test.each([
    [0, FALLBACK_AGAIN_MS_MIN],
    [1, FALLBACK_AGAIN_MS_MIN],
    [30, 30_000],
    [86_400, FALLBACK_AGAIN_MS_MAX],
  ])('with a TTL of %p s are asked for again after %p ms', async (ttlSeconds, againMs) => {
    const stage = new Stage();
    stage.say('10.96.0.10 A', ttlSeconds, '10.244.1.2');
    stage.fallback.start();
    await stage.clock.pass(againMs - 1);
    expect(stage.asked).toHaveLength(2);
    await stage.clock.pass(1);
    expect(stage.asked).toHaveLength(4);
  });

  test('learned last are kept when nobody answers, when an answer has none, and when one family fails', async () => {
    const stage = new Stage();
    stage.say('10.96.0.10 A', 5, '10.244.1.2');
    stage.say('10.96.0.10 AAAA', 5, 'fd00::2');
    stage.fallback.start();
    await stage.clock.pass(0);
    for (const said of [new Error('no answer within 2000 ms'), { addresses: [], ttlSeconds: 5 }]) {
      stage.says.set('10.96.0.10 A', said);
      stage.says.set('10.96.0.10 AAAA', said);
      await stage.clock.pass(60_000);
      expect(stage.fallback.reason).not.toBe('');
    }
    stage.says.set('10.96.0.10 A', new Error('SERVFAIL'));
    stage.say('10.96.0.10 AAAA', 5, 'fd00::2');
    await stage.clock.pass(60_000);
    expect(stage.fallback.reason).toBe('SERVFAIL');
    expect(stage.fallback.endpoints).toEqual(['10.244.1.2', 'fd00::2']);
    expect(stage.changes).toHaveLength(1);
  });

  test('that cannot be learned are asked for less and less often: 5 s, 10 s, 20 s, 40 s, a minute', async () => {
    const stage = new Stage();
    stage.says.set('10.96.0.10 A', new Error('SERVFAIL'));
    stage.fallback.start();
    const times: number[] = [];
    for (let second = 0; second < 200; second++) {
      await stage.clock.pass(1000);
      if (stage.asked.length / 2 > times.length) times.push(second + 1);
    }
    expect(times).toEqual([1, 5, 15, 35, 75, 135, 195]);
  });

  test('that are ourselves are none: queries would come back for ever', async () => {
    const stage = new Stage();
    stage.say('10.96.0.10 A', 30, '169.254.20.10');
    stage.fallback.start();
    await stage.clock.pass(0);
    expect(stage.changes).toEqual([]);
    expect(stage.fallback.reason).toBe(`${NAME} has no addresses on 10.96.0.10: is it a headless Service?`);
  });

  test('come from the next server when one fails, and are no more than rules have room for', async () => {
    const stage = new Stage({ ...PLAN, servers: ['10.96.0.10', 'fd00:10::a'] });
    stage.says.set('10.96.0.10 A', new Error('REFUSED'));
    const many = Array.from({ length: 100 }, (_, index) => `10.244.1.${index}`);
    stage.say('fd00:10::a A', 30, ...many);
    stage.fallback.start();
    await stage.clock.pass(0);
    expect(stage.changes[0]).toHaveLength(FALLBACK_ENDPOINTS_MAX);
  });

  test('are told to nobody after a stop', async () => {
    const stage = new Stage();
    stage.say('10.96.0.10 A', 5, '10.244.1.2');
    stage.fallback.start();
    stage.fallback.stop();
    await stage.clock.pass(600_000);
    expect([stage.changes, stage.clock.waiting]).toEqual([[], 0]);
  });
});

test.each([
  [{ ...PLAN, name: '' }, 'no -fallbacksvc is set: name a headless Service with the pods of kube-dns'],
  [{ ...PLAN, servers: [] }, 'the cluster IP of -upstreamsvc is not known'],
])('without anything to ask, %j, nothing is asked and the reason is there', async (plan, reason) => {
  const stage = new Stage(plan);
  stage.fallback.start();
  await stage.clock.pass(60_000);
  expect([stage.asked, stage.fallback.reason, stage.fallback.endpoints]).toEqual([[], reason, []]);
});

needs('netns').describe('over real sockets', () => {
  let node: Namespace;

  beforeAll(async () => {
    node = await Namespace.open();
  });
  afterAll(() => node.close());

  test('answers are read, forged ones are not; errors and silence say what was asked of whom', async () => {
    const inside = node.start(path.join(__dirname, 'fallback-inside.ts'));
    await inside.call('serve');
    await inside.call('forge', '127.0.0.3');
    const ask = (name: string, type: number): Promise<Learned> => inside.call('ask', '127.0.0.1', name, type);
    expect(await ask('two.test', Type.A)).toEqual({ addresses: ['10.244.1.2', '10.244.2.2'], ttlSeconds: 7 });
    expect(await ask('two.test', Type.AAAA)).toEqual({ addresses: ['fd00::2'], ttlSeconds: 7 });
    expect(await ask('alias.test', Type.A)).toEqual({ addresses: ['10.244.1.2'], ttlSeconds: 3 });
    expect(await ask('none.test', Type.A)).toEqual({ addresses: [], ttlSeconds: 60 });
    await expect(ask('missing.test', Type.A)).rejects.toThrow(
      'missing.test could not be looked up on 127.0.0.1: NXDOMAIN',
    );
    await expect(ask('silent.test', Type.A)).rejects.toThrow('no answer within 2000 ms');
    expect(await ask('long.test', Type.A)).toEqual({ addresses: ['10.244.1.2'], ttlSeconds: 5 }); // Cut off.
    await expect(ask('a..b', Type.A)).rejects.toThrow('a..b is no name');
    await expect(inside.call('ask', '127.0.0.2', 'two.test', Type.A)).rejects.toThrow(
      'two.test could not be looked up on 127.0.0.2: recvmsg ECONNREFUSED',
    );
    await expect(inside.call('ask', '127.0.0.3', 'two.test', Type.A)).rejects.toThrow('no answer within 2000 ms');
  });
});
