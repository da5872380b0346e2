/**
 * Every message a Corefile can cause. Those up to "Our own" are CoreDNS 1.13.2's to the letter, because people search
 * for them and compare them; ours name the value, what was wanted and the repair.
 */
import { quote } from './go-quote';

/** A place in a Corefile. */
export interface Position {
  readonly file: string;
  readonly line: number;
}

/** A Corefile that cannot be used. `message` is CoreDNS's where there is one; {@link positionedText} is for operators. */
export class CorefileError extends Error {
  override readonly name = 'CorefileError';
  /** Where it is, when that is known: CoreDNS's own message often does not say. */
  readonly position: Position | undefined;

  constructor(message: string, position?: Position) {
    super(message);
    this.position = position;
  }
}

/** The line for stderr: `FILE:LINE - MESSAGE`, unless the message says itself where. */
export function positionedText({ message, position }: CorefileError): string {
  if (position === undefined || /:\d+ - (Error during parsing|Syntax error): /.test(message)) return message;
  return `${position.file}:${position.line} - ${message}`;
}

/** A character as Go's `%#U` writes it. */
function unicode(code: number): string {
  const shown =
    quote(String.fromCharCode(code)).includes('\\') && code !== 0x22 && code !== 0x5c
      ? ''
      : ` '${String.fromCharCode(code)}'`;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}${shown}`;
}

/** The catalogue. @source coredns/caddy caddyfile/, coredns core/dnsserver, the setup.go of each plugin */
export const text = {
  // ── Where ──
  during: (file: string, line: number, message: string) => `${file}:${line} - Error during parsing: ${message}`,
  syntax: (file: string, line: number, found: string, expected: string) =>
    `${file}:${line} - Syntax error: Unexpected token '${found}', expecting '${expected}'`,
  inPlugin: (name: string, message: string) => `plugin/${name}: ${message}`,
  inKeys: (message: string) => `error inspecting server blocks: ${message}`,
  cannotOpen: (cause: string) => `loading Caddyfile via flag: ${cause}`,

  // ── Grammar ──
  endOfFile: 'Unexpected EOF',
  braceUnmatched: "Unexpected '}' because no matching opening brace",
  braceForArgument: "Unexpected token '{', expecting argument",
  addressExpected: "Expected another address but had '{' - check for extra comma",
  argumentCount: (after: string) => `Wrong argument count or unexpected line ending after '${after}'`,
  unknownDirective: (name: string) => `Unknown directive '${name}'`,
  noAction: (name: string) => `no action found for directive '${name}' with server type 'dns' (missing a plugin?)`,
  snippetTwice: (name: string) => `redeclaration of previously declared snippet ${name}`,
  snippetDepth: (limit: number) => `maximum snippet import depth (${limit}) exceeded`,
  fileDepth: (limit: number) => `maximum file import depth (${limit}) exceeded`,
  importEmpty: 'Import requires a non-empty filepath',
  importOne: 'Import takes only one argument (glob pattern or file)',
  importWildcards: (pattern: string) => `Glob pattern may only contain one wildcard (*), but has others: ${pattern}`,
  importPattern: (pattern: string) => `Failed to use import pattern ${pattern}: syntax error in pattern`,
  importMissing: (pattern: string) => `File to import not found: ${pattern}`,
  importNoMatch: (pattern: string) => `No files matching import glob pattern: ${pattern}`,
  importFailed: (path: string, cause: string) => `Could not import ${path}: ${cause}`,
  isDirectory: 'is a directory',

  // ── Keys and listeners ──
  afterColon: (key: string) => `expecting data after last colon: ${quote(key)}`,
  zoneTooLong: (bytes: number) => `specified zone is too long: ${bytes} > 255`,
  zoneInvalid: (zone: string) => `zone is not a valid domain name: ${zone}`,
  cidrInvalid: (key: string) => `invalid CIDR ${key}`,
  portInvalid: (port: string) => `address ${port}: invalid port`,
  alreadyDefined: (server: string) => `cannot serve ${server} - it is already defined`,
  overlap: (server: string, other: string) => `cannot serve ${server} - zone overlap listener capacity with ${other}`,

  // ── Go's own ──
  atoi: (value: string, what: string) => `strconv.Atoi: parsing ${quote(value)}: ${what}`,
  parseBool: (value: string, what: string) => `strconv.ParseBool: parsing ${quote(value)}: ${what}`,
  parseFloat: (value: string, what: string) => `strconv.ParseFloat: parsing ${quote(value)}: ${what}`,
  parseUint: (value: string, what: string) => `strconv.ParseUint: parsing ${quote(value)}: ${what}`,
  cidrAddress: (value: string) => `invalid CIDR address: ${value}`,
  hexOctet: (octet: number) => `encoding/hex: invalid byte: ${unicode(octet)}`,
  hexOdd: 'encoding/hex: odd length hex string',
  addressIn: (address: string, what: string) => (address === '' ? what : `address ${address}: ${what}`),

  // ── Plugins ──
  once: 'this plugin can only be used once per Server Block',
  unknownProperty: (name: string) => `unknown property '${name}'`,
  aclAction: (word: string) => `unexpected token ${word}; expect 'allow', 'block', 'filter' or 'drop'`,
  aclSection: (word: string) => `unexpected token ${word}; expect 'type | net'`,
  aclSectionNothing: (section: string) => `no token specified in ${section} section`,
  aclType: (word: string) => `unexpected token ${word}; expect legal QTYPE`,
  aclNetwork: (word: string) => `illegal CIDR notation ${word}`,
  bindNothing: 'at least one address or interface name is expected',
  bindExceptNothing: 'at least one address or interface must be given to except subdirective',
  bindOption: (name: string) => `invalid option ${quote(name)}`,
  bindInvalid: (value: string) => `not a valid IP address or interface name: ${quote(value)}`,
  cacheTtl: (seconds: number) => `cache TTL can not be zero or negative: ${seconds}`,
  cacheMinTtl: (seconds: number) => `cache min TTL can not be negative: ${seconds}`,
  cacheServfailNegative: 'invalid negative ttl for servfail',
  cacheServfailLong: 'caching SERVFAIL responses over 5 minutes is not permitted',
  cacheDisable: 'cache type for disable must be "success" or "denial"',
  cachePrefetchAmount: (amount: number) => `prefetch amount should be positive: ${amount}`,
  cachePercentSign: (last: string) => `last character of percentage should be \`%\`, but is: '${last}'`,
  cachePercentage: (percentage: number) => `percentage should fall in range [10, 90]: ${percentage}`,
  cacheStaleNegative: 'invalid negative duration for serve_stale',
  cacheStaleMode: (mode: string) => `invalid value for serve_stale refresh mode: ${mode}`,
  cacheStaleDuration: (what: string, why: string) => `invalid serve_stale ${what}: ${why}`,
  cacheStaleVerifyNegative: 'invalid negative timeout for serve_stale verify',
  cacheStaleTtlNegative: 'invalid negative response TTL for serve_stale',
  cacheStaleTtlPart: 'serve_stale response TTL must be a whole number of seconds',
  cacheStaleTtlLong: 'serve_stale response TTL exceeds the DNS TTL range',
  cacheStaleRecheckNegative: 'invalid negative failure recheck for serve_stale',
  cacheStaleRecheckLong: 'serve_stale failure recheck cannot exceed 5 minutes',
  cancelDuration: (value: string) => `invalid duration: ${value}`,
  cancelNegative: (value: string) => `invalid negative duration: ${value}`,
  dns64Family: (prefix: string) => `invalid netmask 32 IPv6 address: ${quote(prefix)}`,
  dns64Length: (prefix: string) => `invalid prefix length ${quote(prefix)}`,
  dnstapNumber: (what: string, value: string, cause: string) => `dnstap: invalid ${what} ${value}: ${cause}`,
  dnstapRange: (what: string, max: number, unit: string, value: number) =>
    `dnstap: ${what} must be between 1 and ${max} (${unit}): ${value}`,
  errorsFile: (name: string) => `invalid log file: ${name}`,
  errorsField: (name: string) => `Unknown field ${name}`,
  errorsLevel: (name: string) => `unknown log level argument in consolidate: ${name}`,
  errorsLevels: 'multiple log levels specified in consolidate',
  errorsLevelLate: 'log level must come before show_first in consolidate',
  regexpLong: (characters: number, limit: number) => `regex pattern too long: ${characters} > ${limit}`,
  forwardFrom: (from: string) => `unable to normalize '${from}'`,
  forwardFromMany: (from: string, used: string) =>
    `Unsupported CIDR notation: '${from}' expands to multiple zones. Using only '${used}'.`,
  forwardTo: (value: string) => `not an IP address or file: ${quote(value)}`,
  forwardToEmpty: (value: string) => `invalid address: ${quote(value)}`,
  forwardNone: 'no nameservers found',
  forwardTransport: (transport: string, to: string) =>
    `'${transport}' is not supported as a destination protocol in forward: ${to}`,
  forwardServerName: (forward: string, upstream: string, to: string) =>
    `both forward ('${forward}') and proxy level ('${upstream}') TLS servernames are set for upstream proxy '${to}'`,
  forwardRcode: (name: string) => `${name} is not a valid rcode`,
  failoverNoError: 'NoError cannot be used in failover',
  forwardResolver: (value: string) => `resolver must be an IP address or IP:port: ${quote(value)}`,
  readTimeout: (value: string) => `read_timeout must be positive: ${value}`,
  sourceAddress: (value: string) => `invalid IP address: ${value}`,
  tlsCertificate: (cause: string) => `could not load TLS cert: ${cause}`,
  forwardMany: (limit: number, count: number) => `more than ${limit} TOs configured: ${count}`,
  forwardPolicy: (name: string) => `unknown policy '${name}'`,
  negative: (option: string, value: string) => `${option} can't be negative: ${value}`,
  maxAgeShort: (age: string, expire: string) => `max_age (${age}) must not be less than expire (${expire})`,
  healthCheckOption: (name: string) => `health_check: unknown option ${name}`,
  healthCheckDomain: (name: string) => `health_check: invalid domain name ${name}`,
  headerRule: (cause: string) => `setting up rule: ${cause}`,
  headerSelector: (word: string) => `invalid selector=${word} should be query or response`,
  headerActionNothing: 'no flag action provided',
  headerAction: (word: string) => `unknown flag action=${word}, should be set or clear`,
  headerFlagsNothing: 'invalid length for flags, at least one should be provided',
  headerFlag: (word: string) => `unknown/unsupported flag=${word}`,
  lameduck: (value: string, cause: string) => `unable to parse lameduck duration value: '${value}' : ${cause}`,
  hostsAccess: (path: string, cause: string) => `unable to access hosts file '${path}': ${cause}`,
  hostsMissing: (path: string) => `File does not exist: ${path}`,
  hostsDirectory: (path: string) => `Hosts file ${quote(path)} is a directory`,
  hostsTtlNothing: 'ttl needs a time in second',
  hostsTtlText: 'ttl needs a number of second',
  hostsTtlRange: 'ttl provided is invalid',
  hostsReloadNothing: 'reload needs a duration (zero seconds to disable)',
  hostsReloadText: (value: string) => `invalid duration for reload '${value}'`,
  hostsReloadNegative: (value: string) => `invalid negative duration for reload '${value}'`,
  loadbalancePolicy: (name: string) => `unknown policy: ${name}`,
  loadbalanceProperty: (policy: string) => `unknown property for ${policy}`,
  loadbalanceFileNothing: 'missing weight file argument',
  loadbalanceFileMany: 'unexpected argument(s)',
  loadbalanceReloadNothing: 'reload duration value is missing',
  loadbalanceReloadMany: 'unexpected argument',
  loadbalanceReload: (value: string) => `invalid reload duration '${value}'`,
  loadbalanceNetwork: (value: string, cause: string) => `invalid CIDR ${quote(value)}: ${cause}`,
  weightFileOpen: 'weight file open error',
  weightFileMissing: (reloadText: string) =>
    `Failed to open weight file:weight file open error. Will try again in ${reloadText}`,
  weightName: (name: string, path: string) =>
    `wrong domain name:"${name}" in weight file ${path}. (Maybe a missing weight value?)`,
  weightAddress: (address: string, path: string) => `wrong IP address:"${address}" in weight file ${path}`,
  weightValue: (value: string, path: string) => `wrong weight value:"${value}" in weight file ${path}`,
  weightNameMissing: (path: string) => `missing domain name in weight file ${path}`,
  weightLine: (line: string, path: string) => `could not parse weight line:"${line}" in weight file ${path}`,
  logClass: (name: string) => `invalid Class: ${name}`,
  pprofRate: (value: string) => `property 'block' invalid integer value '${value}'`,
  readyMonitor: (kind: string) => `monitor type '${kind}' not supported`,
  reloadInterval: 'interval value must be greater or equal to 2s',
  reloadJitter: 'jitter value must be greater or equal to 1s',
  timeoutsDuration: (value: string) => `failed to parse duration '${value}'`,
  timeoutsRange: (value: string) => `timeout provided '${value}' needs to be between 1 second and 24 hours`,
  timeoutsOption: (name: string) => `unknown option: '${name}'`,
  timeoutsNothing: 'timeouts block with no timeouts specified',
  rewriteNothing: 'no rule type specified for rewrite',
  rewriteMode: (mode: string) => `${mode} rule must begin with a rule type`,
  rewriteField: (name: string) => `invalid rule type ${quote(name)}`,
  rewriteAnswerFirst: 'response rewrites must begin with a name rule',
  rewriteTwo: (field: string) => `${field} rules must have exactly two arguments`,
  rewriteNumber: (kind: string, name: string) => `invalid ${kind} ${quote(name)}`,
  rewriteNameFew: 'too few arguments for a name rule',
  rewriteNameKind: (kind: string) =>
    `name rule supports only exact, prefix, suffix, substring, and regex name matching, received: ${kind}`,
  rewriteRegexp: (pattern: string) => `invalid regex matching pattern: ${pattern}`,
  rewriteGroups: (to: string, pattern: string) =>
    `the rewrite regex pattern (${to}) uses more subexpressions than its corresponding matching regex pattern (${pattern})`,
  rewriteAnswerFew: (kind: string) => `invalid arguments for ${kind} rule`,
  rewriteAnswerMany: (kind: string) =>
    `exceeded the number of arguments for a non-answer rule argument for ${kind} rule`,
  rewriteAnswerNothing: (kind: string) => `type missing for answer rule for ${kind} rule`,
  rewriteAnswerTwo: (part: string, kind: string) => `${part} answer rule for ${kind} rule: 2 arguments required`,
  rewriteAnswerWrong: (part: string, kind: string, cause: string) => `${part} answer rule for ${kind} rule: ${cause}`,
  rewriteAnswerType: (part: string, kind: string) => `invalid type ${quote(part)} for answer rule for ${kind} rule`,
  rewriteAutoName: 'auto name answer rule cannot be combined with explicit name anwer rules',
  rewriteMatchFew: (what: string, count: number) => `too few (${count}) arguments for a ${what} rule`,
  rewriteMatchKind: (what: string) =>
    `${what} rule supports only exact, prefix, suffix, substring, and regex name matching`,
  rewriteMatchRegexp: (what: string, pattern: string) => `invalid regex pattern in a ${what} rule: ${pattern}`,
  rewriteTtl: (value: string) => `invalid TTL '${value}' for a ttl rule`,
  rewriteRcode: (which: string, name: string) => `invalid ${which} RCODE '${name}' for a rcode rule`,
  rewriteCnameKind: (kind: string) => `unknown cname rewrite type: ${kind}`,
  rewriteCnameRegexp: (cause: string) => `invalid cname rewrite regex pattern: ${cause}`,
  rewriteEdnsFew: 'too few arguments for an EDNS0 rule',
  rewriteEdnsCount: (option: string) => `EDNS0 ${option} rules require three or four args`,
  rewriteNsidCount: 'EDNS0 NSID rules can accept no more than one arg',
  rewriteUnset: (option: string, count: string) => `${option} unset action requires exactly ${count}`,
  rewriteAction: (action: string) => `invalid action: ${quote(action)}`,
  rewriteVariable: (name: string) => `unsupported variable name ${quote(name)}`,
  rewriteBits: (version: number, bits: number) => `invalid IPv${version} bit mask length ${bits}`,
  templateClass: (name: string) => `invalid query class ${name}`,
  templateType: (name: string) => `invalid RR class ${name}`,
  templateRegexp: (pattern: string, cause: string) => `could not parse regex: ${pattern}, ${cause}`,
  templateText: (value: string, cause: string) => `could not compile template: ${value}, ${cause}`,
  templateExtendedError: (value: string, cause: string) => `error parsing extended DNS error code ${value}, ${cause}\n`,
  templateRcode: (name: string) => `unknown rcode ${name}`,
  traceType: (type: string) => `tracing endpoint type '${type}' is not supported`,
  traceRate: (rate: string) => `datadog analytics rate must be between 0 and 1, '${rate}' is not supported`,

  // ── Our own ──
  traceDatadog:
    "tracing endpoint type 'datadog' is not supported by this version: its protocol is not spoken here. Write zipkin and " +
    'the address of a collector that takes Zipkin JSON, which that of Datadog does, or remove the directive',
  fileTooLong: (path: string, bytes: number, limit: number) =>
    `${path}: ${bytes} bytes are too many for a configuration file; at most ${limit} are read`,
  tooManyTokens: (tokens: number, limit: number) =>
    `${tokens} words with all imports are too many, at most ${limit} are read: is there an import that repeats itself?`,
  bindNothingLeft: (names: string) =>
    `no address of '${names}' is left after 'except', so the block would be served nowhere: name another address or ` +
    'interface, or remove the block',
  variableNeverEnds: (name: string) =>
    `environment variable ${quote(name)} refers to itself, so its replacement never ends: give it a plain value`,
  transportPlain: (key: string, transport: string) =>
    `cannot serve '${key}': there is no certificate to serve ${transport}:// with, and k8s-dns-node-cache, which has ` +
    `none either, answers in plain text or not at all; write the zone without ${transport}://, or remove the block`,
  loadbalanceReloadNegative: (value: string) =>
    `invalid reload duration '${value}': it must not be negative; write 0 to read the file once`,
  upstreamScope: (to: string, name: string) =>
    `upstream '${to}': there is no network interface ${quote(name)}; write the name that "ip link" shows`,
  upstreamName: (value: string, cause: string) =>
    `not an IP address or file: ${quote(value)}; as a name: ${cause}. Write its address, or name servers that know it ` +
    'with "resolver"',
  tlsAuthorities: (path: string) =>
    `could not read root certs: ${path} has no certificate in PEM form ("-----BEGIN CERTIFICATE-----")`,
  upstreamPort: (to: string) => `upstream '${to}': the port must be a number from 1 to 65535`,
  resolvConfIgnored: (path: string, value: string) =>
    `nameserver ${quote(value)} in ${path} is not an IP address and was ignored`,
  templateAction: (action: string, at: number) =>
    `action ${quote(action)} at character ${at} is not supported; supported are fields, .Group.NAME, index .Match N, ` +
    'if, with, range, variables, comments, and the functions and or not eq ne lt le gt ge len index slice print ' +
    'printf println parseInt',
  clusterDnsMissing: (variable: string) =>
    `the Corefile uses __PILLAR__CLUSTER__DNS__, but environment variable ${variable} has no IP address: create the ` +
    'upstream Service before the pods (and name it with -upstreamsvc), or write the address into the Corefile',
  pillarUnknown: (word: string) =>
    `Placeholder ${word} is none that is replaced here and stays in the Corefile: put its value there when the ` +
    'template is installed',
  pillarOwnAddress: (servers: readonly string[]) =>
    '/etc/resolv.conf names an address of -localip, so the cache would ask itself: asking ' +
    `${servers.join(', ')} instead; give the node a resolver of its own, or the kube-dns ConfigMap upstreamNameservers`,
  pillarNoTcpBlock: 'Did not find TCP upstream block to replace, assuming upstreams already use UDP.',
} as const;
