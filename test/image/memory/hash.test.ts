import { NameHash } from '../../../image/memory/hash';
import { textToName } from '../../../image/wire/name-text';

const starts = new Uint8Array(128);

function hashed(hash: NameHash, text: string): { whole: number; suffixes: number[] } {
  const name = textToName(text)!;
  let labels = 0;
  for (let at = 0; name[at] !== 0; at += name[at] + 1) starts[labels++] = at;
  const whole = hash.name(name, name.length, starts, labels);
  return { whole, suffixes: [...hash.suffixes.subarray(0, labels)] };
}

test('one pass gives the hash of the name and of all its endings', () => {
  const hash = new NameHash(7);
  const text = 'web.default.svc.cluster.local.';
  const { whole, suffixes } = hashed(hash, text);
  const endings = text
    .split('.')
    .slice(0, -1)
    .map((_, index, labels) => `${labels.slice(index).join('.')}.`);
  expect(suffixes).toEqual(endings.map((ending) => hashed(hash, ending).whole));
  expect(suffixes[0]).toBe(whole);
});

test('the root is the seed, and the longest name is hashed whole', () => {
  expect(hashed(new NameHash(-5), '.').whole).toBe(-5);
  const longest = 'a.'.repeat(127);
  const hash = new NameHash(1);
  expect(hashed(hash, longest).suffixes).toHaveLength(127);
  expect(hashed(hash, longest).whole).not.toBe(hashed(hash, `b.${longest.slice(2)}`).whole);
});

test('labels are told from dots, and seeds from one another', () => {
  const hash = new NameHash(1);
  expect(hashed(hash, 'a.b.').whole).not.toBe(hashed(hash, 'a\\.b.').whole);
  expect(hashed(hash, 'a.').whole).not.toBe(hashed(new NameHash(2), 'a.').whole);
});

test('a name too long or without an end is a mistake of ours', () => {
  const hash = new NameHash(1);
  expect(() => hash.name(new Uint8Array(300), 256, starts, 1)).toThrow('assertion failed');
  expect(() => hash.name(new Uint8Array(300), 0, starts, 0)).toThrow('assertion failed');
  expect(() => hash.name(new Uint8Array(300), 255, starts, 128)).toThrow('assertion failed');
});

test('type, class and flags spread over the low bits that index a table', () => {
  const seen = new Map<number, number>();
  const { whole } = hashed(new NameHash(99), 'kubernetes.default.svc.cluster.local.');
  for (let type = 0; type < 256; type++) {
    for (const questionClass of [1, 3, 4, 255]) {
      for (let flags = 0; flags < 4; flags++) {
        const slot = NameHash.question(whole, type, questionClass, flags) & 4095;
        seen.set(slot, (seen.get(slot) ?? 0) + 1);
      }
    }
  }
  expect(Math.max(...seen.values())).toBeLessThan(10); // 4096 keys in 4096 slots: 7 is usual.
  expect(seen.size).toBeGreaterThan(2_400); // 63 % of the slots, as chance has it.
});

test('names that differ by a number spread as well', () => {
  const hash = new NameHash(4711);
  const seen = new Map<number, number>();
  for (let index = 0; index < 16_384; index++) {
    const slot = NameHash.question(hashed(hash, `svc-${index}.ns.svc.cluster.local.`).whole, 1, 1, 0) & 16_383;
    seen.set(slot, (seen.get(slot) ?? 0) + 1);
  }
  expect(Math.max(...seen.values())).toBeLessThan(11);
  expect(Math.abs(seen.size - 16_384 * (1 - Math.exp(-1)))).toBeLessThan(400);
});
