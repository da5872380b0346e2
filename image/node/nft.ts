/** Our rules by `nft`, in a table of our own: one transaction for all of them. */

import type { CommandResult, RunCommand } from './command';
import { type Firewall, FirewallError, type RulePlan } from './firewall';
import { NFT_TABLE, nftText } from './nft-text';

/** Back-end `nft`. */
export class NftFirewall implements Firewall {
  readonly name = 'nft';
  readonly leases = true;
  readonly watch = 'nftables-events';
  private readonly run: RunCommand;
  private wanted = '';
  /** What nft prints when all is as it should be. */
  private good = '';

  constructor(run: RunCommand) {
    this.run = run;
  }

  async ensure(plan: RulePlan): Promise<readonly string[]> {
    const wanted = nftText(plan, false);
    const found = await this.list();
    if (wanted === this.wanted && found === this.good && found !== '') return [];
    const made = await this.run('nft', ['-f', '-'], { input: wanted });
    if (made.code !== 0) await this.nft(['-f', '-'], nftText(plan, true)); // A table of another version.
    this.wanted = wanted;
    this.good = await this.list();
    return [found === '' ? `Added table ${NFT_TABLE}` : `Put back table ${NFT_TABLE}`];
  }

  /** @returns '' when there is no table */
  private async list(): Promise<string> {
    const { code, stdout } = await this.run('nft', ['-s', '-t', 'list', 'table', ...NFT_TABLE.split(' ')]);
    return code === 0 ? stdout : '';
  }

  async endLease(): Promise<void> {
    const sets = ['lease4', 'lease6'].map((set) => `flush set ${NFT_TABLE} ${set}\n`);
    await this.nft(['-f', '-'], sets.join(''));
  }

  async remove(): Promise<void> {
    if ((await this.list()) !== '') await this.nft(['delete', 'table', ...NFT_TABLE.split(' ')], '');
  }

  private async nft(parameters: readonly string[], input: string): Promise<CommandResult> {
    const result = await this.run('nft', parameters, { input });
    if (result.code === 0) return result;
    throw new FirewallError(
      `nft ${parameters.join(' ')}: ${result.stderr.trim() || `ended with ${result.code ?? result.signal}`}`,
    );
  }
}
