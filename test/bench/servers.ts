/** Who is measured: how each server is configured and started. All get the same names and the same upstream. */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from './machine';
import { localDataText, serviceName, TTL_SECONDS } from './names';
import type { Command } from './program';

const PROJECT = path.join(__dirname, '../..');

/** Where a server of this run has its files, its port and its upstream. */
export interface Place {
  /** Temporary folder of the run. */
  readonly folder: string;
  readonly port: number;
  readonly upstreamPort: number;
  readonly core: number;
}

/** A server that may take part. */
export interface Server {
  readonly name: string;
  /** Why it cannot take part here, and how to enable it; undefined when it can. */
  missing(): string | undefined;
  /** Write its configuration. @returns how to start it */
  prepare(place: Place): Command;
}

/** What happens to a question: answered from memory, or forwarded over TCP each time. */
export type Work = 'hit' | 'miss';

/** Who is asked by those who forward: upstream.c, which costs next to nothing, or unbound, which is a real server. */
export type UpstreamKind = 'c' | 'unbound';

function command(place: Place, name: string, program: string, parameters: readonly string[]): Command {
  const outputFile = path.join(place.folder, `${name}.output`);
  const probe: Command['probe'] = { name: serviceName(0), port: place.port, over: 'udp' };
  return { program, parameters, probe, core: place.core, outputFile };
}

/** Compile test/bench/NAME.c, which serves on the port it is given. */
function compiled(place: Place, name: string): Command {
  const program = path.join(place.folder, name);
  const source = path.join(__dirname, `${name}.c`);
  execFileSync('cc', ['-O2', '-Wall', '-Wextra', '-o', program, source], { stdio: 'inherit' });
  return command(place, name, program, [`${place.port}`]);
}

function withoutCompiler(): string | undefined {
  return findProgram('cc') === undefined ? 'no C compiler; apt-get install gcc libc6-dev' : undefined;
}

/** As operators run it: errors and metrics on. Without `cache` every question goes to the upstream. */
function corefile({ port, upstreamPort }: Place, work: Work): string {
  const cache = work === 'hit' ? `    cache ${TTL_SECONDS}\n` : '';
  return `.:${port} {
    bind 127.0.0.1
    errors
${cache}    prometheus 127.0.0.1:${port + 1}
    forward . 127.0.0.1:${upstreamPort} {
        force_tcp
    }
}
`;
}

/** Our cache, the bundle that ships. @param write makes its Corefile */
export function ours(work: Work, write = corefile): Server {
  return {
    name: 'nodelocaldns',
    missing: () => undefined,
    prepare(place) {
      const file = path.join(place.folder, `nodelocaldns-${work}.Corefile`);
      writeFileSync(file, write(place, work));
      const main = path.join(PROJECT, 'image/dist/main.js');
      return command(place, `nodelocaldns-${work}`, process.execPath, [
        main,
        '-conf',
        file,
        '-metrics-listen-address',
        `127.0.0.1:${place.port + 2}`,
      ]);
    },
  };
}

/** The C echo server, compiled on the spot: what the kernel takes. It forwards nothing. */
export function echo(): Server {
  return {
    name: 'C echo (floor)',
    missing: withoutCompiler,
    prepare: (place) => compiled(place, 'echo'),
  };
}

function unboundConfiguration({ port, folder }: Place, name: string, lines: string): string {
  const file = path.join(folder, `${name}.conf`);
  const common = `server:
  interface: 127.0.0.1@${port}
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  num-threads: 1
  do-not-query-localhost: no
  minimal-responses: yes
  so-rcvbuf: 4m
  incoming-num-tcp: 200
  tcp-idle-timeout: 60000
`;
  writeFileSync(file, common + lines);
  return file;
}

const withoutUnbound = (): string | undefined => (findProgram('unbound') ? undefined : 'apt-get install unbound');

/** unbound, one thread, its upstream asked over TCP like that of the others. For misses its cache keeps nothing. */
export function unbound(work: Work): Server {
  return {
    name: 'unbound',
    missing: withoutUnbound,
    prepare(place) {
      const keep = work === 'hit' ? '' : '  cache-max-ttl: 0\n';
      const lines = `  msg-cache-size: 64m
  rrset-cache-size: 64m
  module-config: "iterator"
  local-zone: "cluster.local." nodefault
  tcp-upstream: yes
  outgoing-num-tcp: 10
${keep}forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${place.upstreamPort}
`;
      const file = unboundConfiguration(place, `unbound-${work}`, lines);
      return command(place, `unbound-${work}`, findProgram('unbound')!, ['-d', '-c', file]);
    },
  };
}

/** The upstream of all, which knows every name. */
export function upstream(kind: UpstreamKind): Server {
  return kind === 'c' ? quickUpstream() : unboundUpstream();
}

function quickUpstream(): Server {
  return {
    name: 'upstream (C)',
    missing: withoutCompiler,
    prepare(place) {
      const made = compiled(place, 'upstream');
      return { ...made, probe: { ...made.probe, over: 'tcp' } }; // It hears nothing else.
    },
  };
}

/** unbound with every name in its configuration, as an authoritative server would have it. */
function unboundUpstream(): Server {
  return {
    name: 'upstream (unbound)',
    missing: withoutUnbound,
    prepare(place) {
      const lines = `  local-zone: "cluster.local." static\n${localDataText()}`;
      const file = unboundConfiguration(place, 'upstream', lines);
      return command(place, 'upstream', findProgram('unbound')!, ['-d', '-c', file]);
    },
  };
}

/** k8s-dns-node-cache, when NODE_CACHE_BIN says where it is: the same Corefile as ours. @param write makes it */
export function nodeCache(work: Work, write = corefile): Server {
  const program = process.env['NODE_CACHE_BIN'];
  return {
    name: 'k8s-dns-node-cache',
    missing() {
      if (program === undefined) return 'set NODE_CACHE_BIN=/path/to/node-cache';
      return existsSync(program) ? undefined : `NODE_CACHE_BIN=${program} does not exist`;
    },
    prepare(place) {
      const base = path.join(place.folder, `node-cache-${work}.base`);
      writeFileSync(base, write(place, work));
      return command(place, `node-cache-${work}`, program!, [
        '-localip=127.0.0.1',
        '-setupinterface=false',
        '-setupiptables=false',
        `-basecorefile=${base}`,
        `-conf=${base}.made`,
        `-metrics-listen-address=127.0.0.1:${place.port + 2}`,
      ]);
    },
  };
}

/** Build the bundle that is measured. */
export function buildOurs(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: PROJECT, stdio: ['ignore', 'inherit', 'inherit'] });
}
