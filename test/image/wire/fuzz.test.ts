import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fuzzWire } from '../../fuzz/wire';
import { checkPacket } from '../../fuzz/wire-check';

const CORPUS = path.join(__dirname, '../../fuzz/corpus');
const FILES = readdirSync(CORPUS).filter((file) => file.startsWith('wire-'));

test.each(FILES)('%s is handled', (file) => {
  const lines = readFileSync(path.join(CORPUS, file), 'latin1').split('\n');
  const bytes = Uint8Array.from(Buffer.from(lines.filter((line) => !line.startsWith('#')).join(''), 'hex'));
  expect(bytes.length).toBeGreaterThan(0);
  for (const limit of [12, 40, 61, 512, 65535]) {
    expect(
      checkPacket(bytes, bytes.length, limit, true, { verdicts: [0, 0, 0, 0, 0, 0], walked: 0, decoded: 0 }),
    ).toBeUndefined();
  }
});

test('40 000 spoiled packets get everywhere and do no harm', () => {
  const report = fuzzWire(40_000, 1);
  expect(report.failures).toEqual([]);
  for (const count of [...report.verdicts, report.walked, report.decoded]) expect(count).toBeGreaterThan(10);
});

test('a seed gives the same packets again', () => {
  const { seconds: _, ...first } = fuzzWire(2_000, 42);
  expect(fuzzWire(2_000, 42)).toMatchObject(first);
  expect(fuzzWire(2_000, 43).verdicts).not.toEqual(first.verdicts);
});
