/** Alerts: are the node's link, rules and lease in order, and is the newest configuration in use? */
import type { AlertValues } from '../values-alerts';
import { type AlertDefinition, type AlertScope, CACHE, STATUS } from './alert';
import { PER_CACHE, sumPerCache } from './promql';

function lease({ job }: AlertScope, { leaseLost, leaseFlapping, noFailover }: AlertValues): AlertDefinition[] {
  return [
    {
      name: 'NodeLocalDNSLeaseLost',
      expr: `max by (${PER_CACHE}, address) (nodelocaldns_lease_held{${job}}) == 0\n`,
      settings: leaseLost,
      summary: `${CACHE} has no lease on {{ $labels.address }}: kube-dns answers there.`,
      description:
        'Pods of the node have DNS, across the network and without the cache. The cache hears no answer of its own ' +
        `at that address; see which rule or address is missing: ${STATUS}.`,
    },
    {
      name: 'NodeLocalDNSLeaseFlapping',
      expr: `${sumPerCache(`increase(nodelocaldns_lease_changes_total{${job}, state="lost"}[30m])`, 'address')} > ${leaseFlapping.losses}\n`,
      settings: leaseFlapping,
      summary: `${CACHE} lost its lease on {{ $labels.address }} {{ $value | humanize }} times in half an hour.`,
      description:
        'Its answers to itself come late: the node starves, or the cache hangs for a second at a time. See the ' +
        'pressure on the node (node_pressure_cpu_waiting_seconds_total, throttling of the pod), then the log of ' +
        'the pod.',
    },
    {
      name: 'NodeLocalDNSNoFailover',
      expr: [
        `nodelocaldns_node_mode_info{${job}}`,
        `  unless on (${PER_CACHE}) nodelocaldns_lease_held{${job}}`,
        '',
      ].join('\n'),
      settings: noFailover,
      summary: `${CACHE} keeps no lease (rules: {{ $labels.firewall }}).`,
      description:
        'While it works nothing is amiss; if its process is killed, pods of the node lose DNS until it is back. It ' +
        `needs nft, or iptables with ipset and xt_set in the kernel: ${STATUS}.`,
    },
  ];
}

function upkeep({ job }: AlertScope, { setupErrors, repairs }: AlertValues): AlertDefinition[] {
  const errors = `rate(coredns_nodecache_setup_errors_total{${job}, errortype!="configmap"}[5m])`;
  return [
    {
      name: 'NodeLocalDNSSetupErrors',
      expr: `${sumPerCache(errors, 'errortype')} > 0\n`,
      settings: setupErrors,
      summary: `${CACHE} cannot keep its link or rules ({{ $labels.errortype }}).`,
      description:
        'Packets of pods may not reach it, and it tries again at least every minute. Its log names the command ' +
        'and what it said: kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }}.',
    },
    {
      name: 'NodeLocalDNSRepairs',
      // Each rule made again counts: one flush of ten rules is ten, and one change.
      expr: `max by (${PER_CACHE}, what) (changes(nodelocaldns_repairs_total{${job}}[1h])) > ${repairs.times}\n`,
      settings: repairs,
      summary: `${CACHE} made its {{ $labels.what }} again {{ $value }} times in an hour.`,
      description:
        'Something on the node removes what is not its own: a network plugin, firewalld, a second cache by the ' +
        'same interface name. The log says what was missing, and when: kubectl -n {{ $labels.namespace }} logs ' +
        '{{ $labels.pod }}.',
    },
  ];
}

function program({ job }: AlertScope, { configRejected, panic }: AlertValues): AlertDefinition[] {
  const window = `${configRejected.windowMinutes}m`;
  const mistakes = `coredns_nodecache_setup_errors_total{${job}, errortype="configmap"}`;
  return [
    {
      name: 'NodeLocalDNSConfigRejected',
      // A mistake that a start finds is counted before the first scrape: no increase shows it.
      expr: [
        `${sumPerCache(`increase(coredns_reload_failed_total{${job}}[${window}])`)} > 0`,
        `  or ${sumPerCache(`increase(${mistakes}[${window}])`)} > 0`,
        `  or ${sumPerCache(`${mistakes} unless ${mistakes} offset ${window}`)} > 0`,
        '',
      ].join('\n'),
      settings: configRejected,
      summary: `${CACHE} was given a configuration that it cannot use.`,
      description:
        'The last good one is in use, so DNS works; the next start may not have it. The log has the mistake and ' +
        'the line: kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }} | grep -E "reload|not used".',
    },
    {
      name: 'NodeLocalDNSPanic',
      expr: `${sumPerCache(`increase(coredns_panics_total{${job}}[10m])`)} > 0\n`,
      settings: panic,
      summary: `${CACHE} met a mistake in its own program.`,
      description:
        'The query that led to it was answered SERVFAIL, all others go on. Please report the lines of the log: ' +
        'kubectl -n {{ $labels.namespace }} logs {{ $labels.pod }}.',
    },
  ];
}

/** Most of them need metrics of flavor nodelocaldns, and are silent with the other. */
export function nodeAlerts(scope: AlertScope, values: AlertValues): AlertDefinition[] {
  return [...lease(scope, values), ...upkeep(scope, values), ...program(scope, values)];
}
