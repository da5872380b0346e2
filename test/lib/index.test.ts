/** What somebody who imports the package can build with. The package itself: package/main.test.ts. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as library from '../../lib';

const LIB = path.join(__dirname, '../../lib');

/** Hooks of Helm: without it they would run as soon as they are applied, the clean-up too. */
const HELM_ONLY = ['CacheTest', 'CleanupDaemonSet', 'CleanupJob'];

test('every construct is exported, Helm’s hooks aside', () => {
  const sources = fs
    .readdirSync(LIB, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^(?!helm\/).*\.ts$/.test(file));
  const text = sources.map((file) => fs.readFileSync(path.join(LIB, file), 'utf8')).join('\n');
  const constructs = [...text.matchAll(/^export class (\w+) extends Construct /gm)].map(([, name]) => name);
  expect(constructs.length).toBeGreaterThan(10);
  expect(constructs.filter((name) => !(name in library)).sort()).toEqual(HELM_ONLY);
});
