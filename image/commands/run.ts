/** From a command line to a command and its exit code. */
import { FlagError } from '../agent/go-flags';
import { type Cleaner, cleanupCommand } from './cleanup';
import { type Command, type CommandWorld, EXIT_OK, EXIT_USAGE, readCommandWords, UsageError } from './command';
import { commandHelp, helpText } from './help';
import { LINT } from './lint';
import { QUERY } from './query';
import { STATUS } from './status';
import { TOP } from './top';

/** All commands, in the order of `help`. @param clean what `cleanup` does; without it there is no such command */
export function commandsOf(clean?: Cleaner): Command[] {
  return [STATUS, LINT, QUERY, TOP, ...(clean === undefined ? [] : [cleanupCommand(clean)])];
}

/** Is the first word a command's name? Anything else is the cache with its Go flags. */
export function isCommandLine(parameters: readonly string[], commands: readonly Command[]): boolean {
  return parameters[0] === 'help' || commands.some(({ name }) => name === parameters[0]);
}

/**
 * Run it.
 * @param program as it is called
 * @param parameters without the program's name; see {@link isCommandLine}
 * @returns exit code
 */
export async function runCommand(
  program: string,
  parameters: readonly string[],
  commands: readonly Command[],
  world: CommandWorld,
): Promise<number> {
  const [first, ...rest] = parameters;
  if (first === 'help') return runHelp(program, rest, commands, world);
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) throw new Error(`not a command: ${first}`);
  try {
    return await command.run(readCommandWords(command.flags, rest), world);
  } catch (error) {
    if (error instanceof FlagError && error.help) {
      world.write(commandHelp(program, command));
      return EXIT_OK;
    }
    if (!(error instanceof UsageError) && !(error instanceof FlagError)) throw error;
    world.complain(`${error.message}\nSee ${program} help ${command.name}\n`);
    return EXIT_USAGE;
  }
}

function runHelp(
  program: string,
  [topic]: readonly string[],
  commands: readonly Command[],
  world: CommandWorld,
): number {
  const command = commands.find(({ name }) => name === topic);
  if (topic !== undefined && topic !== 'help' && command === undefined) {
    world.complain(`${topic} is no command\n${helpText(program, commands)}`);
    return EXIT_USAGE;
  }
  world.write(command === undefined ? helpText(program, commands) : commandHelp(program, command));
  return EXIT_OK;
}
