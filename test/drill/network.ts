/**
 * One node's way to DNS without Kubernetes, in four network namespaces of the drill's own.
 *
 *   pod 10.244.0.10 ──── node (10.77.0.10 and the cache) ──┬── dns0 10.244.1.2
 *                                                          └── dns1 10.244.2.2
 *
 * Both families. The node has kube-proxy's rules ({@link Flavour}); dns0 and dns1 are the cluster DNS of the drill. Nothing
 * is left behind, however the drill ends: the namespaces have no names and go with their holders.
 */
import { Namespace } from '../support/namespace';
import { ENDPOINTS, NAMES, type Place } from './addresses';
import { type Flavour, iptablesText, nftText } from './kube-proxy';

/** Subnets on the way, by who is at the far end: third number of IPv4, fourth group of IPv6. */
const SUBNETS = { pod: 0, dns0: 1, dns1: 2 } as const;

function wire(node: Namespace, far: Namespace, name: keyof typeof SUBNETS): void {
  const net = SUBNETS[name];
  const host = name === 'pod' ? ['10.244.0.10', 'fd00:10:244::10'] : ENDPOINTS.map((servers) => servers[net - 1]);
  const gateway = [`10.244.${net}.1`, `fd00:10:244:${net}::1`];
  node.sh(`
    ip link add ${name} type veth peer name eth0 netns ${far.pid}
    ip addr add ${gateway[0]}/24 dev ${name}; ip -6 addr add ${gateway[1]}/64 dev ${name} nodad; ip link set ${name} up`);
  far.sh(`
    ip addr add ${host[0]}/24 dev eth0; ip -6 addr add ${host[1]}/64 dev eth0 nodad; ip link set eth0 up
    ip route add default via ${gateway[0]}; ip -6 route add default via ${gateway[1]}`);
}

/** The node's own address, and a way out that leads nowhere. */
const HOST = `
  ip link add eth0 type ifb; ip addr add 10.77.0.10/24 dev eth0; ip -6 addr add fd00:10:77::10/64 dev eth0 nodad
  ip link set eth0 up; ip route add default via 10.77.0.1; ip -6 route add default via fd00:10:77::1
  sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0`;

/** The node and who is around it. */
export class DrillNetwork {
  readonly places: Readonly<Record<Place, Namespace>>;

  private constructor(places: Readonly<Record<Place, Namespace>>) {
    this.places = places;
  }

  static async open(flavour: Flavour): Promise<DrillNetwork> {
    const opened = await Promise.all(NAMES.map(async (name) => [name, await Namespace.open()] as const));
    const places = Object.fromEntries(opened) as Record<Place, Namespace>;
    const { node, pod, dns0, dns1 } = places;
    for (const place of Object.values(places)) place.sh('sysctl -qw net.ipv6.conf.default.accept_dad=0');
    node.sh(HOST);
    wire(node, pod, 'pod');
    wire(node, dns0, 'dns0');
    wire(node, dns1, 'dns1');
    if (flavour === 'native') {
      node.batch('nft', ['-f', '-'], nftText());
    } else {
      node.batch(`iptables-${flavour}-restore`, [], iptablesText(false));
      node.batch(`ip6tables-${flavour}-restore`, [], iptablesText(true));
    }
    return new DrillNetwork(places);
  }

  async close(): Promise<void> {
    await Promise.all(NAMES.map((name) => this.places[name].close()));
  }
}
