/** Leases as ipsets, for iptables: elements that expire, which rules look up and renew. */
import { LEASES_MAX } from '../limits';
import { commandError } from './command-error';
import type { NodeAccess } from './iptables';
import { ipsetName } from './iptables-text';

/** The kernel lets go of a set some milliseconds after the rule that named it: nf_tables frees rules later. */
const DESTROY_ATTEMPTS = 20;
const DESTROY_PAUSE_MS = 50;

/** The two sets. */
export class Ipsets {
  private readonly access: NodeAccess;

  constructor(access: NodeAccess) {
    this.access = access;
  }

  /** Does this node have them? @returns '' or why not */
  async problem(): Promise<string> {
    const result = await this.access.run('ipset', ['list', '-n']);
    return result.code === 0 ? '' : commandError('ipset list -n', result).message;
  }

  /** Make the set of a family; elements of one that is there stay. @throws FirewallError */
  async ensure(isIpv6: boolean): Promise<readonly string[]> {
    const name = ipsetName(isIpv6);
    if ((await this.names()).includes(name)) return [];
    const family = isIpv6 ? 'inet6' : 'inet';
    await this.ipset([
      'create',
      name,
      'hash:ip',
      'family',
      family,
      'timeout',
      '1',
      'maxelem',
      String(LEASES_MAX),
      '-exist',
    ]);
    return [`Added set ${name}`];
  }

  /** End leases. @throws FirewallError */
  async end(addresses: readonly string[]): Promise<void> {
    const names = await this.names();
    for (const address of addresses) {
      const name = ipsetName(address.includes(':'));
      if (names.includes(name)) await this.ipset(['del', name, address, '-exist']);
    }
  }

  /** Take a set away. @returns a line when there was one @throws FirewallError */
  async remove(isIpv6: boolean): Promise<readonly string[]> {
    const name = ipsetName(isIpv6);
    if (!(await this.names()).includes(name)) return [];
    for (let attempt = 1; ; attempt++) {
      const result = await this.access.run('ipset', ['destroy', name]);
      if (result.code === 0) return [`set ${name}`];
      if (attempt === DESTROY_ATTEMPTS) throw commandError(`ipset destroy ${name}`, result);
      await new Promise((resolve) => setTimeout(resolve, DESTROY_PAUSE_MS));
    }
  }

  private async names(): Promise<string[]> {
    const result = await this.access.run('ipset', ['list', '-n']);
    return result.code === 0 ? result.stdout.split('\n') : [];
  }

  private async ipset(parameters: readonly string[]): Promise<void> {
    const result = await this.access.run('ipset', parameters);
    if (result.code !== 0) throw commandError(`ipset ${parameters.join(' ')}`, result);
  }
}
