/** A short run of the fuzzer that `npm run fuzz -- corefile` runs for long, and what it has found. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkCorefile, fuzzCorefile, seedCorefiles } from '../../fuzz/corefile';

const CORPUS = join(__dirname, '../../fuzz/corpus');
const FILES = readdirSync(CORPUS).filter((file) => file.startsWith('corefile-'));

test.each(FILES)('%s is handled', (file) => {
  const lines = readFileSync(join(CORPUS, file), 'latin1').split('\n');
  const corefile = Buffer.from(lines.filter((line) => !line.startsWith('#')).join(''), 'hex').toString();
  expect(corefile).not.toBe('');
  expect(checkCorefile(corefile, true).reason).toBeUndefined();
});

test('30,000 spoiled Corefiles are refused or accepted, soon, and nothing else', () => {
  const report = fuzzCorefile(30_000, 20261121);
  expect(report.failures.map(({ reason, hex }) => [reason, Buffer.from(hex, 'hex').toString()])).toEqual([]);
  expect(report.accepted).toBeGreaterThan(1_500); // Both ways are taken often, or the files are too thin.
  expect(report.accepted).toBeLessThan(15_000);
  expect(report.started).toBeGreaterThan(20);
}, 60_000);

test('every seed does no harm as it is', () => {
  const reasons = seedCorefiles().map((corefile) => checkCorefile(corefile, false).reason);
  expect(reasons.filter((reason) => reason !== undefined)).toEqual([]);
});

test('a seed gives the same files again', () => {
  const counts = ({ packets, accepted, started }: ReturnType<typeof fuzzCorefile>) => [packets, accepted, started];
  expect(counts(fuzzCorefile(1_000, 42))).toEqual(counts(fuzzCorefile(1_000, 42)));
  expect(counts(fuzzCorefile(1_000, 43))).not.toEqual(counts(fuzzCorefile(1_000, 42)));
});
