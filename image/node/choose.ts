/**
 * Which back-end keeps the rules of this node: what was tried, and what came of it. nft, where the kernel and the program are
 * there: it serves next to any iptables. Else the iptables that the rest of the node uses.
 */
import { readFileSync } from 'node:fs';
import type { RunCommand } from './command';
import { commandError } from './command-error';
import type { Firewall } from './firewall';
import { Ipsets } from './ipset';
import { type Iptables, type IptablesName, type NodeAccess, openIptables } from './iptables';
import { IptablesFirewall } from './iptables-firewall';
import { NftFirewall } from './nft';
import { NoFirewall } from './no-firewall';

/** What a choice needs. */
export interface ChooseAccess {
  readonly choice: 'auto' | 'nft' | 'iptables';
  readonly run: RunCommand;
  readonly log: { info(text: string): void; error(text: string): void };
  /** @default reads the file */
  readonly read?: (path: string) => string;
}

/** The first that works; one that keeps nothing when none does, which is said. */
export async function chooseFirewall({ choice, run, log, read = readText }: ChooseAccess): Promise<Firewall> {
  const access = { run, read };
  const tried: string[] = [];
  const tools = await openTools(access, tried);
  if (choice !== 'iptables') {
    const probe = await run('nft', ['list', 'tables']);
    if (probe.code === 0) {
      log.info('Rules are kept by nft, in table inet nodelocaldns');
      return new NftFirewall(access, tools);
    }
    tried.unshift(commandError('nft list tables', probe).message);
  }
  if (choice !== 'nft' && tools.length > 0) return iptablesFirewall(access, tools, log);
  log.error(
    `No rules can be kept (-firewall ${choice}; ${tried.join('; ')}): queries pass connection tracking, and pods that ask ` +
      'the cluster IP are not answered here; give the container nft or iptables and the capability NET_ADMIN',
  );
  return new NoFirewall();
}

/** Both variants of iptables, as far as they are there. */
export async function openTools(access: NodeAccess, tried: string[]): Promise<Iptables[]> {
  const tools: Iptables[] = [];
  for (const name of ['iptables-nft', 'iptables-legacy'] as const) {
    const tool = await openIptables(access, name, tried);
    if (tool !== null) tools.push(tool);
  }
  return tools;
}

async function iptablesFirewall(
  access: NodeAccess,
  tools: readonly Iptables[],
  log: ChooseAccess['log'],
): Promise<Firewall> {
  const { name, reason } = await detectVariant(access);
  const tool = tools.find((each) => each.name === name) ?? tools[0];
  const problem = await new Ipsets(access).problem();
  const lease = problem === '' ? '' : `, without leases: ${problem}`;
  log.info(`Rules are kept by ${tool.name} (${reason})${lease}`);
  const others = tools.filter((each) => each !== tool);
  return new IptablesFirewall(access, tool, problem === '', others);
}

/** Chains that a kubelet or kube-proxy leaves where its own rules are, since Kubernetes 1.17. */
const HINT = /^:(KUBE-IPTABLES-HINT|KUBE-KUBELET-CANARY) /m;

/**
 * Which iptables the rest of the node uses.
 * @returns with the reason, for the log
 * @source kubernetes-sigs/iptables-wrappers, version 2: hints of nft, hints of legacy, then who has more rules
 */
export async function detectVariant({ run, read }: NodeAccess): Promise<{ name: IptablesName; reason: string }> {
  for (const name of ['iptables-nft', 'iptables-legacy'] as const) {
    for (const family of ['ip', 'ip6'] as const) {
      const program = name.replace('ip', family);
      // To look for a legacy table makes the kernel create it, for good; the wrapper's own fault.
      if (name === 'iptables-legacy' && !read(`/proc/net/${family}_tables_names`).split('\n').includes('mangle'))
        continue;
      const { stdout } = await run(`${program}-save`, ['-t', 'mangle']);
      const hint = HINT.exec(stdout);
      if (hint !== null) return { name, reason: `${program} has chain ${hint[1]}` };
    }
  }
  const count = async (name: string): Promise<number> => {
    let lines = 0;
    for (const program of [name, name.replace('ip', 'ip6')]) {
      const { stdout } = await run(`${program}-save`, []);
      lines += stdout.match(/^-/gm)?.length ?? 0;
    }
    return lines;
  };
  const [nft, legacy] = [await count('iptables-nft'), await count('iptables-legacy')];
  return {
    name: legacy > nft ? 'iptables-legacy' : 'iptables-nft',
    reason: `${nft} rules by iptables-nft, ${legacy} by iptables-legacy`,
  };
}

/** A kernel without iptables has no such file. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
