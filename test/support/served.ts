/** The daemon as it ships, with a Corefile of the test's, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../image/package.json';
import { Daemon } from './daemon';

export interface Served {
  readonly daemon: Daemon;
  /** End it and take its folder away. */
  stop(): Promise<void>;
}

/** Start it and wait until it answers. */
export async function serve(corefile: string): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'nodelocaldns-'));
  const path = join(folder, 'Corefile');
  writeFileSync(path, corefile);
  const daemon = new Daemon('main.js', ['-conf', path, '-metrics-listen-address', '0'], { cwd: folder });
  await daemon.says(`nodelocaldns-${version}\n`);
  return {
    daemon,
    stop: async () => {
      await daemon.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Series of a metrics page whose name begins with one of `prefixes`: `name{labels}` to value. */
export async function metrics(port: number, ...prefixes: string[]): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => prefixes.some((prefix) => line.startsWith(prefix)));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}
