/** Another plan takes the place of the one that runs: what is opened, what is closed, and what is taken back. */
import type { MessageToWorker } from '../../../image/agent/messages';
import { FakeAgent } from '../../support/fake-agent';

const block = (port: number, ...directives: string[]): string => `.:${port} {\n${directives.join('\n')}\n}\n`;
const HEALTH = 'health 127.0.0.1:8080';
const METRICS = 'prometheus 127.0.0.1:9153';
const FIRST = block(53, HEALTH, METRICS);

async function changed(agent: FakeAgent, corefile: string): Promise<Extract<MessageToWorker, { kind: 'plan' }>[]> {
  agent.write(corefile);
  await agent.agent.reload('SIGUSR1');
  return agent.world.workers[0].received.filter((message) => message.kind === 'plan');
}

test('listeners that stay keep their sockets, new ones get theirs', async () => {
  const agent = await FakeAgent.start(FIRST);
  const [plan] = await changed(agent, `${FIRST}${block(54, 'errors')}${block(55, 'errors')}`);
  expect(plan.listeners).toEqual([null, { udp: 110, tcp: 120 }, { udp: 111, tcp: 121 }]);
  expect(agent.world.events).toEqual(['sockets open: dns://:54 dns://:55', 'wake 30']);
  const [, again] = await changed(agent, block(55, 'errors'));
  expect(again.listeners).toEqual([null]);
});

test('HTTP ports are opened before the worker has the plan, and those that are gone closed after it', async () => {
  const agent = await FakeAgent.start(FIRST);
  await changed(agent, block(53, METRICS, 'health 127.0.0.1:8081'));
  expect(agent.world.events).toEqual([
    'http open: 127.0.0.1:8081 /health',
    'wake 30',
    'http closed: 127.0.0.1:8080 /health',
  ]);
});

test('a port of metrics that is taken is said and left out', async () => {
  const agent = await FakeAgent.start(FIRST);
  agent.world.taken.add(':9154');
  await changed(agent, block(53, HEALTH, 'prometheus :9154'));
  expect(agent.said[2]).toMatch(
    /^\[ERROR\] plugin\/prometheus: Failed to start metrics handler: listen tcp :9154: in use/,
  );
  expect(agent.said.at(-1)).toBe('[INFO] Reloading complete');
  expect([...agent.world.pages.keys()]).toEqual(['127.0.0.1:8080 /health']);
});

const takeSockets = (agent: FakeAgent): void => {
  agent.world.socketError = 'taken';
};

describe('a failure leaves the plan before as it was', () => {
  test.each([
    ['a DNS port that is taken', block(54, HEALTH), takeSockets, []],
    [
      'a /health that is taken',
      `${FIRST}${block(54, 'health 127.0.0.1:8081')}`,
      (agent: FakeAgent) => void agent.world.taken.add('127.0.0.1:8081'),
      ['sockets open: dns://:54', 'new sockets closed'],
    ],
    [
      'a worker that refuses it',
      `${FIRST}${block(54, 'health 127.0.0.1:8081')}`,
      (agent: FakeAgent) => {
        agent.world.workers[0].manners = { getsReady: true, stops: true, refusal: 'no room' };
      },
      [
        'sockets open: dns://:54',
        'http open: 127.0.0.1:8081 /health',
        'wake 30',
        'new sockets closed',
        'http closed: 127.0.0.1:8081 /health',
      ],
    ],
  ])('%s', async (_, corefile, trouble, events) => {
    const agent = await FakeAgent.start(FIRST);
    trouble(agent);
    await changed(agent, corefile);
    expect(agent.said.at(-1)).toMatch(/^\[ERROR\] SIGUSR1: starting with listener file descriptors: /);
    expect(agent.world.events).toEqual(events);
    expect([...agent.world.pages.keys()].sort()).toEqual(['127.0.0.1:8080 /health', '127.0.0.1:9153 /metrics']);
  });

  test('and after it another plan is taken', async () => {
    const agent = await FakeAgent.start(FIRST);
    agent.world.socketError = 'taken';
    await changed(agent, block(54, HEALTH));
    agent.world.socketError = null;
    agent.forget();
    await changed(agent, block(54, HEALTH));
    expect(agent.said.at(-1)).toBe('[INFO] Reloading complete');
  });
});

test('a worker that ends while it is asked is the end of the process, not of the reload alone', async () => {
  const agent = await FakeAgent.start(FIRST);
  const [worker] = agent.world.workers;
  worker.manners = { getsReady: true, stops: true, refusal: null };
  agent.write(block(53, 'errors'));
  const reloaded = agent.agent.reload('SIGUSR1');
  setImmediate(() => setImmediate(() => worker.end(new Error('out of memory'))));
  await reloaded;
  expect(agent.said.some((line) => line.startsWith('[FATAL] worker 0 failed: Error: out of memory'))).toBe(true);
});
