/** The TO arguments of `forward`: addresses, files that list them, and names. */
import { resolve } from 'node:path';
import { splitTransport, type Transport } from '../../corefile/address';
import type { Controller } from '../../corefile/controller';
import type { Environment } from '../../corefile/environment';
import { CorefileError, text } from '../../corefile/errors';
import { hostPortOrNothing, joinHostPort, portNumber } from '../../corefile/go-host-port';
import { readConfigFile } from '../../corefile/imports';
import { canonicalIp } from '../../corefile/ip-address';
import { isDomainName } from '../../corefile/zone-name';
import { readResolvConf } from '../../upstream/resolv-conf';
import type { TlsSettings } from '../../upstream/tcp-dialer';
import type { BlockOptions } from './options';

/** A server questions are sent to. */
export interface UpstreamOptions {
  /** IPv4 or IPv6 address in its one form, without brackets; a link-local one ends in `%` and the interface's number. */
  readonly address: string;
  readonly port: number;
  /** `IP:port` as configured: label `to` of the metrics, and what error texts name. */
  readonly label: string;
  /** How to speak TLS with it; not there: plain DNS. */
  readonly tls?: TlsSettings;
}

/** A TO before its transport is judged and before it is looked up. */
export interface Candidate {
  readonly transport: Transport;
  /** As written in the Corefile or found in a file, for messages. */
  readonly written: string;
  /** An address without zone, or a name. */
  readonly host: string;
  readonly port: string;
  /** What follows `%`: the server's name for TLS, else the interface of a link-local address. */
  readonly zone: string;
  /** Its addresses are to be asked for. */
  readonly isName: boolean;
}

const PORTS: Partial<Record<Transport, string>> = { tls: '853', quic: '853', grpc: '443', https: '443', https3: '443' };
const DNS_PORT = '53';

/** Cut `%ZONE` off, wherever it stands: `1.1.1.1%name:853`, `[::1%name]:853`. @source coredns plugin/forward splitZone */
function splitZone(value: string): { rest: string; zone: string } {
  const percent = value.lastIndexOf('%');
  if (percent === -1) return { rest: value, zone: '' };
  const [, zone, after] = /^([^:\]]*)(.*)$/s.exec(value.slice(percent + 1))!;
  return { rest: value.slice(0, percent) + after, zone };
}

/** The servers a file lists, in the form of /etc/resolv.conf; undefined when it cannot be read. */
function fromFile(path: string, controller: Controller): Candidate[] | undefined {
  const { environment } = controller;
  const absolute = resolve(environment.workingDirectory, path);
  let content: string;
  try {
    if (environment.pathKind(absolute) === 'directory') return []; // It opens, and has no lines.
    content = readConfigFile(absolute, environment);
  } catch {
    return undefined;
  }
  const { addresses, ignored } = readResolvConf(content);
  for (const value of ignored) controller.warn(text.resolvConfIgnored(path, value));
  return addresses.map((host) => {
    const written = joinHostPort(host, DNS_PORT);
    return { transport: 'dns', written, host, port: DNS_PORT, zone: '', isName: false };
  });
}

/** Can this be the name of a host? Nobody asks a DNS server for paths and for what was meant to be an address. */
function isHostName(host: string): boolean {
  return /[a-z]/i.test(host.replace(/^.*\.(?=.)/, '')) && !/[/:]/.test(host) && isDomainName(host);
}

function candidatesOf(value: string, controller: Controller): Candidate[] {
  const { transport, rest } = splitTransport(value);
  if (rest === '') throw new CorefileError(text.forwardToEmpty(value));
  const common = { transport, written: value };
  if (transport === 'unix') return [{ ...common, host: '', port: '', zone: '', isName: false }];
  const split = splitZone(rest);
  const both = hostPortOrNothing(split.rest);
  const host = both?.host ?? split.rest;
  const candidate = { ...common, host, port: both?.port ?? PORTS[transport] ?? DNS_PORT, zone: split.zone };
  if (canonicalIp(host) !== undefined) return [{ ...candidate, isName: false }];
  const listed = fromFile(rest, controller);
  if (listed !== undefined) return listed;
  if (controller.environment.lookUpHost === undefined || !isHostName(host)) {
    throw new CorefileError(text.forwardTo(rest));
  }
  return [{ ...candidate, isName: true }];
}

/**
 * What the TO arguments name, files read.
 * @throws CorefileError `not an IP address or file: "X"`, `no nameservers found`
 * @source coredns plugin/pkg/parse/host.go at v1.13.2
 */
export function readCandidates(values: readonly string[], controller: Controller): Candidate[] {
  const candidates = values.flatMap((value) => candidatesOf(value, controller));
  if (candidates.length === 0) throw new CorefileError(text.forwardNone);
  return candidates;
}

/** A host's name as resolvers of programs take it. */
export function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

/** Addresses of a TO that is a name, each once. @source coredns plugin/forward/resolve.go at v1.14 */
function addressesOf({ host, written, isName }: Candidate, block: BlockOptions, environment: Environment): string[] {
  if (!isName) return [host];
  try {
    const found = environment.lookUpHost!(withoutDot(host), block.resolvers);
    return [...new Set(found.map((address) => canonicalIp(address) ?? address))];
  } catch (error) {
    throw new CorefileError(text.upstreamName(written, (error as Error).message));
  }
}

/** The address with what connect(2) needs to know of its interface (RFC 4007 §11). */
function scopedAddress(address: string, { zone, written }: Candidate, environment: Environment): string {
  if (zone === '' || !/^fe[89ab]/.test(address)) return address; // Elsewhere a zone means nothing; CoreDNS cuts it off.
  try {
    return `${address}%${Number(environment.readFile(`/sys/class/net/${zone}/ifindex`))}`;
  } catch {
    throw new CorefileError(text.upstreamScope(written, zone));
  }
}

function tlsOf({ zone, host, port }: Candidate, { serverName, tls }: BlockOptions): TlsSettings {
  if (zone !== '' && serverName !== '') {
    throw new CorefileError(text.forwardServerName(serverName, zone, `tls://${joinHostPort(host, port)}`));
  }
  return { certificate: '', key: '', authorities: '', ...tls, serverName: serverName === '' ? zone : serverName };
}

/** The upstreams a candidate stands for: one, or one per address of a name. @throws CorefileError when we cannot ask it */
export function upstreamsOf(candidate: Candidate, block: BlockOptions, environment: Environment): UpstreamOptions[] {
  const { transport, written, port } = candidate;
  if (transport !== 'dns' && transport !== 'tls') {
    const shown = transport === 'unix' ? written : `${transport}://${joinHostPort(candidate.host, port)}`;
    throw new CorefileError(text.forwardTransport(transport, shown));
  }
  const tls = transport === 'tls' ? { tls: tlsOf(candidate, block) } : {};
  const number = portNumber(port);
  if (!number) throw new CorefileError(text.upstreamPort(written));
  return addressesOf(candidate, block, environment).map((host) => {
    const address = canonicalIp(host) ?? host;
    const scoped = transport === 'dns' ? scopedAddress(address, candidate, environment) : address;
    return { address: scoped, port: number, label: joinHostPort(host, port), ...tls };
  });
}
