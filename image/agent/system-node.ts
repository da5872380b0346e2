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

/** Where rules of ours are: a table of our own, or the tables that iptables keeps for everybody. */
function watchedRules(firewall: Firewall | null): Pick<Watch, 'tables' | 'legacy'> {
  switch (firewall?.name) {
    case 'nft':
      return { tables: [{ family: 'inet', name: 'nodelocaldns' }], legacy: [] };
    case 'iptables-nft': {
      const tables = (['ip', 'ip6'] as const).flatMap((family) => [
        { family, name: 'raw', chains: ['PREROUTING', 'OUTPUT'] },
        { family, name: 'filter', chains: ['INPUT', 'OUTPUT'] },
      ]);
      return { tables, legacy: [] };
    }
    case 'iptables-legacy':
      return { tables: [], legacy: ['ipv4', 'ipv6'] };
    default:
      return { tables: [], legacy: [] };
  }
}
