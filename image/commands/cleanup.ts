/** `cleanup`: takes away what a cache leaves on its node: link, rules, sets; ours and those of the Go agent. */
import { isIP } from 'node:net';
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
  try {
    const removed = await clean(name, addresses);
    for (const thing of removed) world.write(`removed ${thing}\n`);
    if (removed.length === 0) world.write('nothing to remove\n');
    return EXIT_OK;
  } catch (error) {
    world.complain(`cleanup: ${(error as Error).message}\n`);
    return EXIT_FAILED;
  }
}
