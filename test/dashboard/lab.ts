/**
 * Nodes of the drill with a cache each under load, and a Prometheus that scrapes them as it would in a cluster. A node's
 * metrics are reached in its own network namespace only: a gate of this process carries them out.
 */
import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import path from 'node:path';
import { CLUSTER_IPS, ENDPOINTS, LOCAL_IPS } from '../drill/addresses';
import { SERVING } from '../drill/cache';
import { Running } from '../drill/process';
import { Stage } from '../drill/stage';
import type { Inside } from '../support/namespace';
import { fixedTargets, Prometheus } from './prometheus';

/** First port of the machine in use here: Prometheus, then a gate per node. */
const PORT = 23_100;
const TARGET = 'http://127.0.0.1:9253/metrics';

/** A zone of the lab's Corefile. The servers of the drill know every name and have them for a day. */
function block(zone: string, to: string, cache: readonly string[], forward: readonly string[]): string {
  const lines = (each: readonly string[]): string => each.map((line) => `        ${line}\n`).join('');
  return `${zone}:53 {
    errors
    cache {
${lines(cache)}    }
    reload 2s 1s
    bind __PILLAR__LOCAL__DNS__
    forward . ${to} {
${lines(forward)}    }
    prometheus 127.0.0.1:9253
`;
}

/** Where the resolvers are that other names come from, beside the cluster DNS. */
const RESOLVER_PORT = 5300;

/** Cluster names through the Service, others from two resolvers; small and short, so that much happens. */
const COREFILE = [
  block('cluster.local', '__PILLAR__CLUSTER__DNS__', ['success 9984 10', 'denial 9984 5'], ['force_tcp']),
  '    health 127.0.0.1:8080\n}\n',
  block(
    '.',
    ENDPOINTS[0].map((address) => `${address}:${RESOLVER_PORT}`).join(' '),
    ['success 256 5', 'denial 256 5', 'prefetch 5 10s 20%', 'serve_stale 1h immediate'],
    [],
  ),
  '}\n',
].join('');

/** One node: its stage, its cache, and the gate to its metrics. */
export class Node {
  readonly name: string;
  readonly stage: Stage;
  readonly address: string;
  cache: Running;
  /** The resolvers, which take their time. */
  readonly resolvers: readonly Inside[];
  private readonly gate: http.Server;

  private constructor(name: string, stage: Stage, port: number) {
    this.name = name;
    this.stage = stage;
    this.address = `127.0.0.1:${port}`;
    this.cache = this.startCache();
    const { dns0, dns1 } = stage.network.places;
    this.resolvers = [dns0, dns1].map((place) => place.start(path.join(__dirname, 'resolver-inside.ts')));
    const inside = stage.network.places.node.start(path.join(__dirname, 'scrape-inside.ts'));
    this.gate = http.createServer(async (_, response) => {
      const text = await inside.call<string>('metrics', TARGET).catch(() => null);
      response.writeHead(text === null ? 502 : 200, { 'content-type': 'text/plain; version=0.0.4' }).end(text ?? '');
    });
    this.gate.listen(port, '127.0.0.1');
  }

  static async open(name: string, port: number): Promise<Node> {
    const node = new Node(name, await Stage.open('nft'), port);
    await Promise.all(node.resolvers.map((resolver, index) => resolver.call('listen', RESOLVER_PORT, 4 + 5 * index)));
    await node.cache.says(SERVING);
    return node;
  }

  private startCache(): Running {
    return this.stage.startCache({ addresses: [CLUSTER_IPS[0], LOCAL_IPS[0]], corefile: COREFILE });
  }

  /** Ask from the pod at a steady rate. @returns when it is over */
  async load(queries: string, seconds: number, perSecond: number, mode: 'udp' | 'tcp' = 'udp'): Promise<void> {
    const file = path.join(this.stage.folder, `queries-${performance.now()}`);
    writeFileSync(file, queries);
    const numbers = { '-c': 4, '-q': 200, '-t': 3, '-Q': perSecond, '-l': seconds, '-T': 1 };
    const parameters = Object.entries(numbers).flatMap(([flag, value]) => [flag, `${value}`]);
    const command = ['dnsperf', '-m', mode, '-s', CLUSTER_IPS[0], '-d', file, ...parameters];
    const outputFile = path.join(this.stage.folder, `dnsperf-${performance.now()}`);
    await this.stage.keep(new Running(this.stage.network.places.pod, { command, outputFile })).ended;
  }

  /** Replace the cache, as an upgrade does. */
  async restart(): Promise<void> {
    await this.cache.stop();
    this.cache = this.startCache();
  }

  /** Send something to the cache that is no query. */
  junk(): void {
    this.stage.network.places.pod.run('bash', '-c', `printf x >/dev/udp/${CLUSTER_IPS[0]}/53`);
  }

  /** Run a line of shell on the node. */
  sh(line: string): void {
    this.stage.network.places.node.sh(line);
  }

  async close(): Promise<void> {
    this.gate.close();
    this.gate.closeAllConnections();
    await this.stage.close();
  }
}

/** Nodes and the Prometheus that watches them. */
export class Lab {
  readonly nodes: readonly Node[];
  readonly prometheus: Prometheus;

  private constructor(nodes: readonly Node[], prometheus: Prometheus) {
    this.nodes = nodes;
    this.prometheus = prometheus;
  }

  /** @param count of nodes */
  static async open(count: number): Promise<Lab> {
    const nodes: Node[] = [];
    for (let index = 1; index <= count; index++) nodes.push(await Node.open(`node${index}`, PORT + index));
    const targets = nodes.map(({ name, address }) => ({
      address,
      labels: { instance: name, node: name, pod: `node-local-dns-${name}`, namespace: 'kube-system' },
    }));
    const prometheus = new Prometheus(nodes[0].stage.folder, PORT, [fixedTargets(targets)]);
    await prometheus.ready();
    return new Lab(nodes, prometheus);
  }

  async close(): Promise<void> {
    await this.prometheus.stop();
    await Promise.all(this.nodes.map((node) => node.close()));
  }
}

/** What pods ask: few names often, many seldom, some that are not there. One line each, as dnsperf reads them. */
export function queriesOf(count: number, seed = 1): string {
  const words = ['api', 'redis', 'auth', 'orders', 'search', 'mail', 'users', 'billing', 'images', 'events'];
  let state = seed;
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647; // Park and Miller: the same load each time.
    return state / 2_147_483_647;
  };
  const line = (): string => {
    const rank = Math.floor(words.length * random() ** 3);
    if (random() < 0.03) return `x${Math.floor(random() * 40_000)}.example.org A`;
    if (random() < 0.2) return `${words[rank]}${Math.floor(8 * random())}.example.net ${random() < 0.5 ? 'A' : 'AAAA'}`;
    const name = `${words[rank]}.shop${Math.floor(4 * random() ** 2)}.svc.cluster.local`;
    return `${name} ${random() < 0.06 ? 'SRV' : random() < 0.5 ? 'A' : 'AAAA'}`;
  };
  return Array.from({ length: count }, line).join('\n') + '\n';
}
