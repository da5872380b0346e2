/** `header { query|response set|clear FLAG… }` */
import type { Controller, Draft } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { FLAG_AA, FLAG_RA, FLAG_RD } from '../../wire/header';

/** What becomes of the flags of a header: `flags & ~clear | set`. Of contrary rules the last has won already. */
export interface FlagChange {
  readonly set: number;
  readonly clear: number;
}

/** What `header` says. */
export interface HeaderOptions {
  readonly query: FlagChange;
  readonly response: FlagChange;
}

const FLAGS: Readonly<Record<string, number>> = { aa: FLAG_AA, ra: FLAG_RA, rd: FLAG_RD };

function refuse(cause: string): CorefileError {
  return new CorefileError(text.headerRule(cause));
}

function apply(change: Draft<FlagChange>, action: string, names: readonly string[]): void {
  if (action === '') throw refuse(text.headerActionNothing);
  if (names.length === 0) throw refuse(text.headerFlagsNothing);
  if (action !== 'set' && action !== 'clear') throw refuse(text.headerAction(action));
  for (const name of names) {
    const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (flag === undefined) throw refuse(text.headerFlag(name));
    change.set = action === 'set' ? change.set | flag : change.set & ~flag;
    change.clear = action === 'clear' ? change.clear | flag : change.clear & ~flag;
  }
}

/**
 * Reads `header`; of several the first with a rule counts.
 * @throws CorefileError
 * @source coredns plugin/header/setup.go at v1.13.2
 */
export function setup(controller: Controller): HeaderOptions {
  while (controller.next()) {
    const changes = { query: { set: 0, clear: 0 }, response: { set: 0, clear: 0 } };
    let rules = 0;
    while (controller.nextBlock()) {
      const selector = controller.value.toLowerCase();
      if (selector !== 'query' && selector !== 'response') throw refuse(text.headerSelector(selector));
      const action = controller.nextArgument() ? controller.value.toLowerCase() : '';
      const names = controller.remainingArguments().map((name) => name.toLowerCase());
      apply(changes[selector], action, names);
      rules++;
    }
    if (rules > 0) return changes;
  }
  throw controller.argumentError();
}
