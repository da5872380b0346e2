/**
 * A TypeScript file as it ships: bundled by esbuild, then loaded. Benchmarks and fuzzers want this, because a module on
 * its own reads each import through a getter: readQuery takes 400 ns that way and 79 ns bundled.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

/**
 * Bundle and load a file.
 * @param file absolute path; the type parameter says what it exports
 */
export function loadBundled<Exports>(file: string): Exports {
  const folder = mkdtempSync(path.join(tmpdir(), 'bundled-'));
  const outfile = path.join(folder, 'bundle.js');
  try {
    buildSync({ entryPoints: [file], bundle: true, platform: 'node', target: 'node20', outfile, external: ['koffi'] });
    return require(outfile) as Exports;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
