/** `npm run prepack`, which `npm pack` and `npm publish` run by themselves: lib/ as the npm package has it, in dist/. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { FIELDS } from '../values';
import { leafTypes } from './leaf-types';
import { userValuesFile } from './user-values';

const ROOT = path.join(__dirname, '../..');
const DIST = path.join(ROOT, 'dist');
/** What the compiler makes of `UserValues`, and what stands there in the package. */
const INFERRED = 'export type UserValues = Partially<Values>;';
const WRITTEN = "import type { UserValues } from './user-values';\nexport type { UserValues };";

/**
 * Compile, and write the types that the compiler does not.
 * @throws Error when lib/ does not compile, or `UserValues` is declared in other words than INFERRED
 */
function build(): void {
  fs.rmSync(DIST, { recursive: true, force: true });
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  // Its complaints are no part of what npm prints.
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  const values = path.join(DIST, 'values.d.ts');
  const text = fs.readFileSync(values, 'utf8');
  if (!text.includes(INFERRED))
    throw new Error(`${values} has no '${INFERRED}': say in lib/package/main.ts what it has`);
  fs.writeFileSync(path.join(DIST, 'user-values.d.ts'), userValuesFile(FIELDS, leafTypes(values)));
  fs.writeFileSync(values, text.replace(INFERRED, WRITTEN));
}

build();
