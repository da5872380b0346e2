/**
 * The kube-dns ConfigMap: `stubDomains` and `upstreamNameservers` as users of kube-dns wrote them, and `federations`,
 * which is checked and has no effect.
 * @source kubernetes/dns pkg/dns/config/{config,sync}.go, pkg/dns/util ValidateNameserverIpAndPort, pkg/dns/federation
 */
import { isUtf8 } from 'node:buffer';
import { type HostPort, splitHostPort } from '../corefile/go-host-port';
import { integerOrNothing } from '../corefile/go-integer';
import { quote } from '../corefile/go-quote';
import { canonicalIp } from '../corefile/ip-address';
import { UPSTREAM_NAMESERVERS_MAX } from '../limits';

/** What the ConfigMap says about forwarding. */
export interface KubeDnsConfig {
  /** Servers per domain, as written: `IP`, `IP:port`, `[IPv6]:port` or a file's name. */
  readonly stubDomains: Readonly<Record<string, readonly string[]>>;
  /** At most UPSTREAM_NAMESERVERS_MAX, `IP` or `IP:port`; none means the Corefile's own. */
  readonly upstreamServers: readonly string[];
}

/** Without ConfigMap. */
export const KUBE_DNS_NONE: KubeDnsConfig = { stubDomains: {}, upstreamServers: [] };

/** RFC 1123 with Kubernetes's restriction to lower case. @source apimachinery util/validation */
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

const isLabel = (value: string): boolean => value.length <= 63 && DNS_LABEL.test(value);
const isSubdomain = (value: string): boolean => value.length <= 253 && DNS_SUBDOMAIN.test(value);

/**
 * Read and check the whole ConfigMap: one wrong value and none of it is used.
 * @param files its keys
 * @param isFile is there a file of this name, which lists servers as /etc/resolv.conf does?
 * @throws Error whose message says key, value, what is wanted; the beginning is the Go agent's
 */
export function readKubeDnsConfig(
  files: ReadonlyMap<string, Uint8Array>,
  isFile: (path: string) => boolean,
): KubeDnsConfig {
  for (const [name, content] of files) if (!isUtf8(content)) throw new Error(`non-utf8 data in ${name}`);
  const read = <T>(key: string, reader: (value: string) => T, missing: T): T => {
    const content = files.get(key);
    if (content === undefined) return missing;
    try {
      return reader(Buffer.from(content).toString('utf8'));
    } catch (error) {
      throw new Error(`Invalid configuration for ${key}, ignoring update: ${(error as Error).message}`);
    }
  };
  read('federations', checkFederations, undefined);
  const stubDomains = read('stubDomains', readStubDomains, {});
  const upstreamServers = read('upstreamNameservers', readUpstreamServers, []);
  for (const [domain, servers] of Object.entries(stubDomains)) checkNames(domain, servers, isFile);
  return { stubDomains, upstreamServers };
}

/** `name=domain,…`: nothing comes of it since federation is gone from Kubernetes, but a wrong value counts as one. */
function checkFederations(value: string): void {
  if (value.trim() === '') return;
  for (const item of value.split(',')) {
    const equals = item.indexOf('=');
    if (equals < 0) throw new Error('invalid format, must be key=value');
    const name = item.slice(0, equals).trim();
    const domain = item.slice(equals + 1).trim();
    if (!isLabel(name)) throw new Error(`${quote(name)} not a valid federation name`);
    if (!isSubdomain(domain)) throw new Error(`${quote(domain)} not a valid domain name`);
  }
}

function readStubDomains(value: string): Record<string, readonly string[]> {
  const form = 'an object of domains and lists of servers, such as {"example.org": ["10.0.0.10"]}';
  const parsed = parseJson(value, form);
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw new Error(`it is no JSON object; want ${form}`);
  const domains: Record<string, readonly string[]> = {};
  for (const [domain, list] of Object.entries(parsed)) {
    if (!isSubdomain(domain))
      throw new Error(`invalid domain name: ${quote(domain)}; want lower case without final dot`);
    const servers = serverList(list, `the servers of ${quote(domain)}`);
    if (servers.length === 0) throw new Error(`${quote(domain)} has no server; name one or remove the domain`);
    checkStubServers(servers);
    domains[domain] = servers;
  }
  return domains;
}

function checkStubServers(servers: readonly string[]): void {
  for (const server of servers) {
    const both = hostPortOrNothing(server);
    const isWrongPort = both !== undefined && both.port !== '' && !isPort(both.port, 0);
    const host = both?.host ?? server;
    const address = canonicalIp(host);
    if (!isWrongPort && (address === host || isSubdomain(server))) continue;
    const form = address === undefined || isWrongPort ? '' : `, and the address as ${address}`; // Kubernetes 1.34 is strict.
    throw new Error(`invalid nameserver: ${quote(server)}; want IP, IP:port or [IPv6]:port${form}`);
  }
}

/**
 * kube-dns took names of servers, too; the forward directive of k8s-dns-node-cache does not.
 * @source kubernetes/dns pkg/dns/config/config.go ValidateNodeLocalCacheConfig
 */
function checkNames(domain: string, servers: readonly string[], isFile: (path: string) => boolean): void {
  for (const server of servers) {
    if (isAddress(server) || isFile(server)) continue; // From a file forward reads servers, as from /etc/resolv.conf.
    const cause = `not an IP address or file: ${quote(server)}`;
    throw new Error(
      `Invalid config: invalid nameservers [${servers.join(' ')}] for the stub domain ${domain}: ${cause}`,
    );
  }
}

const isAddress = (server: string): boolean => canonicalIp(hostPortOrNothing(server)?.host ?? server) !== undefined;

function readUpstreamServers(value: string): readonly string[] {
  const form = 'a list of servers, such as ["10.0.0.10", "10.0.0.11:5353"]';
  const servers = serverList(parseJson(value, form), 'it', form);
  if (servers.length > UPSTREAM_NAMESERVERS_MAX) {
    throw new Error(`upstreamNameserver cannot have more than three entries, it has ${servers.length}`);
  }
  for (const server of servers) checkUpstreamServer(server);
  return servers;
}

/** @source kubernetes/dns pkg/dns/util ValidateNameserverIpAndPort */
function checkUpstreamServer(server: string): void {
  if (canonicalIp(server) !== undefined) return;
  const { host, port } = splitHostPort(server); // Throws in Go's words: `address x: missing port in address`.
  if (canonicalIp(host) === undefined) throw new Error(`bad IP address: ${quote(host)}`);
  if (!isPort(port, 1)) throw new Error(`bad port number: ${quote(port)}`);
}

function parseJson(value: string, form: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`invalid JSON ${quote(value.slice(0, 200))}: ${(error as Error).message}; want ${form}`);
  }
}

/** A JSON list of texts; `null` is an empty one and a null in it an empty text, as in Go. */
function serverList(value: unknown, what: string, form = 'a list of texts'): string[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${what} is no JSON list; want ${form}`);
  return value.map((item: unknown) => {
    if (typeof item === 'string') return item;
    if (item === null) return '';
    throw new Error(`${what} has ${JSON.stringify(item).slice(0, 100)}, which is no text in quotes; want ${form}`);
  });
}

function hostPortOrNothing(value: string): HostPort | undefined {
  try {
    return splitHostPort(value);
  } catch {
    return undefined;
  }
}

function isPort(value: string, min: number): boolean {
  const port = integerOrNothing(value);
  return port !== undefined && port >= min && port <= 65535;
}
