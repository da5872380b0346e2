/**
 * How many questions a full cache answers: the table as it is (SIEVE) beside random eviction, which CoreDNS has, and LRU.
 * Questions follow Zipf's law, as names asked by programs do; no answer expires. Loaded bundled: see memory.ts.
 */
import { Arena } from '../../image/kernel/arena';
import { CACHE_ENTRY_BYTES_MAX } from '../../image/limits';
import { Answer, Question, SUCCESS, Table } from '../../image/memory/table';
import { Random } from '../fuzz/random';

/** Hit ratios, 0 to 1, of one workload. */
export interface HitRatios {
  readonly workload: string;
  readonly sieve: number;
  readonly random: number;
  readonly lru: number;
}

const NAMES = 50_000;
const QUESTIONS = 400_000;
/** The first ones only fill the cache. */
const WARM_UP = 100_000;

/** Octets behind the question in the answer of a service's name, and how many names have a large one. */
const SMALL_BYTES = 16;
const LARGE_EVERY = 100;

/** A cache by the number of the name. @returns whether it was a hit; afterwards it is there */
type Ask = (name: number) => boolean;

/** @param largeBytes octets of every LARGE_EVERY-th name's answer; those of others are a service's */
function sieve(capacity: number, largeBytes: number): Ask {
  const table = new Table(new Arena(0, new ArrayBuffer(Table.bytes(capacity, 1))), 0, capacity, 1, true);
  const question = new Question();
  const answer = new Answer();
  Object.assign(answer, { kind: SUCCESS, bytes: new Uint8Array(1 << 16) });
  question.nameBytes = 4;
  return (name) => {
    question.hash = Math.imul(name + 1, 0x9e3779b1);
    question.hash ^= question.hash >>> 15;
    for (let index = 0; index < 4; index++) question.name[index] = name >>> (8 * index);
    const entry = table.find(question);
    if (entry >= 0) table.visit(entry);
    else {
      answer.bodyBytes = name % LARGE_EVERY === LARGE_EVERY - 1 ? largeBytes : SMALL_BYTES;
      table.store(question, answer);
    }
    return entry >= 0;
  };
}

function randomEviction(capacity: number, random: Random): Ask {
  const places: number[] = [];
  const held = new Set<number>();
  return (name) => {
    if (held.has(name)) return true;
    const place = places.length < capacity ? places.length : random.below(capacity);
    held.delete(places[place]);
    places[place] = name;
    held.add(name);
    return false;
  };
}

function lru(capacity: number): Ask {
  const held = new Set<number>(); // In the order of use.
  return (name) => {
    const isHit = held.delete(name);
    held.add(name);
    if (held.size > capacity) held.delete(held.values().next().value!);
    return isHit;
  };
}

/** Names in the order they are asked, the k-th as often as k to the power of `-exponent`. */
function trace(exponent: number, random: Random): Uint32Array {
  const sums = new Float64Array(NAMES);
  let sum = 0;
  for (let name = 0; name < NAMES; name++) {
    sum += (name + 1) ** -exponent;
    sums[name] = sum;
  }
  return Uint32Array.from({ length: QUESTIONS }, () => {
    const wanted = (random.next() / 2 ** 32) * sum;
    let [low, high] = [0, NAMES - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

function ratio(ask: Ask, names: Uint32Array): number {
  let hits = 0;
  for (let index = 0; index < names.length; index++) if (ask(names[index]) && index >= WARM_UP) hits++;
  return hits / (names.length - WARM_UP);
}

/** A scan in between: every fourth question is one that nobody repeats, as random names below a zone are. */
function withScan(names: Uint32Array): Uint32Array {
  return names.map((name, index) => (index % 4 === 0 ? NAMES + index : name));
}

/** Ask each workload of each cache. The same seed gives the same traces. */
export function hitRatios(seed = 1): HitRatios[] {
  const all: HitRatios[] = [];
  for (const exponent of [0.8, 1.0]) {
    for (const share of [0.02, 0.2]) {
      for (const scans of [false, true]) {
        const random = new Random(seed);
        const plain = trace(exponent, random);
        const names = scans ? withScan(plain) : plain;
        const capacity = NAMES * share;
        all.push({
          workload: `Zipf ${exponent.toFixed(1)}, room for ${share * 100} %${scans ? ', scanned' : ''}`,
          sieve: ratio(sieve(capacity, SMALL_BYTES), names),
          random: ratio(randomEviction(capacity, random), names),
          lru: ratio(lru(capacity), names),
        });
      }
    }
  }
  all.push(withLarge(seed));
  return all;
}

/** Every hundredth answer is as large as an entry may be. The others do not look at sizes. */
function withLarge(seed: number): HitRatios {
  const random = new Random(seed);
  const names = trace(1.0, random);
  const capacity = NAMES * 0.2;
  return {
    workload: `Zipf 1.0, room for 20 %, 1 % of ${CACHE_ENTRY_BYTES_MAX >> 10} KiB`,
    sieve: ratio(sieve(capacity, CACHE_ENTRY_BYTES_MAX - 16), names),
    random: ratio(randomEviction(capacity, random), names),
    lru: ratio(lru(capacity), names),
  };
}
