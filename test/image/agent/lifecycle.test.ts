/** Lists of steps: what runs, what is undone, what the exit code is. */
import { type StartStep, type StopStep, startSteps, stopSteps } from '../../../image/agent/lifecycle';

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('starting', () => {
  const events: string[] = [];
  const step = (name: string, fails = false): StartStep => ({
    name,
    reason: 'test',
    run: async () => {
      await tick();
      events.push(`run ${name}`);
      if (fails) throw new Error(`${name} failed`);
    },
    undo: async () => {
      await tick();
      events.push(`undo ${name}`);
    },
  });
  beforeEach(() => {
    events.length = 0;
  });

  test('runs one step after the other', async () => {
    expect(await startSteps([step('a'), step('b')], () => false)).toBe(true);
    expect(events).toEqual(['run a', 'run b']);
  });

  test('a step that fails is not undone itself, those before it are, last first; those after it never run', async () => {
    const steps = [
      step('a'),
      { name: 'no undo', reason: 'test', run: () => {} },
      step('b'),
      step('c', true),
      step('d'),
    ];
    await expect(startSteps(steps, () => false)).rejects.toThrow('c failed');
    expect(events).toEqual(['run a', 'run b', 'run c', 'undo b', 'undo a']);
  });
});

test('a start that is called off takes no further step and undoes nothing: the stop does', async () => {
  const events: string[] = [];
  let calledOff = false;
  const steps: StartStep[] = [
    {
      name: 'a',
      reason: 'test',
      run: () => {
        calledOff = true;
      },
      undo: () => void events.push('undo a'),
    },
    { name: 'b', reason: 'test', run: () => void events.push('run b') },
  ];
  expect(await startSteps(steps, () => calledOff)).toBe(false);
  expect(events).toEqual([]);
});

describe('stopping', () => {
  const events: string[] = [];
  const failures: string[] = [];
  const step = (name: string, exitCodeOnFailure: number, fails = false): StopStep => ({
    name,
    reason: 'test',
    exitCodeOnFailure,
    run: async () => {
      await tick();
      events.push(name);
      if (fails) throw new Error('broken');
    },
  });
  const stop = (...steps: StopStep[]): Promise<number> =>
    stopSteps(steps, ({ name }, error) => failures.push(`${name}: ${error.message}`));
  beforeEach(() => {
    events.length = 0;
    failures.length = 0;
  });

  test('all well is 0', async () => {
    expect(await stop(step('a', 3), step('b', 4))).toBe(0);
    expect(events).toEqual(['a', 'b']);
  });

  test('every step runs though others fail; the first failure gives the code', async () => {
    expect(await stop(step('a', 4, true), step('b', 3, true), step('c', 4))).toBe(4);
    expect(events).toEqual(['a', 'b', 'c']);
    expect(failures).toEqual(['a: broken', 'b: broken']);
  });
});
