/** The cache under drill, started with the flags and the Corefile of its DaemonSet. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CACHE_TTL_SECONDS, CLUSTER_IPS, ENDPOINT_NAME, LOCAL_IPS, UPSTREAM_IP } from './addresses';
import { MAIN } from './cluster-dns';
import type { DrillNetwork } from './network';
import { Running } from './process';

/** Last of what a cache prints when its sockets are open; k8s-dns-node-cache prints the same line. */
export const SERVING = `linux/`;

/** How it is started. */
export interface CacheOptions {
  /** @default all of both families */
  readonly addresses?: readonly string[];
  /** @default auto */
  readonly firewall?: 'auto' | 'nft' | 'iptables';
  /** Another program with the flags of k8s-dns-node-cache, to compare with. */
  readonly program?: string;
  readonly flags?: readonly string[];
  /** Written before the program, such as `sh -c …` that enters a cgroup first. */
  readonly through?: readonly string[];
  /** Tells instances apart that live at the same time. @default 1 */
  readonly instance?: number;
  /** @default {@link fourBlocks} */
  readonly corefile?: string;
}

/** A server block as in the manifest. */
function block(zone: string, to: string, instance: number, more = ''): string {
  return `${zone}:53 {
    errors
    cache {
        success 9984 ${CACHE_TTL_SECONDS}
        denial 9984 5
    }
    reload 2s 1s
    bind __PILLAR__LOCAL__DNS__
    forward . ${to} {
        force_tcp
    }
    prometheus 127.0.0.1:${9252 + instance}
${more}}
`;
}

/**
 * The four blocks of the manifest, without the loop probe: the drill's servers answer it as any other name.
 * @param instance has ports of its own: only from 22.12 on can two Node processes listen on one
 */
export function fourBlocks(instance = 1): string {
  const to = '__PILLAR__CLUSTER__DNS__';
  return [
    block('cluster.local', to, instance, `    health 127.0.0.1:${8079 + instance}\n`),
    block('in-addr.arpa', to, instance),
    block('ip6.arpa', to, instance),
    block('.', to, instance),
  ].join('');
}

/** Addresses of -localip that the drill uses. */
export const ADDRESSES: readonly string[] = [...CLUSTER_IPS, ...LOCAL_IPS];

/** Start it; it serves when {@link Running.says} has seen its banner. */
export function startCache(network: DrillNetwork, folder: string, options: CacheOptions = {}): Running {
  const { addresses = ADDRESSES, firewall = 'auto', instance = 1, program, flags = [], through = [] } = options;
  const place = path.join(folder, `cache${instance}`);
  mkdirSync(path.join(place, 'base'), { recursive: true });
  const base = path.join(place, 'base/Corefile');
  writeFileSync(base, options.corefile ?? fourBlocks(instance));
  const common = ['-localip', addresses.join(','), '-basecorefile', base, '-conf', path.join(place, 'Corefile')];
  common.push(
    '-metrics-listen-address',
    `127.0.0.1:${9352 + instance}`,
    '-upstreamsvc',
    'kube-dns-upstream',
    '-pidfile',
    path.join(place, 'pid'),
  );
  const ours = ['-firewall', firewall, '-fallbacksvc', ENDPOINT_NAME, '-control', path.join(place, 'sock')];
  const command = program === undefined ? [process.execPath, MAIN, ...common, ...ours] : [program, ...common];
  return new Running(network.places.node, {
    command: [...through, ...command, ...flags],
    outputFile: path.join(place, 'output'),
    environment: {
      KUBE_DNS_SERVICE_HOST: CLUSTER_IPS[0],
      KUBE_DNS_UPSTREAM_SERVICE_HOST: UPSTREAM_IP,
    },
  });
}

/** File that the template is read from: what `reload` and the agent's sync look at. */
export function templateFile(folder: string, instance = 1): string {
  return path.join(folder, `cache${instance}`, 'base/Corefile');
}
