/**
 * Corefile.base to Corefile: the `__PILLAR__…` words of the node-local-dns manifest become addresses, and the kube-dns
 * ConfigMap's stub domains become server blocks.
 */
import { CorefileError, text } from './errors';

/** What the placeholders stand for on this node. */
export interface PillarValues {
  /** Addresses of the -localip flag. */
  readonly localIps: readonly string[];
  /** ClusterIP of the -upstreamsvc Service; `''` when it is unknown. */
  readonly clusterDnsIp: string;
  /** Environment variable the ClusterIP comes from, for the message when it is missing. */
  readonly clusterDnsVariable: string;
  /** `upstreamNameservers` of the kube-dns ConfigMap; none means /etc/resolv.conf. */
  readonly upstreamServers: readonly string[];
  /** Servers in place of /etc/resolv.conf. @default none: the file itself */
  readonly systemServers?: readonly string[];
  /** `stubDomains` of the kube-dns ConfigMap: servers per domain. */
  readonly stubDomains: Readonly<Record<string, readonly string[]>>;
  /** Port of the stub domains' blocks: the -dns.port flag. */
  readonly dnsPort: number;
}

const UPSTREAM = '__PILLAR__UPSTREAM__SERVERS__';
const CLUSTER_DNS = '__PILLAR__CLUSTER__DNS__';
const LOCAL_DNS = '__PILLAR__LOCAL__DNS__';
const DNS_SERVER = '__PILLAR__DNS__SERVER__';
/** Exactly these lines lose their force_tcp when the ConfigMap names upstreams; other indentation does not match. */
const TCP_BLOCK = `\n    forward . ${UPSTREAM} {\n            force_tcp\n    }\n`;
const UDP_LINE = `\n    forward . ${UPSTREAM}\n`;
const KNOWN: readonly string[] = [UPSTREAM, CLUSTER_DNS, LOCAL_DNS, DNS_SERVER];
const STUB_DOMAIN_TTL_SECONDS = 30;

/** Replace every occurrence; `$` in the replacement means nothing. */
const replaceEach = (from: string, what: string, by: string) => from.split(what).join(by);

function upstreamText(base: string, servers: readonly string[], systemServers: readonly string[]): string {
  if (servers.length === 0) return replaceEach(base, UPSTREAM, systemServers.join(' ') || '/etc/resolv.conf');
  return replaceEach(replaceEach(base, TCP_BLOCK, UDP_LINE), UPSTREAM, servers.join(' '));
}

function stubDomainText(domain: string, servers: readonly string[], values: PillarValues): string {
  return `
${domain}:${values.dnsPort} {
    errors
    cache ${STUB_DOMAIN_TTL_SECONDS}
    bind ${values.localIps.join(' ')}
    forward . ${servers.join(' ')}
}
`;
}

/**
 * The Corefile for this node. Stub domains come in the order of their names: the Go agent's order is random, and each
 * change of it is a reload.
 * @throws CorefileError when the text needs the cluster's DNS address and there is none; the Go agent writes `<nil>`
 * @source kubernetes/dns cmd/node-cache/app/configmap.go
 */
export function renderPillars(base: string, values: PillarValues): string {
  if (base.includes(CLUSTER_DNS) && values.clusterDnsIp === '') {
    throw new CorefileError(text.clusterDnsMissing(values.clusterDnsVariable));
  }
  let corefile = upstreamText(base, values.upstreamServers, values.systemServers ?? []);
  corefile = replaceEach(corefile, CLUSTER_DNS, values.clusterDnsIp);
  corefile = replaceEach(corefile, LOCAL_DNS, values.localIps.join(' '));
  corefile = replaceEach(corefile, DNS_SERVER, '');
  const domains = Object.keys(values.stubDomains).sort();
  return corefile + domains.map((domain) => stubDomainText(domain, values.stubDomains[domain], values)).join('');
}

/**
 * What an operator should know about the same rendering: the Go agent's line about a block that keeps its force_tcp, and
 * the placeholders that nobody replaces.
 */
export function pillarWarnings(base: string, values: PillarValues): string[] {
  const left = values.upstreamServers.length > 0 && replaceEach(base, TCP_BLOCK, '').includes(UPSTREAM);
  const unknown = new Set(base.match(/__PILLAR__\w*?__(?![A-Z])/g)?.filter((word) => !KNOWN.includes(word)));
  const { upstreamServers, systemServers = [] } = values;
  const isReplaced = upstreamServers.length === 0 && systemServers.length > 0 && base.includes(UPSTREAM);
  return [
    ...(isReplaced ? [text.pillarOwnAddress(systemServers)] : []),
    ...(left ? [text.pillarNoTcpBlock] : []),
    ...[...unknown].map(text.pillarUnknown),
  ];
}
