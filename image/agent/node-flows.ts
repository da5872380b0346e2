/** After rules were written: tracked flows that follow those of before are ended, and what came of it is said and counted. */
import type { RulePlan } from '../node/firewall';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import type { NodePorts } from './node-ports';

/** One per process. */
export class NodeFlows {
  private readonly ports: Pick<NodePorts, 'endFlows'>;
  private readonly counters: Counters;
  private readonly log: Log;
  private hasLooked = false;
  private lastProblem = '';

  constructor(ports: Pick<NodePorts, 'endFlows'>, counters: Counters, log: Log) {
    this.ports = ports;
    this.counters = counters;
    this.log = log;
  }

  /**
   * Rules stand as planned.
   * @param isWritten something was missing or another; else they are looked at once: a process before this one wrote them
   */
  async follow(plan: RulePlan, isWritten: boolean): Promise<void> {
    if (this.hasLooked && !isWritten) return;
    const { ended, problem } = await this.ports.endFlows(plan);
    this.hasLooked = problem === '';
    if (ended > 0) {
      this.count('ended', ended);
      this.log.info(`Ended ${ended} tracked flow(s) that were made before the rules`);
    }
    if (problem !== '') this.count('failed', 1);
    if (problem !== '' && problem !== this.lastProblem) {
      this.log.warning(
        `${problem}: a client that keeps its socket since before the rules may not fail over for 30 s after it last asked then`,
      );
    }
    this.lastProblem = problem;
  }

  private count(result: 'ended' | 'failed', times: number): void {
    this.counters.add(this.counters.slot('nodelocaldns_stale_flows_total', result), times);
  }
}
