/** Runs in a test's network namespace: the keeper as the agent has it, and what it told. */
import { openLibc } from '../../../image/kernel/ffi';
import { SelfQuestions } from '../../../image/node/ask-ourselves';
import { Keeper } from '../../../image/node/keeper';
import { answerCalls } from '../../support/calls';

const clock = {
  now: () => performance.now(),
  after: (delayMs: number, action: () => void) => {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};
let keeper: Keeper | undefined;
let told: string[] = [];
const results: Record<string, number> = {};

answerCalls({
  start: (addresses: string[], renewMs: number, expireMs: number): void => {
    const log = { info: (text: string) => void told.push(text), warning: (text: string) => void told.push(text) };
    const asked = (_address: string, result: string): void => {
      results[result] = (results[result] ?? 0) + 1;
    };
    const access = {
      clock,
      ask: new SelfQuestions(openLibc(), clock, 53).ask,
      log,
      events: { asked, changed: () => {} },
    };
    keeper = new Keeper(addresses, { renewMs, expireMs }, access);
    keeper.start();
  },
  held: () => keeper!.statuses.filter(({ state }) => state === 'held').map(({ address }) => address),
  /** Log lines since the last time. */
  told: () => {
    const lines = told;
    told = [];
    return lines;
  },
  results: () => results,
  statuses: () => keeper!.statuses,
  /** Microseconds of CPU that this process has used. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  end: () => keeper!.end(),
});
