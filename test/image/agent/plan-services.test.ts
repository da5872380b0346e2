/** Checks, probes and files of one plan after another. */

import type { MessageToWorker } from '../../../image/agent/messages';
import { planFacts } from '../../../image/agent/plan-facts';
import { PlanServices, type PreparedServices } from '../../../image/agent/plan-services';
import { Registry } from '../../../image/observe/registry';
import { planOf } from '../../support/corefile';
import { FakeWorld, fakeLog } from '../../support/fake-world';

class Stage {
  readonly world = new FakeWorld();
  readonly posted: MessageToWorker[] = [];
  readonly services: PlanServices;
  private readonly registry = new Registry({ version: '1', revision: '', runtime: '' });

  constructor() {
    this.world.files.set('/etc/nodes', 'first');
    const { counters } = this.registry;
    const post = (message: MessageToWorker): void => void this.posted.push(message);
    this.services = new PlanServices({ world: this.world, log: fakeLog().log, counters, post });
  }

  take(corefile: string): PreparedServices {
    const plan = planOf(corefile, { files: { '/etc/nodes': '' } });
    const prepared = this.services.prepare(plan, planFacts(plan));
    this.services.commit(prepared);
    return prepared;
  }

  get checks(): number {
    const line = this.registry
      .text()
      .split('\n')
      .find((one) => one.startsWith('coredns_health_request_duration_seconds_count'));
    return Number(line?.split(' ')[1]);
  }
}

const block = (directives: string, key = '.'): string => `${key} {\n${directives}\n}\n`;

describe('loop probes', () => {
  test('a block that stays and was probed is not probed again', async () => {
    const stage = new Stage();
    expect(stage.take(block('loop\nforward . 192.0.2.1')).loops.length).toBe(1);
    await stage.world.clock.pass(0);
    expect(stage.take(block('loop\nerrors\nforward . 192.0.2.1')).loops).toEqual([]);
    expect(stage.world.exchanges.length).toBe(1);
  });

  test('while it is under way it goes on under its name', async () => {
    const stage = new Stage();
    stage.world.exchangeError = 'nobody there';
    const [first] = stage.take(block('loop\nforward . 192.0.2.1')).loops;
    await stage.world.clock.pass(0);
    const corefile = `${block('whoami', 'test')}${block('loop\nforward . 192.0.2.1')}`;
    expect(stage.take(corefile).loops).toEqual([{ block: 1, name: first.name }]);
    stage.world.exchangeError = null;
    await stage.world.clock.pass(1_000);
    expect(stage.world.exchanges.map(({ name }) => name)).toEqual([first.name, first.name]);
    expect(stage.posted.at(-1)).toEqual({ kind: 'loop-done', name: first.name });
  });

  test.each([
    ['another upstream', 'loop\nforward . 192.0.2.2'],
    ['another address', 'bind 127.0.0.2\nloop\nforward . 192.0.2.1'],
    ['a cache', 'loop\ncache\nforward . 192.0.2.1'],
  ])('a block with %s is probed anew', async (_, directives) => {
    const stage = new Stage();
    const [first] = stage.take(block('loop\nforward . 192.0.2.1')).loops;
    await stage.world.clock.pass(0);
    const [second] = stage.take(block(directives)).loops;
    expect(second.name).not.toBe(first.name);
    await stage.world.clock.pass(0);
    expect(stage.world.exchanges.map(({ name }) => name)).toEqual([first.name, second.name]);
  });

  test('of a block that is gone nothing is asked any more', async () => {
    const stage = new Stage();
    stage.world.exchangeError = 'nobody there';
    stage.take(block('loop\nforward . 192.0.2.1'));
    await stage.world.clock.pass(0);
    stage.take(block('whoami'));
    await stage.world.clock.pass(30_000);
    expect(stage.world.exchanges.length).toBe(1);
  });
});

describe('self-checks of /health', () => {
  test('go on where the address stays: one a second, however many plans', async () => {
    const stage = new Stage();
    for (let time = 0; time < 5; time++) stage.take(block('health 127.0.0.1:8080'));
    await stage.world.clock.pass(5_000);
    expect(stage.checks).toBe(5);
  });

  test('end where it goes', async () => {
    const stage = new Stage();
    stage.take(block('health 127.0.0.1:8080'));
    stage.take(block('whoami'));
    await stage.world.clock.pass(5_000);
    expect(stage.checks).toBe(0);
  });
});

describe('hosts files', () => {
  test('are read for each plan, and watched for the last one only', async () => {
    const stage = new Stage();
    const hosts = block('hosts /etc/nodes {\nreload 1s\n}');
    stage.take(hosts);
    stage.take(hosts);
    expect(stage.posted).toEqual([]);
    stage.world.files.set('/etc/nodes', 'second', 9_000);
    await stage.world.clock.pass(1_000);
    expect(stage.posted.filter(({ kind }) => kind === 'hosts').length).toBe(1);
    stage.take(block('whoami'));
    stage.world.files.set('/etc/nodes', 'third', 19_000);
    await stage.world.clock.pass(5_000);
    expect(stage.posted.filter(({ kind }) => kind === 'hosts').length).toBe(1);
  });
});

test('at the end nothing waits any more', async () => {
  const stage = new Stage();
  stage.world.exchangeError = 'nobody there';
  stage.take(block('loop\nhealth 127.0.0.1:8080\nhosts /etc/nodes\nforward . 192.0.2.1'));
  await stage.world.clock.pass(500);
  expect(stage.world.clock.waiting).toBeGreaterThan(2);
  stage.services.stop();
  expect(stage.world.clock.waiting).toBe(0);
});

test('files of weights are watched as long as their plan is the last', async () => {
  const stage = new Stage();
  const weighted = 'loadbalance weighted /etc/nodes {\nreload 1s\n}\nwhoami';
  const told = () => stage.posted.filter(({ kind }) => kind === 'weights').length;
  stage.world.files.set('/etc/nodes', 'a.test\n192.0.2.1 2\n');
  stage.take(block(weighted));
  await stage.world.clock.pass(3_000);
  expect(told()).toBe(1);
  stage.take(block('whoami'));
  stage.world.files.set('/etc/nodes', 'a.test\n192.0.2.1 3\n');
  await stage.world.clock.pass(3_000);
  expect(told()).toBe(1);
  stage.take(block(weighted));
  stage.services.stop();
  await stage.world.clock.pass(3_000);
  expect(told()).toBe(1);
});
