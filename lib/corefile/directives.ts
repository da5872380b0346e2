/**
 * The directives that a Corefile may have, by the image that reads it. A test compares the first list with the one in
 * image/chain/order.ts.
 */

/** Directives of k8s-dns-node-cache 1.26.8. @source kubernetes/dns cmd/node-cache/main.go and what those plugins import */
export const GO_DIRECTIVES: readonly string[] = [
  ...['bind', 'bufsize', 'cache', 'debug', 'dns64', 'dnstap', 'errors', 'forward', 'health', 'hosts', 'loadbalance'],
  ...['log', 'loop', 'metadata', 'pprof', 'prometheus', 'reload', 'rewrite', 'template', 'timeouts', 'trace', 'whoami'],
];

/** Directives of nodelocaldns: the same and more. */
export const DIRECTIVES: readonly string[] = [
  ...GO_DIRECTIVES,
  ...['acl', 'any', 'cancel', 'chaos', 'header', 'local', 'minimal', 'nsid', 'ready'],
].sort();
