/**
 * The order of directives. A query meets a block's plugins in this order and not in the file's; setups run in it too,
 * so it also decides which of several mistakes is reported.
 */

/** A directive of CoreDNS. */
export interface Directive {
  readonly name: string;
  /** `here`: implemented. `foreign`: CoreDNS has it, but node-cache is built without it. */
  readonly state: 'here' | 'foreign';
  /** Why it stands here, where that matters to us. */
  readonly reason?: string;
}

const here = (name: string, reason: string): Directive => ({ name, state: 'here', reason });
const foreign = (...names: string[]): Directive[] => names.map((name) => ({ name, state: 'foreign' }));

/** All directives of CoreDNS 1.13.2 in order. @source coredns core/dnsserver/zdirectives.go at v1.13.2 */
export const DIRECTIVES: readonly Directive[] = [
  ...foreign('root'),
  here('metadata', 'before everything that reads what it collects'),
  ...foreign('geoip'),
  here('cancel', 'outside all that takes time'),
  ...foreign('tls', 'quic'),
  here('timeouts', 'a setting of the server, no part of the path'),
  ...foreign('multisocket'),
  here('reload', 'a setting of the process, no part of the path'),
  here('nsid', 'outside cache, which keeps no options'),
  here('bufsize', 'before anything measures or sends an answer'),
  here('bind', 'loop wants to know the address'),
  here('debug', 'a setting of the server, no part of the path'),
  here('trace', 'outside everything it times'),
  here('ready', 'an HTTP server, no part of the path'),
  here('health', 'an HTTP server, no part of the path'),
  here('pprof', 'an HTTP server, no part of the path'),
  here('prometheus', 'counts and times all that is below, errors and cache hits included'),
  here('errors', 'sees the errors of all below'),
  here('log', 'sees the answers of all below, cache hits included'),
  here('dnstap', 'sees the answers of all below'),
  here('local', 'before anybody could be asked'),
  here('dns64', 'in front of cache, so that A and AAAA answers are kept as they came'),
  here('acl', 'in front of cache, so that no kept answer goes around it'),
  here('any', 'in front of cache: there is nothing to keep'),
  here('chaos', 'in front of cache: there is nothing to keep'),
  here('loadbalance', 'in front of cache, so that cached answers are shuffled too'),
  ...foreign('tsig'),
  here('cache', 'in front of all that makes answers: template and hosts answers are kept like upstream ones'),
  here('rewrite', 'behind cache: the cache keeps the name the client asked for'),
  here('header', 'behind cache: answers are kept as it leaves them'),
  ...foreign('dnssec', 'autopath'),
  here('minimal', 'behind cache: answers are kept as it leaves them'),
  here('template', 'before hosts, as in CoreDNS'),
  ...foreign('transfer'),
  here('hosts', 'names of the file win over upstream'),
  ...foreign('route53', 'azure', 'clouddns', 'k8s_external', 'kubernetes', 'file', 'auto', 'secondary', 'etcd'),
  here('loop', 'right before forward: what comes back came through forward'),
  here('forward', 'last that answers: takes every name it is configured for'),
  ...foreign('grpc', 'erratic'),
  here('whoami', 'answers whatever nobody took'),
  ...foreign('on', 'sign', 'view', 'nomad'),
];
