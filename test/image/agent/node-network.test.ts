/** Link, rules and lease over the life of the process, on a node that a test makes up. */
import { readCommandLine } from '../../../image/agent/flags';
import { NodeNetwork } from '../../../image/agent/node-network';
import { NODE_POLL_MS, NODE_REPAIR_PAUSE_MS, NODE_SETTLE_MS, NODE_SHARED_PAUSE_MS } from '../../../image/limits';
import { Registry } from '../../../image/observe/registry';
import { FakeNode, LOCKED } from '../../support/fake-node';
import { FakeClock, fakeLog, settle } from '../../support/fake-world';

const BOTH = '-localip 169.254.20.10,10.96.0.10';
const CLUSTER = { KUBE_DNS_SERVICE_HOST: '10.96.0.10', KUBE_DNS_UPSTREAM_SERVICE_HOST: '10.96.0.11' };

/** Another instance. */
const OTHER = { processId: 99, name: 'nodelocaldns/nodelocaldns/99-00000000' };

class Stage {
  readonly node = new FakeNode();
  readonly clock = new FakeClock();
  readonly registry = new Registry({ version: '1', revision: '', runtime: '' });
  readonly said: string[];
  readonly network: NodeNetwork;

  constructor(
    line = BOTH,
    environment: Record<string, string> = CLUSTER,
    prepare: (node: FakeNode) => void = () => {},
  ) {
    prepare(this.node);
    const read = readCommandLine('node-cache', line.split(' '));
    if (read.kind === 'end') throw new Error(read.text);
    const { log, late } = fakeLog();
    log.startRunning();
    this.said = late;
    const { node, clock } = this;
    this.network = new NodeNetwork(read.settings, {
      ...{ ports: node, environment, clock, counters: this.registry.counters, log },
      handOver: () => void node.events.push('handed over'),
    });
    this.network.announce();
  }

  /** As the agent starts it. */
  async start(): Promise<this> {
    this.network.makeLink();
    await this.network.guard();
    return this;
  }

  /** As the agent stops it. */
  async stop(): Promise<void> {
    const left = this.network.leave();
    await this.clock.pass(NODE_SETTLE_MS);
    await left;
    await this.network.clear();
  }

  /** What has been done since the last time. */
  get done(): string[] {
    return this.node.events.splice(0);
  }

  metric(series: string): number {
    const line = this.registry
      .text()
      .split('\n')
      .find((each) => each.startsWith(`${series} `));
    return Number(line?.split(' ').at(-1));
  }
}

describe('a start', () => {
  test('makes the link, then the rules, and then takes the lease by proving that it answers', async () => {
    const stage = await new Stage().start();
    expect(stage.done).toEqual(['link nodelocaldns: 169.254.20.10 10.96.0.10', 'rules: 169.254.20.10 10.96.0.10']);
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(0);
    await stage.clock.pass(2_000);
    expect(stage.node.questions.indexOf('10.96.0.10 renewing')).toBeGreaterThan(2);
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(1);
    expect(stage.metric('nodelocaldns_lease_changes_total{address="10.96.0.10",state="held"}')).toBe(1);
    expect(stage.metric('nodelocaldns_node_mode_info{link="dummy",firewall="nft"}')).toBe(1);
    expect(stage.network.unreachable).toBe('');
  });

  test('gives addresses that kube-proxy does not serve to the fall-back, and the others not', async () => {
    const line = `${BOTH} -fallbacksvc kube-dns-endpoints.kube-system.svc.cluster.local -upstreamsvc kube-dns-upstream`;
    const stage = await new Stage(line).start();
    expect(stage.node.firewall.plans[0].fallback).toEqual({ addresses: ['169.254.20.10'], endpoints: [] });
    stage.node.endpoints = ['10.244.1.2', '10.244.2.2'];
    await stage.clock.pass(30_000 + NODE_REPAIR_PAUSE_MS);
    expect(stage.node.firewall.plans[1].fallback.endpoints).toEqual(['10.244.1.2', '10.244.2.2']);
    // Flows that were made before are ended when they do not follow the rules of now.
    expect(stage.node.flowPlans.map(({ fallback }) => fallback.endpoints)).toEqual([[], ['10.244.1.2', '10.244.2.2']]);
    stage.node.endpoints = ['10.244.2.2'];
    await stage.clock.pass(30_000 + NODE_REPAIR_PAUSE_MS);
    expect(stage.node.flowPlans.at(-1)?.fallback.endpoints).toEqual(['10.244.2.2']);
  });

  test('says who is missing for the fall-back', async () => {
    const stage = await new Stage('-localip 169.254.20.10 -fallbacksvc a.b', {}).start();
    expect(stage.said.join('')).toContain(
      'Nobody answers for 169.254.20.10 while this cache does not: the cluster IP of -upstreamsvc is not known',
    );
  });

  test('takes no ClusterIP for an address without a fall-back, where the environment does not tell which is one', async () => {
    const stage = await new Stage(BOTH, {}).start();
    expect(stage.said.join('')).toContain('Nobody answers for 169.254.20.10 while');
  });

  test('says which variable of -localip the kubelet left out', () => {
    const stage = new Stage('-localip 169.254.20.10,$(KUBE_DNS_SERVICE_HOST)', {});
    expect(stage.network.addresses).toEqual(['169.254.20.10']);
    expect(stage.said).toEqual([expect.stringContaining('did not fill in $(KUBE_DNS_SERVICE_HOST)')]);
  });

  test.each([
    ['without -localip', '-quiet'],
    ['when others keep link and rules', `${BOTH} -setupinterface=false -setupiptables=false`],
  ])('touches nothing %s', async (_case, line) => {
    const stage = await new Stage(line).start();
    await stage.clock.pass(120_000);
    await stage.stop();
    expect(stage.done).toEqual([]);
    expect(stage.network.status()).toBeNull();
  });

  test('goes on when the link cannot be made: counted twice, as the Go agent does', async () => {
    const stage = await new Stage(BOTH, CLUSTER, (node) => {
      node.linkError = 'Cannot add interface';
    }).start();
    expect(stage.said.join('')).toContain('Error checking dummy device nodelocaldns: Cannot add interface');
    expect(stage.metric('coredns_nodecache_setup_errors_total{errortype="interface_add"}')).toBe(1);
    expect(stage.metric('coredns_nodecache_setup_errors_total{errortype="interface_check"}')).toBe(1);
  });

  test('says when this node has no fail-over in the kernel, and asks for no lease', async () => {
    const stage = await new Stage(BOTH, CLUSTER, (node) => {
      node.firewall.leases = false;
    }).start();
    await stage.clock.pass(1_000);
    expect(stage.said.join('')).toContain('cannot fail over in the kernel');
    expect(stage.node.questions).toEqual([]);
  });
});

describe('a start that fails later', () => {
  test('takes back the link that it made', async () => {
    const stage = new Stage();
    stage.network.makeLink();
    stage.network.undoLink();
    await settle();
    expect(stage.done).toEqual([
      'link nodelocaldns: 169.254.20.10 10.96.0.10',
      'unregistered',
      'link nodelocaldns removed',
    ]);
  });

  test('leaves one that was there: somebody may be serving on it', async () => {
    const stage = new Stage(BOTH, CLUSTER, (node) => void node.devices.set('nodelocaldns', ['10.96.0.10']));
    stage.network.makeLink();
    stage.network.undoLink();
    await settle();
    expect(stage.done).toEqual(['unregistered']);
  });

  test('takes back the link also when another program was quicker to bind the new address', async () => {
    const stage = new Stage(BOTH, CLUSTER, (node) => {
      node.servedElsewhere = ['10.96.0.10']; // BIND listens on whatever address comes.
    });
    stage.network.makeLink();
    await stage.network.undoLink();
    expect(stage.done.at(-1)).toBe('link nodelocaldns removed');
  });

  test('after the rules were written takes back those, too, from a link that was there', async () => {
    const stage = new Stage(BOTH, CLUSTER, (node) => void node.devices.set('nodelocaldns', ['10.96.0.10']));
    await stage.start();
    stage.done;
    await stage.network.undoLink();
    expect(stage.done).toEqual(['unregistered', 'rules removed']);
  });

  test.each([
    ['beside another instance', BOTH],
    ['with -skipteardown', `${BOTH} -skipteardown`],
  ])('takes back nothing %s', async (name, line) => {
    const stage = new Stage(line);
    stage.network.makeLink();
    if (name.includes('instance')) stage.node.others.push(OTHER);
    stage.done;
    await stage.network.undoLink();
    expect(stage.done).toEqual(['unregistered']);
  });

  test('takes back nothing when no link could be made', async () => {
    const stage = new Stage(BOTH, CLUSTER, (node) => {
      node.linkError = 'operation not permitted';
    });
    stage.network.makeLink();
    stage.network.undoLink();
    await settle();
    expect(stage.done).toEqual(['unregistered']);
  });
});

describe('kube-proxy in IPVS mode', () => {
  const ipvs = (node: FakeNode): void => void node.devices.set('kube-ipvs0', ['10.96.0.1', '10.96.0.10']);

  test('keeps its ClusterIP: only the link-local address is served', async () => {
    const stage = await new Stage(BOTH, CLUSTER, ipvs).start();
    expect(stage.network.addresses).toEqual(['169.254.20.10']);
    expect(stage.done).toEqual(['link nodelocaldns: 169.254.20.10', 'rules: 169.254.20.10']);
    expect(stage.said[0]).toContain('kube-proxy runs in IPVS mode and answers 10.96.0.10 itself');
  });

  test('that comes up after us gets it back at the next look', async () => {
    const stage = await new Stage().start();
    ipvs(stage.node);
    await stage.clock.pass(61_000);
    expect(stage.network.addresses).toEqual(['169.254.20.10']);
    expect(stage.node.firewall.plans.at(-1)?.addresses).toEqual(['169.254.20.10']);
    const asked = stage.node.questions.length;
    await stage.clock.pass(1_000);
    expect(stage.node.questions.slice(asked)).not.toContain('10.96.0.10 renewing');
    expect(stage.said.filter((line) => line.includes('IPVS'))).toHaveLength(1);
    // The alert for a lost lease would never end.
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBeNaN();
    expect(stage.metric('nodelocaldns_lease_held{address="169.254.20.10"}')).toBe(1);
    expect(stage.metric('nodelocaldns_lease_changes_total{address="10.96.0.10",state="lost"}')).toBe(1);
  });

  test('that takes the last address later leaves a link and rules which go with us', async () => {
    const stage = await new Stage('-localip 10.96.0.10').start();
    ipvs(stage.node);
    await stage.clock.pass(61_000);
    expect(stage.network.addresses).toEqual([]);
    expect(stage.node.devices.get('nodelocaldns')).toEqual([]);
    expect(stage.node.firewall.plans.at(-1)?.addresses).toEqual([]);
    await stage.stop();
    expect(stage.done.slice(-2)).toEqual(['rules removed', 'link nodelocaldns removed']);
  });
});

describe('what others take away', () => {
  test('is put back within a second, and counted', async () => {
    const stage = await new Stage().start();
    stage.node.devices.delete('nodelocaldns');
    stage.node.firewall.missing.push('chain output');
    stage.node.changed = { link: true, rules: true };
    expect(stage.done).toHaveLength(2);
    await stage.clock.pass(NODE_POLL_MS + NODE_REPAIR_PAUSE_MS);
    expect(stage.done).toEqual(['link nodelocaldns: 169.254.20.10 10.96.0.10', 'rules: 169.254.20.10 10.96.0.10']);
    expect(stage.metric('nodelocaldns_repairs_total{what="link"}')).toBe(2);
    expect(stage.metric('nodelocaldns_repairs_total{what="rules"}')).toBe(2);
  });

  test('while the first rules are written is heard of, and put back', async () => {
    const stage = new Stage();
    const { node } = stage;
    const { watch } = node;
    node.watch = () => {
      node.changed = { link: false, rules: false }; // What happened before is not told.
      return watch();
    };
    const ensure = node.firewall.ensure.bind(node.firewall);
    jest.spyOn(node.firewall, 'ensure').mockImplementationOnce(async (plan) => {
      const lines = await ensure(plan);
      node.devices.delete('nodelocaldns');
      node.firewall.missing.push('chain output');
      node.changed = { link: true, rules: true };
      return lines;
    });
    await stage.start();
    stage.done;
    await stage.clock.pass(NODE_POLL_MS + NODE_REPAIR_PAUSE_MS);
    expect(stage.done).toEqual(['link nodelocaldns: 169.254.20.10 10.96.0.10', 'rules: 169.254.20.10 10.96.0.10']);
  });

  test('from the link before it is watched is put back when the watch begins', async () => {
    const stage = new Stage();
    stage.network.makeLink();
    stage.node.devices.delete('nodelocaldns');
    stage.done;
    await stage.network.guard();
    await stage.clock.pass(NODE_REPAIR_PAUSE_MS);
    expect(stage.done[1]).toBe('link nodelocaldns: 169.254.20.10 10.96.0.10');
  });

  test('unseen is found at the sync interval', async () => {
    const stage = await new Stage(`${BOTH} -syncinterval 30`).start();
    stage.node.devices.delete('nodelocaldns');
    expect(stage.done).toHaveLength(2);
    await stage.clock.pass(30_000 + NODE_REPAIR_PAUSE_MS);
    expect(stage.done).toContain('link nodelocaldns: 169.254.20.10 10.96.0.10');
  });

  test('is put back more slowly beside another instance, whose flags may differ', async () => {
    const stage = await new Stage().start();
    stage.node.others.push(OTHER);
    const before = stage.node.firewall.plans.length;
    for (let second = 0; second < 40; second++) {
      stage.node.changed = { link: false, rules: true };
      await stage.clock.pass(250);
    }
    expect(stage.node.firewall.plans.length - before).toBe(10_000 / NODE_SHARED_PAUSE_MS - 1);
  });

  test('and is a link that cannot be put back is tried again, later each time; said once, counted each time', async () => {
    const stage = await new Stage().start();
    stage.node.devices.delete('nodelocaldns');
    stage.node.linkError = 'no buffer space available';
    stage.node.changed = { link: true, rules: false };
    await stage.clock.pass(4_000); // Failures after 0.25, 1.25 and 3.25 s.
    expect(stage.metric('coredns_nodecache_setup_errors_total{errortype="interface_check"}')).toBe(3);
    expect(stage.said.filter((line) => line.includes('no buffer space available'))).toHaveLength(1);
    stage.node.linkError = null;
    await stage.clock.pass(4_000);
    expect(stage.node.devices.get('nodelocaldns')).toEqual(['169.254.20.10', '10.96.0.10']);
    expect(stage.said.join('')).toContain('Interface nodelocaldns is as it should be again');
    await stage.clock.pass(10_000);
    expect(stage.metric('coredns_nodecache_setup_errors_total{errortype="interface_check"}')).toBe(3);
  });

  test('and cannot be put back is tried again, later each time; said once, counted each time', async () => {
    const stage = await new Stage(BOTH, CLUSTER, (node) => {
      node.firewall.error = LOCKED;
    }).start();
    const tries = (): number => stage.node.firewall.plans.length;
    expect(tries()).toBe(1);
    await stage.clock.pass(1_000);
    expect(tries()).toBe(2);
    await stage.clock.pass(1_900);
    expect(tries()).toBe(2);
    await stage.clock.pass(100);
    expect(tries()).toBe(3);
    expect(stage.metric('coredns_nodecache_setup_errors_total{errortype="iptables_lock"}')).toBe(3);
    expect(stage.said.filter((line) => line.includes('holding the xtables lock'))).toHaveLength(1);
    stage.node.firewall.error = null;
    await stage.clock.pass(4_000);
    expect(stage.said.at(-1)).toContain('The rules are as they should be again');
  });
});

describe('rules that could not be written yet', () => {
  test('hold no lease: none is claimed until they stand', async () => {
    const stage = new Stage(BOTH, CLUSTER, (node) => {
      node.firewall.error = LOCKED;
    });
    expect(stage.network.unreachable).toBe('rules: not written yet');
    await stage.start();
    await stage.clock.pass(5_000);
    expect(stage.node.questions).toEqual([]);
    expect(stage.network.unreachable).toBe(`rules: ${LOCKED.message}`);
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(0);
    stage.node.firewall.error = null;
    await stage.clock.pass(8_000);
    expect(stage.network.unreachable).toBe('');
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(1);
    await stage.stop();
    expect(stage.clock.waiting).toBe(0);
  });

  test('may turn out to know no sets: it is said when it is known, once', async () => {
    const stage = await new Stage(BOTH, CLUSTER, (node) => {
      node.firewall.error = LOCKED;
    }).start();
    expect(stage.said.join('')).not.toContain('cannot fail over');
    stage.node.firewall.leases = false;
    stage.node.firewall.error = null;
    await stage.clock.pass(120_000);
    expect(stage.said.filter((line) => line.includes('cannot fail over in the kernel'))).toHaveLength(1);
    expect(stage.node.questions).toEqual([]);
  });
});

describe('a lost lease', () => {
  test('is ended in the kernel at once: a late answer may have renewed it', async () => {
    const stage = await new Stage().start();
    await stage.clock.pass(2_000);
    expect(stage.done).toHaveLength(2);
    stage.node.silence = 'no answer';
    await stage.clock.pass(3_000);
    expect(stage.done).toEqual(['lease ended: 169.254.20.10', 'lease ended: 10.96.0.10']);
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(0);
    expect(stage.network.unreachable).toContain('lease on 10.96.0.10: lost');
  });
});

describe('a stop', () => {
  test('ends the lease, waits for what is on its way, and takes rules and link away when told', async () => {
    const stage = await new Stage().start();
    await stage.clock.pass(2_000);
    expect(stage.done).toHaveLength(2);
    const left = stage.network.leave();
    await settle();
    expect(stage.done).toEqual(['unregistered', 'lease ended: 169.254.20.10 10.96.0.10']);
    const asked = stage.node.questions.length;
    await stage.clock.pass(NODE_SETTLE_MS);
    await left;
    await stage.clock.pass(2_000);
    expect(stage.node.questions).toHaveLength(asked);
    expect(stage.metric('nodelocaldns_lease_held{address="10.96.0.10"}')).toBe(0);
    expect(stage.said.join('')).not.toContain('Tearing down');
    await stage.network.clear();
    expect(stage.done).toEqual(['rules removed', 'link nodelocaldns removed']);
    expect(stage.said.slice(-2)).toEqual(['[INFO] Tearing down\n', '[INFO] Removed interface - nodelocaldns\n']);
  });

  test('leaves everything to a process that serves the same link', async () => {
    const stage = await new Stage().start();
    stage.node.others.push(OTHER);
    stage.node.servedElsewhere = ['169.254.20.10', '10.96.0.10'];
    expect(stage.done).toHaveLength(2);
    await stage.stop();
    expect(stage.done).toEqual(['unregistered', 'handed over']);
    expect(stage.said.at(-1)).toContain('1 other instance(s) serve nodelocaldns: it is left to them\n');
  });

  test('beside a process that does not listen yet lets kube-dns answer until it does, and leaves it the rest', async () => {
    const stage = await new Stage().start();
    stage.node.others.push(OTHER);
    stage.done;
    await stage.stop();
    expect(stage.done).toEqual(['unregistered', 'lease ended: 169.254.20.10 10.96.0.10']);
    expect(stage.said.at(-1)).toContain('it is left to them, and kube-dns answers until they listen');
  });

  test('beside a process that listens on some addresses keeps the lease on those', async () => {
    const stage = await new Stage().start();
    stage.node.others.push(OTHER);
    stage.node.servedElsewhere = ['169.254.20.10'];
    stage.done;
    await stage.stop();
    expect(stage.done).toEqual(['unregistered', 'lease ended: 10.96.0.10', 'handed over']);
  });

  test('leaves the link to a Go agent that serves an address', async () => {
    const stage = await new Stage().start();
    stage.node.servedElsewhere = ['10.96.0.10'];
    stage.done;
    await stage.stop();
    expect(stage.done.slice(-1)).toEqual(['rules removed, but those of the Go agent']);
    expect(stage.said.at(-1)).toBe(
      "[INFO] Another program serves 10.96.0.10: interface nodelocaldns and the Go agent's rules are left to it\n",
    );
  });

  test('with -skipteardown ends the lease and leaves the rest', async () => {
    const stage = await new Stage(`${BOTH} -skipteardown`).start();
    expect(stage.done).toHaveLength(2);
    await stage.stop();
    expect(stage.done).toEqual(['unregistered', 'lease ended: 169.254.20.10 10.96.0.10']);
  });

  test.each([
    ['before the link is made', false],
    ['while upstreams are connected', true],
  ])('%s takes away what a process before this one left', async (_case, hasLink) => {
    const stage = new Stage(BOTH, CLUSTER, (node) => {
      node.devices.set('nodelocaldns', ['169.254.20.10', '10.96.0.10']);
    });
    if (hasLink) stage.network.makeLink();
    await stage.stop();
    expect(stage.done).toEqual([
      'unregistered',
      'lease ended: 169.254.20.10 10.96.0.10',
      'rules removed',
      'link nodelocaldns removed',
    ]);
  });

  test('before the link is made takes nothing from a process that serves', async () => {
    const stage = new Stage();
    stage.node.others.push(OTHER);
    stage.node.servedElsewhere = ['169.254.20.10', '10.96.0.10'];
    await stage.stop();
    expect(stage.done).toEqual(['unregistered', 'handed over']);
  });

  test('before the start is complete waits for the repair under way', async () => {
    const stage = new Stage();
    stage.network.makeLink();
    const guarded = stage.network.guard();
    await stage.stop();
    await guarded;
    expect(stage.done.at(-1)).toBe('link nodelocaldns removed');
    expect(stage.said.join('')).not.toContain('Nobody answers'); // No fall-back is begun after the end.
    expect(stage.clock.waiting).toBe(0);
  });
});
