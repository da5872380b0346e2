/** The cache of a node: flags to agent. The only file, with demo.ts, that ends the process. */
import { readCommandLine } from './agent/flags';
import { informationText, runAgent } from './agent/run';
import { systemWorld } from './agent/system';
import { formatDate } from './observe/log';

const PROGRAM = 'node-cache'; // The name it is called by in every manifest; usage texts show it.

const commandLine = readCommandLine(PROGRAM, process.argv.slice(2));
if (commandLine.kind === 'end') {
  const { exitCode, text } = commandLine;
  process.stderr.write(exitCode === 1 ? `${formatDate(new Date())} ${text}` : text); // The usage is no line of a log.
  process.exitCode = exitCode;
} else {
  const { settings } = commandLine;
  const information = informationText(settings);
  if (information === null)
    void runAgent({ settings, world: systemWorld(__dirname), exit: (code) => process.exit(code) });
  else process.stdout.write(information);
}
