/**
 * `npm run bench [-- NAME…] [--rounds N] [--seconds N] [--port N] [--dnssec-ok] [--json FILE]`
 *
 * hits, misses: servers side by side under load (Debian packages dnsperf and unbound; NODE_CACHE_BIN adds the Go agent).
 * resident: memory of a cache with four blocks, at rest and full. wire, memory: nanoseconds per operation of the rooms that
 * run per packet. Without a name all of them run. The tables go to standard output, progress to standard error.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { chooseCores, machineLine } from './machine';
import { benchMemory } from './memory';
import { benchHits, benchMisses, missingForLoad, type Section } from './queries';
import { benchResident } from './resident';
import type { Settings } from './rounds';
import { buildOurs, type UpstreamKind } from './servers';
import { benchWire } from './wire';

type Timings = readonly { readonly name: string; readonly bestNs: number; readonly medianNs: number }[];

/** A room's operations, as a table. */
async function room(name: string, bench: (write: (line: string) => void) => Timings): Promise<Section> {
  const lines: string[] = [];
  const records = bench((line) => lines.push(line));
  return { name, markdown: ['```', ...lines, '```'].join('\n'), records };
}

interface Bench {
  run(settings: Settings): Promise<Section>;
  /** What it cannot do without; undefined when all is here. */
  missing?(kind: UpstreamKind): string | undefined;
}

/** Benches by name, in the order they run. */
const BENCHES: Readonly<Record<string, Bench>> = {
  hits: { run: benchHits, missing: missingForLoad },
  misses: { run: benchMisses, missing: missingForLoad },
  resident: { run: benchResident, missing: () => missingForLoad('c') },
  wire: { run: () => room('wire', benchWire) },
  memory: { run: () => room('memory', benchMemory) },
};

interface Options {
  readonly names: readonly string[];
  readonly json: string | undefined;
  readonly settings: Omit<Settings, 'folder'>;
}

/** @throws Error with the usage when the command line is not right */
function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      port: { type: 'string', default: '22000' },
      'dnssec-ok': { type: 'boolean', default: false },
      upstream: { type: 'string', default: 'c' },
      json: { type: 'string' },
    },
  });
  const number = (name: 'rounds' | 'seconds' | 'port', most: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new Error(`--${name} is '${values[name]}', want a whole number from 1 to ${most}`);
    }
    return value;
  };
  const { upstream } = values;
  if (upstream !== 'c' && upstream !== 'unbound') throw new Error(`--upstream is '${upstream}', want c or unbound`);
  const unknown = positionals.find((name) => !Object.hasOwn(BENCHES, name));
  if (unknown !== undefined) throw new Error(`no bench '${unknown}', want some of ${Object.keys(BENCHES).join(', ')}`);
  return {
    names: Object.keys(BENCHES).filter((name) => positionals.length === 0 || positionals.includes(name)),
    json: values.json,
    settings: {
      rounds: number('rounds', 100),
      seconds: number('seconds', 600),
      port: number('port', 65_000),
      dnssecOk: values['dnssec-ok'],
      upstream,
      cores: chooseCores(),
      say: (line) => process.stderr.write(`${line}\n`),
    },
  };
}

async function main(): Promise<void> {
  const { names, json, settings } = readOptions();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true })); // Also after Ctrl-C.
  const machine = machineLine(settings.cores);
  const sections: Section[] = [];
  buildOurs();
  for (const name of names) {
    const missing = BENCHES[name].missing?.(settings.upstream);
    if (missing !== undefined) {
      settings.say(`left out: ${name}; to enable: ${missing}`);
      continue;
    }
    const section = await BENCHES[name].run({ ...settings, folder });
    sections.push(section);
    process.stdout.write(`${section.markdown}\n\n`);
  }
  if (sections.length === 0) throw new Error('nothing was measured');
  process.stdout.write(`Machine: ${machine}.\n`);
  if (json !== undefined) {
    const records = sections.map(({ name, records }) => ({ name, records }));
    writeFileSync(json, `${JSON.stringify({ machine, sections: records }, null, 2)}\n`);
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
