/** `lint FILE`: would this Corefile load, and does it hold what one regrets later? */
import { isIP } from 'node:net';
import { clusterDnsOf } from '../agent/configuration';
import { planFacts } from '../agent/plan-facts';
import { systemWorld } from '../agent/system';
import type { Environment } from '../corefile/environment';
import { fileErrorText } from '../corefile/environment';
import { CorefileError, positionedText } from '../corefile/errors';
import { quote } from '../corefile/go-quote';
import { loadPlan } from '../corefile/load';
import { renderPillars } from '../corefile/pillars';
import type { Plan } from '../corefile/plan';
import { type Command, type CommandLine, type CommandWorld, EXIT_OK, UsageError } from './command';
import { type LintWarning, warningsOf } from './lint-warnings';
import { colorDepth, Paint } from './paint';

/** As `lint --json` prints it: fields are added, never renamed. */
export interface LintResult {
  readonly file: string;
  /** What ends a start, in CoreDNS's words; loading stops at the first. */
  readonly errors: readonly string[];
  readonly warnings: readonly LintWarning[];
}

const EXIT_ERRORS = 1;
/** What the placeholders stand for when nobody says it: any address shows the same mistakes. */
const LOCAL_IP = '169.254.20.10';
const CLUSTER_DNS = '10.96.0.10';

/** The command. */
export const LINT: Command = {
  name: 'lint',
  synopsis: 'FILE',
  summary: 'Checks a Corefile, or a template of one, as a start would; and warns of what often goes wrong.',
  flags: {
    json: { kind: 'bool', default: 'false', usage: 'Print JSON with stable names.' },
    localip: { kind: 'string', default: LOCAL_IP, usage: 'What stands for __PILLAR__LOCAL__DNS__, as of the cache.' },
    clusterdns: {
      kind: 'string',
      default: '',
      usage: `What stands for __PILLAR__CLUSTER__DNS__; the address of -upstreamsvc, or else ${CLUSTER_DNS}.`,
    },
    upstreamsvc: { kind: 'string', default: 'kube-dns', usage: 'Service whose address is in its variable.' },
    'dns.port': { kind: 'string', default: '53', usage: 'Port of server blocks that name none.' },
  },
  notes: [
    'FILE may be - for stdin. Exit codes: 0 nothing wrong (warnings do not count), 1 it would not load, 2 usage.',
  ],
  run,
};

function run(line: CommandLine, world: CommandWorld): number {
  const [file, ...more] = line.words;
  if (file === undefined || more.length > 0) throw new UsageError('lint wants one FILE, or - for stdin');
  const result = lint(file, line, world);
  if (line.values.get('json') === 'true') world.write(`${JSON.stringify(result, null, 2)}\n`);
  else world.write(lintText(result, new Paint(colorDepth(world.isTerminal, world.environment))));
  return result.errors.length === 0 ? EXIT_OK : EXIT_ERRORS;
}

function lint(file: string, line: CommandLine, world: CommandWorld): LintResult {
  const said: string[] = [];
  const name = file === '-' ? 'stdin' : file;
  let plan: Plan;
  try {
    const machine = systemWorld('').machine((text) => said.push(text));
    const text = render(read(file, world), line, world);
    plan = load(text, name, portOf(line), machine);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return { file: name, errors: [(error as Error).message], warnings: [] };
  }
  const warnings = said.map((text) => ({ place: name, zones: [], code: 'load', text }));
  return { file: name, errors: [], warnings: [...warnings, ...warningsOf(plan)] };
}

/** @throws Error */
function read(file: string, world: CommandWorld): string {
  try {
    return world.readFile(file);
  } catch (error) {
    throw new Error(fileErrorText(error, file));
  }
}

/** Placeholders to addresses, in a text that has some. @throws UsageError, CorefileError */
function render(text: string, { values }: CommandLine, world: CommandWorld): string {
  if (!text.includes('__PILLAR__')) return text;
  const localIps = (values.get('localip') ?? '').split(',');
  const wrong = localIps.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new UsageError(`-localip: ${quote(wrong)} is no address`);
  const found = clusterDnsOf(values.get('upstreamsvc') ?? '', world.environment);
  return renderPillars(text, {
    localIps,
    clusterDnsIp: values.get('clusterdns') || found.address || CLUSTER_DNS,
    clusterDnsVariable: found.variable,
    upstreamServers: [],
    stubDomains: {},
    dnsPort: portOf({ values }),
  });
}

/** @throws UsageError */
function portOf({ values }: Pick<CommandLine, 'values'>): number {
  const port = Number(values.get('dns.port'));
  if (Number.isInteger(port) && port > 0 && port <= 0xffff) return port;
  throw new UsageError(`-dns.port: ${quote(values.get('dns.port') ?? '')} is no port, 1 to 65535`);
}

/** As the agent loads it. @throws Error in CoreDNS's words */
function load(text: string, file: string, dnsPort: number, environment: Environment): Plan {
  try {
    const plan = loadPlan(text, { file, dnsPort, environment });
    planFacts(plan); // Has its own mistakes: ports of health and others.
    return plan;
  } catch (error) {
    throw error instanceof CorefileError ? new Error(positionedText(error)) : error;
  }
}

/** For people, and for editors that jump to FILE:LINE. */
export function lintText({ file, errors, warnings }: LintResult, paint: Paint): string {
  const lines = [
    ...errors.map((text) => `${paint.as('bad', 'error')}: ${text}`),
    ...warnings.map(({ place, zones, text }) => {
      const where = zones.length === 0 ? place : `${place} (${zones.join(' ')})`;
      return `${paint.as('warn', 'warning')}: ${where}: ${text}`;
    }),
  ];
  if (errors.length === 0) lines.push(`${file}: ${paint.as('good', 'loads')}, ${count(warnings.length)}`);
  return `${lines.join('\n')}\n`;
}

function count(warnings: number): string {
  return warnings === 0 ? 'no warnings' : `${warnings} warning${warnings === 1 ? '' : 's'}`;
}
