/**
 * `npm run record -- --binary PATH [--arguments='WORDS'] [--foreign] [--into FOLDER] [--port N] [--stages N] [SCENARIO…]`
 *
 * Plays scenarios, all or those named, in front of a program that reads Corefiles, and writes what it did beside each. Every
 * scenario is played twice, so that what is by chance shows. See README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Played, play } from './play';
import { PORTS_PER_STAGE, type Program, RealStage } from './real-stage';
import { merge, writeRecording } from './recording';
import { loadScenario, type Scenario, scenarioFile, scenarioPaths } from './scenario';

const USAGE =
  "npm run record -- --binary PATH [--arguments='-conf {corefile}'] [--foreign] [--into FOLDER] [--port N] [--stages N] [SCENARIO…]";

async function playOnce(scenario: Scenario, program: Program): Promise<{ server: string; played: Played[] }> {
  const stage = new RealStage(scenario, program);
  try {
    await stage.start(scenario);
    return { server: stage.server, played: await play(scenario, stage) };
  } finally {
    await stage.close();
  }
}

async function record(scenario: Scenario, program: Program, into: string | undefined): Promise<string> {
  const first = await playOnce(scenario, program);
  const second = await playOnce(scenario, program);
  const steps = merge(first.played, second.played);
  const file = into === undefined ? scenarioFile(scenario.path, 'recorded') : join(into, `${scenario.path}.recorded`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, writeRecording(first.server, steps));
  const unstable = steps.filter((step) => step.unstable.length > 0).length;
  return `${scenario.path}: ${steps.length} steps${unstable === 0 ? '' : `, ${unstable} by chance`}`;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      binary: { type: 'string' },
      arguments: { type: 'string', default: '-conf {corefile}' },
      foreign: { type: 'boolean', default: false },
      into: { type: 'string' },
      port: { type: 'string', default: '21000' },
      stages: { type: 'string', default: '4' },
    },
  });
  const { binary, foreign, into } = values;
  if (binary === undefined) throw new Error(`which program? ${USAGE}`);
  const parameters = values.arguments.split(/\s+/);
  const named = (path: string): boolean => positionals.length === 0 || positionals.some((one) => path.startsWith(one));
  const queue = scenarioPaths()
    .filter(named)
    .map(loadScenario)
    .filter(({ isForeign }) => isForeign === foreign);
  let failures = 0;
  const work = async (stage: number): Promise<void> => {
    const firstPort = Number(values.port) + stage * PORTS_PER_STAGE;
    for (let scenario = queue.shift(); scenario !== undefined; scenario = queue.shift()) {
      try {
        console.log(await record(scenario, { binary, parameters, firstPort }, into));
      } catch (error) {
        failures++;
        console.error(`${scenario.path}: ${(error as Error).message}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Number(values.stages) }, (_, stage) => work(stage)));
  return failures;
}

main().then(
  (failures) => process.exit(failures === 0 ? 0 : 1),
  (error: Error) => {
    console.error(error.message);
    process.exit(2);
  },
);
