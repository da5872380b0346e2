/** busybox as its image has it, made of the machine's own: no registry of images is asked. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Cluster } from './cluster';

const MACHINES = '/bin/busybox';

/** Bring it to the nodes. @param name with the registry, as nodes complete it */
export function loadBusybox(cluster: Cluster, name: string): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'busybox-'));
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  copyFileSync(MACHINES, path.join(bin, 'busybox'));
  const applets = execFileSync(MACHINES, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const applet of applets.filter((one) => one !== 'busybox')) symlinkSync('busybox', path.join(bin, applet));
  writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY bin /bin\nENV PATH=/bin\nCMD ["sh"]\n');
  cluster.build(path.join(folder, 'Dockerfile'), folder, name);
  rmSync(folder, { recursive: true });
}
