/** The texts of `help` and of each command's -h. */
import { usageText } from '../agent/go-flags';
import type { Command } from './command';

/** All commands, for `help`. @param program as it is called */
export function helpText(program: string, commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length), 'help'.length) + 2;
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`);
  return [
    `Usage: ${program} COMMAND [FLAGS]`,
    `       ${program} [FLAGS OF THE CACHE]`,
    '',
    'The first word decides: one of these is a command, everything else starts the cache.',
    '',
    ...rows,
    `  ${'help'.padEnd(width)}Shows this; \`help COMMAND\` and \`COMMAND -h\` show a command's flags.`,
    '',
    `The cache's own flags: ${program} -h`,
    '',
  ].join('\n');
}

/** One command. */
export function commandHelp(program: string, command: Command): string {
  const { name, synopsis, summary, flags, notes } = command;
  const flagLines = usageText('', flags).split('\n').slice(1).join('\n');
  const usage = ['Usage:', program, name, synopsis, '[FLAGS]'].filter((word) => word !== '').join(' ');
  return [usage, '', summary, '', flagLines.trimEnd(), '', ...notes, ''].join('\n');
}
