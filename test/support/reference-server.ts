/** Starts a k8s-dns-node-cache to record what it does; no test needs it, the recorders beside recordings do. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where it is to listen. */
export interface ReferenceAddresses {
  /** Port of zones that name none. */
  readonly dnsPort: number;
  /** `HOST:PORT` of the agent's own metrics. */
  readonly metrics: string;
}

/**
 * Start it with a Corefile and wait until it serves.
 * @param binary path of k8s-dns-node-cache, which needs no privileges for this
 * @returns ends it and removes its files
 * @throws Error with what it said, when it ends first
 */
export async function startReference(
  binary: string,
  corefile: string,
  { dnsPort, metrics }: ReferenceAddresses,
): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'recorded-'));
  mkdirSync(join(folder, 'base'));
  writeFileSync(join(folder, 'base/Corefile.base'), corefile);
  const agent = ['-localip', '127.0.0.1', '-setupinterface=false', '-setupiptables=false'];
  const files = ['-basecorefile', join(folder, 'base/Corefile.base'), '-conf', join(folder, 'Corefile')];
  const ports = ['-dns.port', String(dnsPort), '-metrics-listen-address', metrics];
  const child = spawn(binary, [...agent, ...files, ...ports]);
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (/^linux\//m.test(said)) resolve();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.on('close', () => reject(new Error(said)));
  });
  return async () => {
    process.removeListener('exit', kill);
    child.removeAllListeners('close');
    await new Promise((resolve) => {
      child.on('close', resolve);
      kill();
    });
    rmSync(folder, { recursive: true });
  };
}
