/** Plays a scenario on a stage, and writes down what happens. */
import { answerLines, type Question, questionOf } from './packets';
import type { Places, Scenario, Step, UpstreamState } from './scenario';

/** What a client got. */
export interface Answer {
  /** Undefined when nothing came in time, or the connection was closed. */
  readonly bytes: Uint8Array | undefined;
  readonly isClosed: boolean;
  readonly clientPort: number;
}

/** Where a scenario is played: real sockets and a real program, or a kernel in memory. */
export interface Stage {
  readonly places: Places;
  /** Ask all at once, each over a socket of its own. */
  exchange(questions: readonly Question[]): Promise<Answer[]>;
  wait(ms: number): Promise<void>;
  setUpstream(number: number, state: UpstreamState): Promise<void>;
  /** Questions upstreams got since the last call, in order. */
  takeAsked(): string[];
  /** Lines logged since the last call. */
  takeLog(): string[];
  close(): Promise<void>;
}

/** What came of one step. */
export interface Played {
  /** `> ask …`, `> wait …`. */
  readonly title: string;
  /** `< RCODE flags`, and records below it. */
  readonly answer: readonly string[];
  /** `^ UPSTREAM protocol question`. */
  readonly upstream: readonly string[];
  /** `| line`. */
  readonly log: readonly string[];
}

const ID_FIRST = 4242;

/** Lines without what differs from run to run: ports, ids, durations. */
function withoutAccidents(line: string, { upstreams, ports }: Places): string {
  let text = line;
  for (const [index, place] of upstreams.entries()) text = text.replaceAll(place, `UPSTREAM${index + 1}`);
  for (const port of ports) text = text.replaceAll(`127.0.0.1:${port}`, 'LISTENER');
  return text
    .replace(/(127\.0\.0\.1|\[::1\]):\d+->/g, 'SOURCE->')
    .replace(/(127\.0\.0\.1|\[::1\]):\d+/g, '$1:CLIENT')
    .replace(/(CLIENT - )\d+( ")/, '$1ID$2')
    .replace(/ \d+(\.\d+)?(e-\d+)?s(?=$| ")/, ' DURATION');
}

/** Records of a section in one order, for answers whose order is by chance. */
function sorted(lines: readonly string[]): string[] {
  const [head, ...records] = lines;
  return [head, ...records.sort()];
}

function told(answer: Answer, asked: Uint8Array, scenario: Scenario): string[] {
  if (answer.bytes === undefined) return [answer.isClosed ? '< closed' : '< nothing'];
  const port = new RegExp(`\\b${answer.clientPort}\\b`, 'g');
  const lines = answerLines(answer.bytes, asked).map((line) => line.replace(port, 'CLIENT'));
  return scenario.isUnordered ? sorted(lines) : lines;
}

function title(step: Step): string[] {
  if (step.kind === 'ask') return step.questions.map((question) => `> ask ${question}`);
  if (step.kind === 'raw') return [`> raw ${step.protocol} ${step.hex}`];
  if (step.kind === 'wait') return [`> wait ${step.ms}`];
  return [`> ${step.state} ${step.number}`];
}

function rawQuestion(protocol: string, hex: string): Question {
  const packet = Buffer.from(hex, 'hex');
  if (packet.length * 2 !== hex.length) throw new Error(`not hex: ${hex}`);
  return { packet, overTcp: protocol === 'tcp', isIpv6: false, port: 1, waitMs: 400 };
}

/** The questions of a step, with ids that no other has. */
function questionsOf(step: Step, nextId: () => number): Question[] {
  if (step.kind === 'ask') return step.questions.map((text) => questionOf(text, nextId()));
  return step.kind === 'raw' ? [rawQuestion(step.protocol, step.hex)] : [];
}

/** Play all steps. */
export async function play(scenario: Scenario, stage: Stage): Promise<Played[]> {
  const all: Played[] = [];
  let id = ID_FIRST;
  for (const step of scenario.steps) {
    const questions = questionsOf(step, () => id++ & 0xffff);
    if (step.kind === 'wait') await stage.wait(step.ms);
    if (step.kind === 'upstream') await stage.setUpstream(step.number, step.state);
    const answers = questions.length === 0 ? [] : await stage.exchange(questions);
    if (scenario.settleMs > 0 && step.kind !== 'wait') await stage.wait(scenario.settleMs);
    const titles = title(step);
    const clean = (prefix: string) => (line: string) => prefix + withoutAccidents(line, stage.places);
    const upstream = stage.takeAsked().map(clean(''));
    const log = stage.takeLog().map(clean('| '));
    for (const [index, one] of titles.entries()) {
      const isLast = index === titles.length - 1; // What happened behind several questions is told once.
      all.push({
        title: one,
        answer: answers.length === 0 ? [] : told(answers[index], questions[index].packet, scenario),
        upstream: !isLast ? [] : titles.length > 1 ? upstream.sort() : upstream,
        log: !isLast ? [] : titles.length > 1 ? log.sort() : log,
      });
    }
  }
  return all;
}
