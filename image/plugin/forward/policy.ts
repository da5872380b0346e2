/** In which order upstreams are tried. @source coredns plugin/forward/policy.go */
import type { Random } from '../../kernel/random';
import type { Policy } from './setup';

/** Fills a list with upstream indexes, the one to try first in front. */
export class Order {
  private readonly policy: Policy;
  private readonly count: number;
  private readonly random: Random;
  private turn = 0;

  /** @param count upstreams, at least one */
  constructor(policy: Policy, count: number, random: Random) {
    this.policy = policy;
    this.count = count;
    this.random = random;
  }

  /** Write the order for one question into `list`. */
  fill(list: number[]): void {
    list.length = 0;
    for (let index = 0; index < this.count; index++) list.push(index);
    if (this.policy === 'random') this.shuffle(list);
    if (this.policy === 'round_robin') this.rotate(list);
  }

  /** Fisher–Yates. */
  private shuffle(list: number[]): void {
    for (let last = list.length - 1; last > 0; last--) {
      const other = this.random.below(last + 1);
      [list[last], list[other]] = [list[other], list[last]];
    }
  }

  /** The next in turn first, the others as they are in the file; as in CoreDNS, the second of the file begins. */
  private rotate(list: number[]): void {
    this.turn = (this.turn + 1) % this.count;
    list.splice(this.turn, 1);
    list.unshift(this.turn);
  }
}
