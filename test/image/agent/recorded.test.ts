/**
 * What a real k8s-dns-node-cache 1.26.8 made of 100 command lines and 100 pairs of directories (recorded/record.ts), and
 * what we make of them. What differs on purpose has a row in COMPATIBILITY.md under the same id.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigSync } from '../../../image/agent/config-sync';
import { loadCorefile } from '../../../image/agent/configuration';
import { readCommandLine, type Settings } from '../../../image/agent/flags';
import { SYSTEM_FILES } from '../../../image/agent/system';
import { machineEnvironment } from '../../../image/corefile/environment';
import { CONFIG_SYNC_MS } from '../../../image/limits';
import { FakeClock, fakeLog } from '../../support/fake-world';
import { COMMANDS, type CommandRecording, HARMLESS } from './recorded/commands';
import {
  BASE_NAME,
  DIRECTORIES,
  type DirectoryCase,
  type DirectoryRecording,
  DNS_PORT,
  sortStubDomains,
} from './recorded/directories';
import { Folders } from './recorded/folders';

function recordings<T>(name: string): T[] {
  const lines = readFileSync(join(__dirname, 'recorded', name), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

function run(parameters: readonly string[]): Settings {
  const read = readCommandLine('node-cache', parameters);
  if (read.kind === 'end') throw new Error(read.text);
  return read.settings;
}

/** Accepted here and not there, or the other way round, on purpose. Ids of COMPATIBILITY.md. */
const COMMAND_DIFFERENCES: Readonly<Record<string, string>> = {
  '': 'localip-optional',
  '-localip 127.0.0.1,::1': 'localip-both-families',
  '-localip ::1,127.0.0.1': 'localip-both-families',
  '-localip=127.0.0.1 -syncinterval=60': 'syncinterval-seconds',
  '-localip=127.0.0.1 -dns.port=0': 'port-range',
  '-localip=127.0.0.1 -dns.port=-1': 'port-range',
  '-localip=127.0.0.1 -dns.port=65536': 'port-range',
  '-localip=127.0.0.1 -health-port=0': 'port-range',
  '-localip=127.0.0.1 -health-port=99999': 'port-range',
};

describe('command lines', () => {
  const RECORDINGS = recordings<CommandRecording>('commands.jsonl');

  test('every one is recorded, and every difference is one of them', () => {
    expect(RECORDINGS.map(({ parameters }) => parameters)).toEqual(COMMANDS);
    const lines = COMMANDS.map((parameters) => parameters.join(' '));
    expect(Object.keys(COMMAND_DIFFERENCES).filter((line) => !lines.includes(line))).toEqual([]);
  });

  /** What we say, in the form of a recording; a refusal only as long as theirs: we add what to do. */
  function ours(parameters: readonly string[], theirs: string): Omit<CommandRecording, 'parameters'> {
    const read = readCommandLine('node-cache', [...HARMLESS, ...parameters]);
    if (read.kind === 'end') return { exitCode: read.exitCode, says: read.text.slice(0, theirs.length) };
    const { conf, pidfile } = read.settings;
    return { exitCode: null, says: `[INFO] Using Corefile ${conf}\n[INFO] Using Pidfile ${pidfile}` };
  }

  test.each(RECORDINGS.map((recording) => [recording.parameters.join(' '), recording] as const))(
    '"%s"',
    (line, { parameters, exitCode, says }) => {
      const known = COMMAND_DIFFERENCES[line];
      const { exitCode: ourCode, says: ourText } = ours(parameters, says);
      if (known === undefined) expect([ourCode, ourText]).toEqual([exitCode, says]);
      else expect(ourCode === null).not.toBe(exitCode === null); // A stale difference fails.
    },
  );
});

test('every difference has its row in COMPATIBILITY.md', () => {
  const file = readFileSync(join(__dirname, '../../../COMPATIBILITY.md'), 'utf8');
  const rows = new Set([...file.matchAll(/^\| _([a-z-]+)_ \|/gm)].map(([, id]) => id));
  const used = [
    ...Object.values(COMMAND_DIFFERENCES),
    ...DIRECTORIES.flatMap(({ difference }) => difference?.id ?? []),
  ];
  expect(used.filter((id) => !rows.has(id))).toEqual([]);
});

/** Live as the case says. */
async function live(lived: DirectoryCase): Promise<Omit<DirectoryRecording, 'title'>> {
  const folders = new Folders();
  folders.set(lived.steps[0]);
  const settings = run([
    ...HARMLESS,
    `-localip=${lived.localIps ?? '127.0.0.1'}`,
    `-dns.port=${DNS_PORT}`,
    `-basecorefile=${join(folders.base, BASE_NAME)}`,
    `-kubednscm=${lived.steps[0].kubeDns === undefined ? '' : folders.kubeDns}`,
    `-conf=${folders.conf}`,
    '-upstreamsvc=upstream-dns',
  ]);
  const clock = new FakeClock();
  const log = fakeLog();
  const real = machineEnvironment(() => {});
  const readFile = (path: string): string =>
    path === '/etc/resolv.conf' ? 'nameserver 192.0.2.53\n' : real.readFile(path);
  const sync = new ConfigSync(settings, {
    environment: { UPSTREAM_DNS_SERVICE_HOST: lived.clusterDns ?? '10.96.0.10' },
    files: SYSTEM_FILES,
    clock,
    log: log.log,
    processId: 1,
    signalReload: () => {},
    check: (corefile) => void loadCorefile(corefile, settings.dnsPort, { ...real, readFile }),
    countSetupError: () => {},
    countFailedReload: () => {},
  });
  const corefiles: (string | null)[] = [];
  const complains: boolean[] = [];
  for (const [number, step] of lived.steps.entries()) {
    if (number > 0) folders.set(step);
    if (number > 0) await clock.pass(CONFIG_SYNC_MS);
    else start(sync);
    const corefile = folders.corefile();
    corefiles.push(corefile === null ? null : sortStubDomains(corefile));
    complains.push(log.early.splice(0).some((line) => line.includes(' [ERROR] ')));
  }
  folders.remove();
  return { corefiles, complains };
}

function start(sync: ConfigSync): void {
  try {
    sync.first();
  } catch {
    // The cluster's DNS address is unknown: the start ends here.
  }
  sync.watch();
}

describe('directories', () => {
  const RECORDINGS = recordings<DirectoryRecording>('directories.jsonl');

  test('every case is recorded, and each has a title of its own', () => {
    expect(RECORDINGS.map(({ title }) => title)).toEqual(DIRECTORIES.map(({ title }) => title));
    expect(new Set(RECORDINGS.map(({ title }) => title)).size).toBe(RECORDINGS.length);
  });

  test.each(DIRECTORIES.map((lived, index) => [lived.title, lived, RECORDINGS[index]] as const))(
    '%s',
    async (_, lived, { corefiles, complains }) => {
      const ours = await live(lived);
      if (lived.difference === undefined) {
        expect(ours).toEqual({ corefiles, complains });
        return;
      }
      expect(ours.corefiles.slice(0, -1)).toEqual(corefiles.slice(0, -1));
      expect(ours.corefiles.at(-1)).toBe(lived.difference.corefile);
      expect(lived.difference.corefile).not.toBe(corefiles.at(-1)); // A stale difference fails.
    },
  );
});
