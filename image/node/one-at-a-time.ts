/** Changes of rules one after the other: two programs that write at once would each undo the other's. */
export class OneAtATime {
  private last: Promise<unknown> = Promise.resolve();
  private waiting: { action: () => Promise<unknown>; result: Promise<unknown> } | null = null;

  /** After all that was asked for before. */
  next<Result>(action: () => Promise<Result>): Promise<Result> {
    this.waiting = null;
    const result = this.last.then(action);
    this.last = result.catch(() => {});
    return result;
  }

  /** The same, for what replaces its forerunner: of many that wait at once the last is done, and all get its result. */
  latest<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.waiting !== null) {
      this.waiting.action = action;
      return this.waiting.result as Promise<Result>;
    }
    const turn = { action: action as () => Promise<unknown>, result: Promise.resolve() as Promise<unknown> };
    const result = this.next(() => {
      if (this.waiting === turn) this.waiting = null;
      return turn.action();
    });
    turn.result = result;
    this.waiting = turn;
    return result as Promise<Result>;
  }
}
