/**
 * Where packets go: a pod and a node with rules of each back-end, the cache on the node, kube-dns behind, a DNAT as
 * kube-proxy has it before the ClusterIP. Each server answers with its name.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { RENEWAL_PORT_FIRST, RENEWAL_PORT_LAST } from '../../../image/limits';
import type { Firewall, RulePlan } from '../../../image/node/firewall';
import { Iptables } from '../../../image/node/iptables';
import { IptablesFirewall } from '../../../image/node/iptables-firewall';
import { NftFirewall } from '../../../image/node/nft';
import { Namespace } from '../../support/namespace';
import { needs } from '../../support/needs';
import { accessTo, type NodeTools } from './firewall-kit';

jest.setTimeout(60_000);

const CLUSTER = ['10.96.0.10', 'fd00:10:96::a'];
const LOCAL = ['169.254.20.10', 'fd00:53::10'];
const ALL = [...CLUSTER, ...LOCAL];
const PLAN: RulePlan = {
  ...{ addresses: ALL, dnsPort: 53, healthPort: 8080, leaseMs: 1000 },
  fallback: { addresses: LOCAL, endpoints: ['10.244.1.2', 'fd00:244:1::2'] },
};
const KUBE_PROXY = ['ip', 'ip6']
  .map((ip, six) => {
    const rule = `${ip} daddr ${CLUSTER[six]} meta l4proto { tcp, udp } th dport 53 dnat to ${PLAN.fallback.endpoints[six]}`;
    return `table ${ip} kube-proxy {
      chain services { type nat hook prerouting priority -100; ${rule}; }
      chain local { type nat hook output priority -100; ${rule}; }
    }`;
  })
  .join('\n');

/** What kubelets and kube-proxies write: nothing but its own answers may come to 127.0.0.0/8 from elsewhere. */
const KUBE_FIREWALL = ['INPUT', 'OUTPUT']
  .map(
    (chain) => `iptables-nft -I ${chain} ! -s 127.0.0.0/8 -d 127.0.0.0/8 \\
      -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP`,
  )
  .join('\n');

/** Answers each datagram and each connection with a word. */
const SERVER = `const [word, ...addresses] = process.argv.slice(1);
let open = 2 * addresses.length;
const ready = () => { if (--open === 0) console.log('ready'); };
for (const address of addresses) {
  const udp = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (_, from) => udp.send(word, from.port, from.address));
  udp.bind(53, address, ready);
  require('net').createServer((stream) => { stream.on('error', () => {}); stream.end(word); }).listen(53, address, ready);
}`;

/** Asks each address by UDP and TCP, from new sockets; prints who answered. */
const CLIENT = `const answers = process.argv.slice(1).flatMap((target) => [
  new Promise((resolve) => {
    const udp = require('dgram').createSocket(target.includes(':') ? 'udp6' : 'udp4');
    const done = (word) => { resolve(word); try { udp.close(); } catch {} };
    udp.on('message', (text) => done(String(text))).on('error', (error) => done(error.code)).send('?', 53, target);
    setTimeout(() => done('none'), 700);
  }),
  new Promise((resolve) => {
    const tcp = require('net').connect(53, target);
    const done = (word) => { resolve(word); tcp.destroy(); };
    tcp.on('data', (text) => done(String(text))).on('error', (error) => done(error.code));
    setTimeout(() => done('none'), 700);
  }),
]);
Promise.all(answers).then((words) => console.log(JSON.stringify(words)));`;

/** The keeper's question: from the address itself, from a port that renews or another. */
const KEEPER = `const [port, ...targets] = process.argv.slice(1);
for (const target of targets) {
  const six = target.includes(':');
  const udp = require('dgram').createSocket(six ? 'udp6' : 'udp4');
  udp.on('message', () => udp.close());
  udp.bind(Number(port), target, () => udp.send('?', 53, target));
  setTimeout(() => { console.log('unanswered ' + target); process.exit(1); }, 700).unref();
}`;

/** Asks from each port that renews, more often than any keeper: a second's questions, and the kernel lets go of none of them. */
const KEEPERS = `const [first, last, target] = process.argv.slice(1);
const round = () => {
  for (let port = Number(first); port <= Number(last); port++) {
    const udp = require('dgram').createSocket('udp4');
    udp.on('message', () => udp.close());
    udp.bind(port, target, () => udp.send('?', 53, target));
    setTimeout(() => { try { udp.close(); } catch {} }, 150).unref();
  }
};
for (let rounds = 0; rounds < 6; rounds++) setTimeout(round, 170 * rounds);`;

let node: Namespace;
let pod: Namespace;
let dns: Namespace;
let servers: ChildProcess[];
let access: NodeTools;

async function serve(place: Namespace, word: string, addresses: readonly string[]): Promise<void> {
  const server = spawn('nsenter', ['-t', place.pid, '-n', process.execPath, '-e', SERVER, word, ...addresses], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  servers.push(server);
  await once(server.stdout!, 'data');
}

/** A line between the node and another namespace. */
function connect(other: Namespace, third: number): void {
  node.sh(`ip link add v${third} type veth peer name eth0 netns ${other.pid}; ip link set v${third} up
    ip addr add 10.244.${third}.1/24 dev v${third}; ip -6 addr add fd00:244:${third}::1/64 dev v${third} nodad`);
  const last = third === 0 ? '10' : '2';
  other.sh(`ip link set eth0 up; ip addr add 10.244.${third}.${last}/24 dev eth0
    ip -6 addr add fd00:244:${third}::${last}/64 dev eth0 nodad
    ip route add default via 10.244.${third}.1; ip -6 route add default via fd00:244:${third}::1`);
}

beforeEach(async () => {
  servers = [];
  [node, pod, dns] = [await Namespace.open(), await Namespace.open(), await Namespace.open()];
  access = accessTo(node);
  // Addresses of IPv6 serve at once, not after a second of looking for duplicates.
  for (const each of [node, pod, dns])
    each.sh('sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0');
  connect(pod, 0);
  connect(dns, 1);
  node.sh(`sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ip link add nodelocaldns type dummy 2>/dev/null || ip link add nodelocaldns type ifb; ip link set nodelocaldns up`);
  for (const address of ALL) {
    node.sh(`ip addr add ${address}/${address.includes(':') ? '128 nodad' : '32'} dev nodelocaldns`);
  }
  node.batch('nft', ['-f', '-'], KUBE_PROXY);
  node.sh(KUBE_FIREWALL);
  await serve(node, 'cache', ALL);
  await serve(dns, 'kube-dns', PLAN.fallback.endpoints);
});

afterEach(async () => {
  for (const server of servers) server.kill('SIGKILL');
  for (const each of [node, pod, dns]) await each.close();
});

const ask = (place: Namespace): string[] => JSON.parse(place.run(process.execPath, '-e', CLIENT, ...ALL));
const tracked = (): string[] =>
  ['ipv4', 'ipv6'].flatMap((family) =>
    node
      .sh(`conntrack -L -f ${family} 2>/dev/null || true`)
      .split('\n')
      .filter((line) => line.includes('dport=53 ')),
  );
const everywhere = (word: string): string[] => Array.from({ length: 2 * ALL.length }, () => word);
const makers: Record<string, () => Firewall> = {
  nft: () => new NftFirewall(access, []),
  'iptables-nft': () => new IptablesFirewall(access, new Iptables(access, 'iptables-nft'), true),
  'iptables-legacy': () => new IptablesFirewall(access, new Iptables(access, 'iptables-legacy'), true),
};

needs('netns', 'nft', 'iptables').describe.each(Object.keys(makers))('packets with rules by %s', (name) => {
  const hold = (): void => {
    for (const address of ALL) {
      const six = address.includes(':') ? '6' : '4';
      node.sh(
        name === 'nft'
          ? `nft add element inet nodelocaldns lease${six} { ${address} timeout 60s }`
          : `ipset add nodelocaldns${six} ${address} timeout 60`,
      );
    }
  };
  const held = (): boolean[] => {
    const sets = node.sh(
      'nft list set inet nodelocaldns lease4; nft list set inet nodelocaldns lease6; ipset list; true 2>&1',
    );
    return ALL.map((address) => sets.includes(`${address} `));
  };

  test('held: the cache answers pods and the host, by UDP and TCP, IPv4 and IPv6, and nothing is tracked', async () => {
    const firewall = makers[name]();
    await firewall.ensure(PLAN);
    hold();
    expect(ask(pod)).toEqual(everywhere('cache'));
    expect(ask(node)).toEqual(everywhere('cache'));
    expect(tracked()).toEqual([]);
  });

  test('ended: kube-dns answers all of them; held again: the cache', async () => {
    const firewall = makers[name]();
    await firewall.ensure(PLAN);
    expect(ask(pod)).toEqual(everywhere('kube-dns'));
    expect(ask(node)).toEqual(everywhere('kube-dns')); // With an address that kube-dns can answer.
    hold();
    expect(ask(pod)).toEqual(everywhere('cache'));
    await firewall.endLease(ALL);
    expect(ask(pod)).toEqual(everywhere('kube-dns'));
  });

  test('no endpoints known yet: the cache answers addresses that nobody else serves, and nothing to a link-local one is tracked', async () => {
    const firewall = makers[name]();
    await firewall.ensure({ ...PLAN, fallback: { addresses: LOCAL, endpoints: [] } });
    const words = ALL.flatMap((address) => (LOCAL.includes(address) ? ['cache', 'cache'] : ['kube-dns', 'kube-dns']));
    expect(ask(pod)).toEqual(words);
    expect(ask(node)).toEqual(words);
    expect(tracked().filter((line) => line.includes(`dst=${LOCAL[0]} `))).toEqual([]); // Of others we do not know.
    await firewall.ensure(PLAN);
    expect(ask(pod)).toEqual(everywhere('kube-dns'));
  });

  test('an answer to the keeper renews, an answer to others does not; it runs out by itself', async () => {
    const firewall = makers[name]();
    await firewall.ensure(PLAN);
    node.run(process.execPath, '-e', KEEPER, String(RENEWAL_PORT_LAST + 1), ...ALL); // Reaches the cache without a lease.
    expect(held()).toEqual(ALL.map(() => false));
    node.run(process.execPath, '-e', KEEPER, String(RENEWAL_PORT_FIRST), CLUSTER[0]);
    expect(held()).toEqual([true, false, false, false]);
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect(held()).toEqual(ALL.map(() => false));
    expect(ask(pod)).toEqual(everywhere('kube-dns'));
  });

  test('an answer renews, however many questions are asked at once', async () => {
    const firewall = makers[name]();
    await firewall.ensure(PLAN);
    node.run(process.execPath, '-e', KEEPERS, String(RENEWAL_PORT_FIRST), String(RENEWAL_PORT_LAST), CLUSTER[0]);
    node.run(process.execPath, '-e', KEEPER, String(RENEWAL_PORT_FIRST), LOCAL[0]);
    expect(held()[ALL.indexOf(LOCAL[0])]).toBe(true);
  });

  test('a filter that drops what is not known lets queries and answers pass', async () => {
    node.sh(`for t in iptables ip6tables; do $t-nft -P INPUT DROP; $t-nft -A INPUT -i lo -j ACCEPT; done
      ip6tables-nft -A INPUT -p icmpv6 -j ACCEPT
      nft add table inet strict
      nft 'add chain inet strict input { type filter hook input priority 5; policy drop; }'
      nft add rule inet strict input iifname lo accept; nft add rule inet strict input meta l4proto icmpv6 accept`);
    const others = [new Iptables(access, 'iptables-nft')];
    const firewall = name === 'nft' ? new NftFirewall(access, others) : makers[name]();
    if (name !== 'nft') node.sh('nft delete table inet strict'); // What only nft can mend.
    if (name === 'iptables-legacy')
      node.sh('nft delete table ip filter; nft delete table ip6 filter; iptables-legacy -P INPUT DROP');
    await firewall.ensure(PLAN);
    hold();
    expect(ask(pod)).toEqual(everywhere('cache'));
    expect(await firewall.ensure(PLAN)).toEqual([]);
  });
});
