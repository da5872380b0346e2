/** The directories of a case on a real file system. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Files, Step } from './directories';

/** A node's mounts. */
export class Folders {
  readonly path = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  readonly base = join(this.path, 'base');
  readonly kubeDns = join(this.path, 'kube-dns');
  readonly conf = join(this.path, 'Corefile');

  /** Make them as a step says. */
  set(step: Step): void {
    if (step.base !== undefined) fill(this.base, step.base);
    if (step.kubeDns !== undefined) fill(this.kubeDns, step.kubeDns);
  }

  /** What is at -conf. */
  corefile(): string | null {
    try {
      return readFileSync(this.conf, 'utf8');
    } catch {
      return null;
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

function fill(folder: string, files: Files | null): void {
  rmSync(folder, { recursive: true, force: true });
  if (files === null) return;
  mkdirSync(folder);
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) mkdirSync(join(folder, name));
    else writeFileSync(join(folder, name), content);
  }
}
