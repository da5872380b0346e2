import { Profiler } from '../../../image/observe/profiler';

/** Something to be seen in a profile. */
function busyForProfile(): number[][] {
  const kept: number[][] = [];
  for (const endMs = Date.now() + 150; Date.now() < endMs; ) {
    if (kept.length < 2000) kept.push(Array.from({ length: 100 }, (_, index) => index));
  }
  return kept;
}

test('a CPU profile has the functions that ran', () => {
  const profiler = new Profiler();
  profiler.start('cpu');
  busyForProfile();
  const profile = JSON.parse(profiler.stop());
  const names = profile.nodes.map((node: { callFrame: { functionName: string } }) => node.callFrame.functionName);
  expect(names).toContain('busyForProfile');
  expect(profile.samples.length).toBeGreaterThan(20);
  expect(profile.endTime - profile.startTime).toBeGreaterThan(100_000); // Microseconds.
});

test('a heap profile has what is held', () => {
  const profiler = new Profiler();
  profiler.start('heap');
  const kept = busyForProfile();
  const text = profiler.stop();
  expect(kept).toHaveLength(2000);
  expect(text).toContain('busyForProfile');
  expect(JSON.parse(text).head.callFrame.functionName).toBe('(root)');
});

test('without a begin there is no end, and a begin replaces the one before', () => {
  const profiler = new Profiler();
  expect(() => profiler.stop()).toThrow('no profile is being taken');
  profiler.start('cpu');
  profiler.start('heap');
  expect(JSON.parse(profiler.stop())).toHaveProperty('head');
  expect(() => profiler.stop()).toThrow('no profile is being taken');
});
