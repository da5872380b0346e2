/** Metrics of k8s-dns-node-cache that are not here, and why. Written into the table of metrics. */
export const ABSENT: readonly { readonly names: string; readonly fits: RegExp; readonly reason: string }[] = [
  {
    names: '`go_*`',
    fits: /^go_/,
    reason:
      "They describe Go's scheduler and memory. `process_resident_memory_bytes` and `process_cpu_seconds_total` say the same of any program.",
  },
  {
    names: '`promhttp_*`',
    fits: /^promhttp_/,
    reason: "They count the scrapes of one of the two ports, as Go's client library does.",
  },
  {
    names:
      '`coredns_dns_https_responses_total`, `coredns_dns_https3_responses_total`, `coredns_dns_quic_responses_total`',
    fits: /^coredns_dns_(https3?|quic)_/,
    reason: 'k8s-dns-node-cache never counts them: it is built without these transports.',
  },
];
