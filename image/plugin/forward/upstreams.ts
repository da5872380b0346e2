/** The TO arguments of `forward`: addresses, and files that list them. */
import { resolve } from 'node:path';
import { splitTransport, type Transport } from '../../corefile/address';
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { type HostPort, joinHostPort, portNumber, splitHostPort } from '../../corefile/go-host-port';
import { readConfigFile } from '../../corefile/imports';
import { canonicalIp } from '../../corefile/ip-address';
import { readResolvConf } from '../../upstream/resolv-conf';

/** A server questions are sent to. */
export interface UpstreamOptions {
  /** IPv4 or IPv6 address in its one form, without brackets. */
  readonly address: string;
  readonly port: number;
  /** `IP:port` as configured: label `to` of the metrics, and what error texts name. */
  readonly label: string;
}

/** A TO before its transport is judged. */
export interface Candidate {
  readonly transport: Transport;
  /** As written in the Corefile or found in a file, for messages. */
  readonly written: string;
  readonly host: string;
  readonly port: string;
}

const DNS_PORT = '53';
const withoutScope = (host: string) => host.replace(/%[^%]*$/, '');

function hostPortOrNothing(value: string): HostPort | undefined {
  try {
    return splitHostPort(value);
  } catch {
    return undefined;
  }
}

/** The servers a file lists, in the form of /etc/resolv.conf; undefined when it cannot be read. */
function fromFile(path: string, controller: Controller): Candidate[] | undefined {
  let content: string;
  try {
    content = readConfigFile(resolve(controller.environment.workingDirectory, path), controller.environment);
  } catch {
    return undefined;
  }
  const { addresses, ignored } = readResolvConf(content);
  for (const value of ignored) controller.warn(text.resolvConfIgnored(path, value));
  return addresses.map((host) => {
    return { transport: 'dns', written: joinHostPort(host, DNS_PORT), host, port: DNS_PORT };
  });
}

function candidatesOf(value: string, controller: Controller): Candidate[] {
  const { transport, rest } = splitTransport(value);
  if (rest === '') throw new CorefileError(text.forwardToEmpty(value));
  if (transport === 'unix') return [{ transport, written: value, host: '', port: '' }];
  const both = hostPortOrNothing(rest);
  const host = both?.host ?? rest;
  if (canonicalIp(withoutScope(host)) !== undefined) {
    return [{ transport, written: value, host, port: both?.port ?? DNS_PORT }];
  }
  const listed = fromFile(rest, controller);
  if (listed === undefined) throw new CorefileError(text.forwardTo(rest));
  return listed;
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

/** The candidate as an upstream. @throws CorefileError when it is one we cannot ask */
export function upstreamOf({ transport, written, host, port }: Candidate): UpstreamOptions {
  if (transport === 'tls') throw new CorefileError(text.upstreamTls(written));
  if (transport !== 'dns') throw new CorefileError(text.forwardTransport(transport, written));
  const address = canonicalIp(host);
  if (address === undefined) throw new CorefileError(text.upstreamScope(written));
  const number = portNumber(port);
  if (!number) throw new CorefileError(text.upstreamPort(written));
  return { address, port: number, label: joinHostPort(host, port) };
}
