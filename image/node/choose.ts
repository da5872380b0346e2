/** Which back-end keeps the rules of this node: what was tried, and what came of it. */
import type { RunCommand } from './command';
import type { Firewall } from './firewall';
import { NftFirewall } from './nft';
import { NoFirewall } from './no-firewall';

/** What a choice needs. */
export interface ChooseAccess {
  readonly choice: 'auto' | 'nft' | 'iptables';
  readonly run: RunCommand;
  readonly log: { info(text: string): void; error(text: string): void };
}

/** The first that works; one that keeps nothing when none does, which is said. */
export async function chooseFirewall({ choice, run, log }: ChooseAccess): Promise<Firewall> {
  const tried: string[] = [];
  if (choice !== 'iptables') {
    const { code, missing, stderr } = await run('nft', ['list', 'tables']);
    if (code === 0) return new NftFirewall(run);
    tried.push(`nft: ${missing ? 'no such program' : stderr.trim()}`);
  }
  log.error(
    `No rules can be kept (${tried.join('; ')}): queries pass connection tracking, and pods that ask the cluster IP are ` +
      'not answered here; give the container nft or iptables and the capability NET_ADMIN',
  );
  return new NoFirewall();
}
