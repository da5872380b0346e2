/** Leases as ipsets, for iptables: elements that expire, which rules look up and renew. */
import { LEASES_MAX } from '../limits';
import { commandError } from './command-error';
import type { NodeAccess } from './iptables';
import { ipsetName } from './iptables-text';

/** The kernel lets go of a set some milliseconds after the rule that named it: nf_tables frees rules later. */
const DESTROY_ATTEMPTS = 20;
const DESTROY_PAUSE_MS = 50;

/** What ipset says of a set that is not there. */
const IS_GONE = /set with the given name does not exist/;

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

  /** End leases; where there is no set there is none. @throws FirewallError */
  async end(addresses: readonly string[]): Promise<void> {
    for (const address of addresses) {
      const parameters = ['del', ipsetName(address.includes(':')), address, '-exist'];
      const result = await this.access.run('ipset', parameters);
      if (result.code !== 0 && !IS_GONE.test(result.stderr))
        throw commandError(`ipset ${parameters.join(' ')}`, result);
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
