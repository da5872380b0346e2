/** Taking things away goes on past a failure: a rule that resists must not keep all others on the node. */
import { FirewallError } from './firewall';

/** Steps of one removal. */
export class Removal {
  private readonly errors: FirewallError[] = [];

  /** @returns what the action did; undefined when it failed, which {@link end} says */
  async step<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof FirewallError)) throw error;
      this.errors.push(error);
      return undefined;
    }
  }

  /** @throws FirewallError with what each failed step said, each text once, and the kind of the first */
  end(): void {
    const [first] = this.errors;
    if (first === undefined) return;
    const texts = new Set(this.errors.map(({ message }) => message));
    throw new FirewallError([...texts].join('; '), first.kind);
  }
}
