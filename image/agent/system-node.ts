/** The real node behind the interface of node-ports.ts. Nothing is opened before it is asked for. */
import { openLibc } from '../kernel/ffi';
import type { Libc } from '../kernel/libc';
import { SelfQuestions } from '../node/ask-ourselves';
import { NodeChanges, type Watch } from '../node/changes';
import { chooseFirewall } from '../node/choose';
import { runCommand } from '../node/command';
import { askServer } from '../node/fallback';
import type { Firewall } from '../node/firewall';
import { Flows } from '../node/flows';
import { Instance } from '../node/instances';
import { Link } from '../node/link';
import { servedByOthers } from '../node/other-servers';
import type { NodePorts } from './node-ports';

/** The machine that this process runs on. */
export function systemNode(): NodePorts {
  let libc: Libc | undefined;
  let link: Link | undefined;
  let flows: Flows | undefined;
  const kernel = (): Libc => {
    libc ??= openLibc();
    return libc;
  };
  return {
    get link() {
      link ??= new Link(kernel());
      return link;
    },
    chooseFirewall: (choice, log) => chooseFirewall({ choice, log, run: runCommand }),
    watch: (device, firewall) => new NodeChanges(kernel(), { device, ...watchedRules(firewall) }),
    register: (name) => new Instance(kernel(), name, process.pid),
    askOurselves: (dnsPort, clock) => new SelfQuestions(kernel(), clock, dnsPort).ask,
    askServer,
    servedByOthers,
    endFlows: (plan) => {
      flows ??= new Flows(kernel());
      return flows.endStale(plan);
    },
  };
}

/** Tables that iptables-nft keeps for everybody; of kube-proxy's chains in them we need not hear. */
const RAW = (['ip', 'ip6'] as const).map((family) => ({ family, name: 'raw', chains: ['PREROUTING', 'OUTPUT'] }));
const FILTER = (['ip', 'ip6'] as const).map((family) => ({ family, name: 'filter', chains: ['INPUT', 'OUTPUT'] }));

/**
 * Where rules of ours are: a table of our own, and where iptables-nft's filter drops (the kubelet's firewall does) rules that
 * accept; or iptables' tables. Legacy tables are not watched beside nft: to ask for them would make the kernel load them.
 */
function watchedRules(firewall: Firewall | null): Pick<Watch, 'tables' | 'legacy'> {
  switch (firewall?.name) {
    case 'nft':
      return { tables: [{ family: 'inet', name: 'nodelocaldns' }, ...FILTER], legacy: [] };
    case 'iptables-nft':
      return { tables: [...RAW, ...FILTER], legacy: [] };
    case 'iptables-legacy':
      return { tables: [], legacy: ['ipv4', 'ipv6'] };
    default:
      return { tables: [], legacy: [] };
  }
}
