/**
 * Asks a real server for its verdict on every case: `npx tsx test/image/corefile/recorded/record.ts --binary PATH
 * [--binary-more PATH]`. The second is one with the directives of MORE. What it says goes to said.json.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { caseOf, DNS_PORT, type Recording, sortedBanner, titleOf, type Verdict, type Written } from './case';
import { TOPICS } from './topics';

const METRICS_ADDRESS = '127.0.0.1:24501';
const WAIT_MS = 5000;
/** A panic may follow the banner. */
const PANIC_MS = 20;

function place(folder: string, path: string, content: string): void {
  const full = join(folder, path);
  mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
  if (!path.endsWith('/')) writeFileSync(full, content);
}

/** Run until it has printed its version, ended, or taken too long. */
function run(binary: string, folder: string, variables: Readonly<Record<string, string>>): Promise<[string, string]> {
  return new Promise((resolve) => {
    const agent = ['-localip', '127.0.0.1', '-setupinterface=false', '-setupiptables=false'];
    const files = ['-basecorefile', join(folder, 'base/Corefile.base'), '-conf', join(folder, 'Corefile')];
    const ports = ['-dns.port', String(DNS_PORT), '-metrics-listen-address', METRICS_ADDRESS];
    const child = spawn(binary, [...agent, ...files, ...ports], { cwd: folder, env: variables });
    let stdout = '';
    let stderr = '';
    const stop = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (/^linux\//m.test(stdout)) setTimeout(() => child.kill('SIGKILL'), PANIC_MS);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', () => {
      clearTimeout(stop);
      resolve([stdout, stderr]);
    });
  });
}

/** Lines before a start or a refusal that are written on every start, or tell of the network. */
const SKIPPED =
  /^(maxprocs: .*|\[ERROR\] plugin\/dnstap: No connection .*|\[INFO\] .*|.*Skipping kube-dns configmap sync.*)\n/gm;

function verdictOf(stdout: string, stderr: string, folder: string): Verdict {
  const named = (value: string) => value.replaceAll(folder, 'FOLDER');
  const panic = /^panic: .*/m.exec(stderr);
  if (panic) return { accepted: false, says: panic[0] };
  const version = stdout.search(/^CoreDNS-/m);
  if (version >= 0) return { accepted: true, says: sortedBanner(named(stdout.slice(0, version).replace(SKIPPED, ''))) };
  const last = stderr.lastIndexOf('Skipping kube-dns configmap sync');
  const message = last < 0 ? stderr : stderr.slice(stderr.indexOf('\n', last) + 1);
  return { accepted: false, says: named(message.replace(/\n$/, '')) };
}

async function record(written: Written, binary: string): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  const { corefile, files = {}, variables = {} } = caseOf(written);
  const filled = (value: string) => value.replaceAll('FOLDER', folder);
  for (const [path, content] of Object.entries(files)) place(folder, path, filled(content));
  place(folder, 'base/Corefile.base', filled(corefile));
  const [stdout, stderr] = await run(binary, folder, variables);
  rmSync(folder, { recursive: true });
  return { title: titleOf(written), ...verdictOf(stdout, stderr, folder) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { binary: { type: 'string' }, 'binary-more': { type: 'string' } } });
  const { binary, 'binary-more': more = binary } = values;
  if (binary === undefined || more === undefined) throw new Error('--binary PATH is missing');
  const said: Record<string, Recording[]> = {};
  for (const [topic, written] of Object.entries(TOPICS)) {
    said[topic] = [];
    for (const one of written) said[topic].push(await record(one, topic === 'more' ? more : binary));
    process.stdout.write(`${topic}: ${said[topic].length}\n`);
  }
  writeFileSync(join(__dirname, 'said.json'), `${JSON.stringify(said, null, 2)}\n`);
}

void main();
