/** Runs in a test's network namespace: the link and the watch, as the agent has them. */
import { readdirSync } from 'node:fs';
import { openLibc } from '../../../image/kernel/ffi';
import { type Changes, NodeChanges, type Watch } from '../../../image/node/changes';
import type { RulePlan } from '../../../image/node/firewall';
import { type EndedFlows, Flows } from '../../../image/node/flows';
import { Link } from '../../../image/node/link';
import { answerCalls } from '../../support/calls';

const libc = openLibc();
const link = new Link(libc);
const flows = new Flows(libc);
let changes: NodeChanges | undefined;

answerCalls({
  ensure: (name: string, addresses: string[]) => link.ensure(name, addresses),
  dropFormer: (name: string, addresses: string[]) => link.dropFormer(name, addresses),
  remove: (name: string, addresses: string[]) => link.remove(name, addresses),
  addressesOf: (device: string) => link.addressesOf(device),
  kind: () => link.kind,
  forgetRoutes: (name: string) => link.forgetRoutes(name),
  endFlows: (plan: RulePlan): Promise<EndedFlows> => flows.endStale(plan),
  /** Turns of the event loop meanwhile. */
  turnsWhileEnding: async (plan: RulePlan): Promise<number> => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    turn();
    await flows.endStale(plan);
    isOver = true;
    return turns;
  },
  watch: (watch: Watch): readonly string[] => {
    changes?.close();
    changes = new NodeChanges(libc, watch);
    return changes.problems;
  },
  unwatch: (): void => changes?.close(),
  poll: (): Changes => changes!.poll(),
  /** Microseconds of one poll, the median of many. */
  measure: (polls: number): number => {
    const times: number[] = [];
    for (let poll = 0; poll < polls; poll++) {
      const start = process.hrtime.bigint();
      changes!.poll();
      times.push(Number(process.hrtime.bigint() - start) / 1_000);
    }
    return times.sort((left, right) => left - right)[polls >> 1];
  },
  descriptors: () => readdirSync('/proc/self/fd').length,
});
