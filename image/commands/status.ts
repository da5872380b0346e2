/** `status`: is everything as it should be, and if not, what? */
import type { StatusReport } from '../agent/status-report';
import { findControl, UnreachableError } from './client';
import { CONTROL_FLAGS, type Command, type CommandLine, type CommandWorld, UsageError } from './command';
import { colorDepth, Paint } from './paint';
import { statusText } from './status-text';

const EXIT_HEALTHY = 0;
const EXIT_DEGRADED = 1;
const EXIT_UNREACHABLE = 2;

/** The command. */
export const STATUS: Command = {
  name: 'status',
  synopsis: '',
  summary: 'Shows addresses, rules, lease, upstreams, caches, configuration and the last errors of the running cache.',
  flags: { json: { kind: 'bool', default: 'false', usage: 'Print JSON with stable names.' }, ...CONTROL_FLAGS },
  notes: ['Exit codes: 0 healthy, 1 something is not as it should be (it says what), 2 no cache can be reached.'],
  run,
};

async function run(line: CommandLine, world: CommandWorld): Promise<number> {
  if (line.words.length > 0) throw new UsageError(`status takes no word: ${line.words.join(' ')}`);
  let report: StatusReport;
  try {
    report = await (await findControl(line)).json<StatusReport>('/status');
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    world.complain(`${error.message}\n`);
    return EXIT_UNREACHABLE;
  }
  const paint = new Paint(colorDepth(world.isTerminal, world.environment));
  const isJson = line.values.get('json') === 'true';
  world.write(isJson ? `${JSON.stringify(report, null, 2)}\n` : statusText(report, new Date(), paint));
  return report.problems.length === 0 ? EXIT_HEALTHY : EXIT_DEGRADED;
}
