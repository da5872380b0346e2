/** A node without any tool for rules: the link alone, and nothing to take away. */
import type { Firewall } from './firewall';

/** Back-end `none`. */
export class NoFirewall implements Firewall {
  readonly name = 'none';
  readonly leases = false;

  async ensure(): Promise<readonly string[]> {
    return [];
  }

  async endLease(): Promise<void> {}

  async remove(): Promise<void> {}
}
