/**
 * Starting and stopping as lists. A step says why it stands where it stands, so that the order can be read in one place
 * (agent.ts) and tested as data.
 */

/** Something that is done once when the process starts, and how to take it back. */
export interface StartStep {
  readonly name: string;
  /** Why here and not earlier or later. */
  readonly reason: string;
  run(): void | Promise<void>;
  /** Takes back what `run` did; called when a later step fails. Must not throw. */
  undo?(): void | Promise<void>;
}

/** Something that is done once when the process stops. */
export interface StopStep {
  readonly name: string;
  readonly reason: string;
  /** Exit code of the process when this step fails, as caddy has them: 3 for servers, 4 for callbacks. */
  readonly exitCodeOnFailure: number;
  run(): void | Promise<void>;
}

/**
 * Run the steps in order. The first that throws ends it: what the ones before did is undone, last first.
 * @param isCalledOff asked before each step: a stop that came meanwhile takes care of what was started
 * @returns false when it was called off
 * @throws what the step threw
 */
export async function startSteps(steps: readonly StartStep[], isCalledOff: () => boolean): Promise<boolean> {
  const done: StartStep[] = [];
  for (const step of steps) {
    if (isCalledOff()) return false;
    try {
      await step.run();
    } catch (error) {
      for (const earlier of done.reverse()) await earlier.undo?.();
      throw error;
    }
    done.push(step);
  }
  return !isCalledOff();
}

/**
 * Run every step in order; one that fails does not keep the others from running.
 * @param failed told of each failure
 * @returns exit code: 0, or that of the first step that failed
 */
export async function stopSteps(
  steps: readonly StopStep[],
  failed: (step: StopStep, error: Error) => void,
): Promise<number> {
  let exitCode = 0;
  for (const step of steps) {
    try {
      await step.run();
    } catch (error) {
      failed(step, error as Error);
      if (exitCode === 0) exitCode = step.exitCodeOnFailure;
    }
  }
  return exitCode;
}
