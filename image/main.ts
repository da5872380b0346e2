/** The cache of a node: flags to agent, or words to a command. The only file, with demo.ts, that ends the process. */
import { readCommandLine } from './agent/flags';
import { informationText, runAgent } from './agent/run';
import { systemWorld } from './agent/system';
import { systemCleaner } from './commands/node-cleaner';
import { commandsOf, isCommandLine, runCommand } from './commands/run';
import { systemCommandWorld } from './commands/system-world';
import { openHeapTrim, openLibc } from './kernel/ffi';
import { SPARE_LOOK_MS } from './limits';
import { formatDate } from './observe/log';
import { ownProgramRanges } from './observe/program-pages';
import { ownHeap, SpareMemory } from './observe/spare-memory';

const PROGRAM = 'node-cache'; // The name it is called by in every manifest; usage texts show it.

function runDaemon(parameters: readonly string[]): void {
  const commandLine = readCommandLine(PROGRAM, parameters);
  if (commandLine.kind === 'end') {
    const { exitCode, text } = commandLine;
    process.stderr.write(exitCode === 1 ? `${formatDate(new Date())} ${text}` : text); // The usage is no line of a log.
    process.exitCode = exitCode;
    return;
  }
  const { settings } = commandLine;
  const information = informationText(settings);
  if (information !== null) {
    process.stdout.write(information);
    return;
  }
  keepMemorySmall();
  void runAgent({ settings, world: systemWorld(__dirname), exit: (code) => process.exit(code) });
}

/** This thread's heap, malloc's, which all threads share, and the program's own pages, each time garbage was found. */
function keepMemorySmall(): void {
  const spare = new SpareMemory(ownHeap());
  const trim = openHeapTrim();
  const libc = openLibc();
  const look = (): void => {
    const collected = spare.look();
    trim();
    if (!collected) return;
    for (const { address, bytes } of ownProgramRanges()) libc.discardMemory(address, bytes);
  };
  setInterval(look, SPARE_LOOK_MS).unref();
}

const parameters = process.argv.slice(2);
const commands = commandsOf(systemCleaner);
if (isCommandLine(parameters, commands)) {
  void runCommand(PROGRAM, parameters, commands, systemCommandWorld()).then((code) => {
    process.exitCode = code;
  });
} else runDaemon(parameters);
