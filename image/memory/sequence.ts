/**
 * How threads share an entry without waiting (a sequence lock).
 *
 *   writer (holds the table's writer word)      reader (any thread, never waits)
 *   beginWrite: sequence becomes even           s = readBegin: even? then it is a miss
 *   … change the entry and its chunks …         … copy what is needed …
 *   endWrite:   sequence becomes odd again      readAgain(s)? the copy is whole : it is a miss
 *
 * Why no reader can take half for whole: every change of an entry or of a chunk it owns lies between two changes of its
 * sequence, and a chunk passes to another entry only after its first owner's sequence has changed. A reader that raced
 * sees another number and drops its copy. What it read meanwhile may be nonsense, so it must bound every index it uses.
 */

/** On arm64 a plain load may be satisfied after a later Atomics.load; a read-modify-write keeps it before. x86-64 never does that. */
const LOADS_OVERTAKE = process.arch !== 'x64';

/** Writer: nobody may read this entry from now on. */
export function beginWrite(words: Int32Array, sequenceWord: number): void {
  Atomics.add(words, sequenceWord, 1);
  // arm64 may show a later plain store before the store of the addition; nothing passes the load of a second one.
  if (LOADS_OVERTAKE) Atomics.add(words, sequenceWord, 0);
}

/** Writer: the entry is whole again. */
export function endWrite(words: Int32Array, sequenceWord: number): void {
  Atomics.add(words, sequenceWord, 1);
}

/** Reader: the number to compare with later; even means "do not read". */
export function readBegin(words: Int32Array, sequenceWord: number): number {
  return Atomics.load(words, sequenceWord);
}

/** Reader: is what was read since {@link readBegin} one whole state? */
export function readAgain(words: Int32Array, sequenceWord: number, begun: number): boolean {
  const now = LOADS_OVERTAKE ? Atomics.add(words, sequenceWord, 0) : Atomics.load(words, sequenceWord);
  return now === begun;
}

/** Try to become the only writer. Never waits: who fails skips the write. */
export function tryWriter(words: Int32Array, word: number): boolean {
  return Atomics.compareExchange(words, word, 0, 1) === 0;
}

/** Let the next writer in. */
export function releaseWriter(words: Int32Array, word: number): void {
  Atomics.store(words, word, 0);
}
