/** Stale flows on the real kernel: which are ended, and which are left alone. */
import path from 'node:path';
import type { RulePlan } from '../../../image/node/firewall';
import type { EndedFlows } from '../../../image/node/flows';
import { type Inside, Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';

const PLAN: RulePlan = {
  ...{ addresses: ['10.96.0.10', '169.254.20.10', 'fd00:53::10'], dnsPort: 53, healthPort: 8080, leaseMs: 1000 },
  fallback: { addresses: ['169.254.20.10', 'fd00:53::10'], endpoints: ['10.244.1.2', '10.244.2.2', 'fd00:244::2'] },
};

needs('netns', 'conntrack').describe('tracked flows', () => {
  let node: Namespace;
  let inside: Inside;
  let port: number;

  beforeEach(async () => {
    node = await Namespace.open();
    inside = node.start(path.join(__dirname, 'inside.ts'));
    port = 1000;
  });

  afterEach(() => node.close());

  /** A flow from `client` to `asked`, whose answers come from `answering` and go to `answered`. */
  function track(
    client: string,
    asked: string,
    answering: string,
    answered = client,
    protocol = 'udp',
    dnsPort = 53,
  ): string {
    port++;
    node.sh(
      `conntrack -I -p ${protocol} ${protocol === 'tcp' ? '--state ESTABLISHED' : ''} -s ${client} -d ${asked} --sport ${port} ` +
        `--dport ${dnsPort} --timeout 60 -r ${answering} -q ${answered} --reply-port-src ${dnsPort} --reply-port-dst ${port} 2>/dev/null`,
    );
    return `${client} ${asked} ${answering} ${protocol} ${dnsPort}`;
  }
  const tracked = (): string[] => {
    const lines = node.sh('conntrack -L 2>/dev/null; conntrack -L -f ipv6 2>/dev/null').split('\n');
    const flows = lines.flatMap((line) => {
      const found = /^(\w+) .*?src=(\S+) dst=(\S+) .*?dport=(\d+) .*?src=(\S+)/.exec(line);
      return found === null ? [] : [`${found[2]} ${found[3]} ${found[5]} ${found[1]} ${found[4]}`];
    });
    return [...new Set(flows)].sort();
  };
  const end = (plan = PLAN): Promise<EndedFlows> => inside.call('endFlows', plan);

  test('those without nat, without masquerade, and to a pod of kube-dns that is gone are ended', async () => {
    track('10.244.0.10', '169.254.20.10', '169.254.20.10'); // Asked before the DNAT stood.
    track('fd00::1', 'fd00:53::10', 'fd00:53::10');
    track('10.244.0.10', '10.96.0.10', '10.96.0.10'); // Asked before kube-proxy's.
    track('10.96.0.10', '10.96.0.10', '10.244.1.2'); // On the host, before the masquerade: nobody could answer that.
    track('10.244.0.10', '169.254.20.10', '10.244.9.9'); // A former endpoint.
    expect(tracked()).toHaveLength(5);
    expect(await end()).toEqual({ ended: 5, problem: '' });
    expect(tracked()).toEqual([]);
  });

  test('all others stay', async () => {
    const others = [
      track('10.244.0.10', '169.254.20.10', '10.244.1.2'),
      track('fd00::1', 'fd00:53::10', 'fd00:244::2'),
      track('169.254.20.10', '169.254.20.10', '10.244.2.2', '10.77.0.10'), // Masqueraded.
      track('10.244.0.10', '10.96.0.10', '10.244.9.9'), // kube-proxy knows who is there.
      track('10.244.0.10', '10.96.0.11', '10.96.0.11'), // No address of ours.
      track('10.244.0.10', '169.254.20.10', '169.254.20.10', '10.244.0.10', 'udp', 5353), // Nor of our port.
      track('10.244.0.10', '169.254.20.10', '169.254.20.10', '10.244.0.10', 'tcp'), // A client is told by a reset.
    ];
    expect(await end()).toEqual({ ended: 0, problem: '' });
    expect(tracked()).toEqual(others.sort());
  });

  test('endpoints change: flows to those that are gone are ended, the others go on', async () => {
    track('10.244.0.10', '169.254.20.10', '10.244.1.2');
    const other = track('10.244.0.10', '169.254.20.10', '10.244.2.2');
    const { addresses } = PLAN.fallback;
    expect(await end({ ...PLAN, fallback: { addresses, endpoints: ['10.244.2.2'] } })).toEqual({
      ended: 1,
      problem: '',
    });
    expect(tracked()).toEqual([other]);
  });

  test('many are ended, message after message of them', async () => {
    node.sh(`for port in $(seq 2001 2300); do
      conntrack -I -p udp -s 10.244.0.10 -d 169.254.20.10 --sport $port --dport 53 --timeout 60 2>/dev/null
    done`);
    expect(await end()).toEqual({ ended: 300, problem: '' });
    expect(tracked()).toEqual([]);
  });

  test('the kernel walks its table while the event loop turns: timers of the lease are not late for it', async () => {
    track('10.244.0.10', '10.96.0.11', '10.96.0.11');
    const turns = await inside.call<number>('turnsWhileEnding', PLAN);
    expect(turns).toBeGreaterThan(100); // Four when the thread waits for the kernel.
  });

  test('a process that may not ask says so', async () => {
    const weak = node.start(path.join(__dirname, 'inside.ts'), [
      'setpriv',
      '--bounding-set',
      '-net_admin',
      '--inh-caps',
      '-net_admin',
    ]);
    const { problem } = await weak.call<EndedFlows>('endFlows', PLAN);
    expect(problem).toMatch(/^cannot (list|end) .*: operation not permitted$/);
  });
});
