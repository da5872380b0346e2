#!/usr/bin/env node
/** `npx nodelocaldns COMMAND`: what the package does without a line of one's own code. */
import { manifestsCommand } from './chart/manifests';
import { migrateCommand } from './migrate/migrate';

const COMMANDS: Readonly<Record<string, (parameters: string[]) => string>> = {
  manifests: manifestsCommand,
  migrate: migrateCommand,
};

const USAGE = `Usage: nodelocaldns COMMAND

  manifests [-f values.yaml]… [-n namespace]   all objects as YAML, for kubectl apply -f -
  migrate [--from CHART] FILE…                 values.yaml from objects of a node-cache, or values of another chart
`;

const [name = '', ...parameters] = process.argv.slice(2);
try {
  if (Object.hasOwn(COMMANDS, name)) process.stdout.write(COMMANDS[name](parameters));
  else if (['help', '-h', '--help'].includes(name)) process.stdout.write(USAGE);
  else throw new Error(`No command '${name}'\n${USAGE}`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
