/** Flows that outlived their rules: when they are looked for, and what is said of it. */
import { NodeFlows } from '../../../image/agent/node-flows';
import type { RulePlan } from '../../../image/node/firewall';
import { Registry } from '../../../image/observe/registry';
import { FakeNode } from '../../support/fake-node';
import { fakeLog } from '../../support/fake-world';

const PLAN: RulePlan = {
  ...{ addresses: ['169.254.20.10'], dnsPort: 53, healthPort: 8080, leaseMs: 1000 },
  fallback: { addresses: ['169.254.20.10'], endpoints: ['10.244.1.2'] },
};

let node: FakeNode;
let registry: Registry;
let said: string[];
let flows: NodeFlows;

beforeEach(() => {
  node = new FakeNode();
  registry = new Registry({ version: '1', revision: '', runtime: '' });
  const { log, late } = fakeLog();
  log.startRunning();
  said = late;
  flows = new NodeFlows(node, registry.counters, log);
});

const metric = (result: string): string | undefined =>
  registry
    .text()
    .split('\n')
    .find((line) => line.startsWith(`nodelocaldns_stale_flows_total{result="${result}"}`));

test('they are looked for at the start, whoever wrote the rules, and then when rules were written', async () => {
  await flows.follow(PLAN, false);
  await flows.follow(PLAN, false);
  expect(node.flowPlans).toEqual([PLAN]);
  await flows.follow(PLAN, true);
  expect(node.flowPlans).toHaveLength(2);
  expect(said).toEqual([]);
});

test('what was ended is said and counted', async () => {
  node.endedFlows = { ended: 3, problem: '' };
  await flows.follow(PLAN, true);
  expect(said.join('')).toContain('Ended 3 tracked flow(s) that were made before the rules');
  expect(metric('ended')).toMatch(/ 3$/);
});

test('a kernel that does not let us is told of once, counted each time, and asked again', async () => {
  node.endedFlows = { ended: 0, problem: 'cannot list tracked flows: invalid argument' };
  await flows.follow(PLAN, true);
  await flows.follow(PLAN, false);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('cannot list tracked flows: invalid argument: a client that keeps its socket');
  expect(metric('failed')).toMatch(/ 2$/);
  node.endedFlows = { ended: 0, problem: '' };
  await flows.follow(PLAN, false);
  await flows.follow(PLAN, false);
  expect(node.flowPlans).toHaveLength(3);
});
