/** `cleanup`: takes away what a cache leaves on its node: link, rules, sets; ours and those of the Go agent. */
import { isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseDuration } from '../corefile/go-duration';
import { quote } from '../corefile/go-quote';
import { type Command, type CommandLine, type CommandWorld, EXIT_OK, UsageError } from './command';

/**
 * Removes everything of ours from this node; twice is as good as once.
 * @param interfaceName the link
 * @param addresses of -localip: rules that name these are ours, or the Go agent's; none: those of the link
 * @returns a line per thing removed; rejects with what could not be, and why
 */
export type Cleaner = (interfaceName: string, addresses: readonly string[]) => Promise<readonly string[]>;

const EXIT_FAILED = 1;
/** Between two attempts, while `-wait` lasts: a cache that stops takes some seconds. */
const AGAIN_MS = 1000;

/** @param clean does it */
export function cleanupCommand(clean: Cleaner): Command {
  return {
    name: 'cleanup',
    synopsis: '',
    summary: 'Removes interface, rules and sets that a cache, this one or the Go agent, left on the node.',
    flags: {
      localip: {
        kind: 'string',
        default: '',
        usage: 'Addresses of the cache, as in its own flag; else the interface tells.',
      },
      interfacename: { kind: 'string', default: 'nodelocaldns', usage: 'Name of the interface.' },
      wait: {
        kind: 'duration',
        default: '0s',
        usage: 'Try again for this long, until a cache that still runs has stopped.',
      },
      stay: {
        kind: 'bool',
        default: 'false',
        usage: 'Do not end afterwards, for a container that would be started again; SIGTERM ends it.',
      },
    },
    notes: [
      'Stop the cache first: a running one puts everything back. Needs NET_ADMIN in the network of the node.',
      'Exit codes: 0 nothing is left, 1 something could not be removed, 2 usage.',
    ],
    run: (line, world) => run(line, world, clean),
  };
}

async function run(line: CommandLine, world: CommandWorld, clean: Cleaner): Promise<number> {
  if (line.words.length > 0) throw new UsageError(`cleanup takes no word: ${line.words.join(' ')}`);
  const addresses = (line.values.get('localip') ?? '').split(',').filter((address) => address !== '');
  const wrong = addresses.find((address) => isIP(address) === 0);
  if (wrong !== undefined) throw new UsageError(`-localip: ${quote(wrong)} is no address`);
  const name = line.values.get('interfacename') ?? '';
  const untilMs = Date.now() + readMilliseconds(line.values.get('wait') ?? '0s');
  try {
    const removed = await cleaned(() => clean(name, addresses), untilMs);
    for (const thing of removed) world.write(`removed ${thing}\n`);
    if (removed.length === 0) world.write('nothing to remove\n');
  } catch (error) {
    world.complain(`cleanup: ${(error as Error).message}\n`);
    return EXIT_FAILED;
  }
  if (line.values.get('stay') === 'true') await ended(world);
  return EXIT_OK;
}

/** @throws UsageError when it is no duration */
function readMilliseconds(text: string): number {
  try {
    const nanoseconds = parseDuration(text);
    if (nanoseconds >= 0n) return Number(nanoseconds) / 1e6;
  } catch {
    // Said below.
  }
  throw new UsageError(`-wait: ${quote(text)} is no duration; want one such as 30s`);
}

/** Rejects with the last failure when the time is over. */
async function cleaned(clean: () => Promise<readonly string[]>, untilMs: number): Promise<readonly string[]> {
  for (;;) {
    try {
      return await clean();
    } catch (error) {
      if (Date.now() + AGAIN_MS > untilMs) throw error;
      await pause(AGAIN_MS);
    }
  }
}

/** Resolves with SIGTERM, SIGINT or `q`. */
async function ended(world: CommandWorld): Promise<void> {
  const awake = setInterval(() => {}, 2 ** 30); // Nothing else keeps the process from ending.
  await new Promise<void>((resolve) => {
    const stop = world.keys((key) => {
      if (key !== 'q') return;
      stop();
      resolve();
    });
  });
  clearInterval(awake);
}
