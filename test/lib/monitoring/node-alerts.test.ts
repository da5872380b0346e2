/** When the alerts about lease, link, rules and configuration fire. Thresholds are the defaults. */
import { nodeAlerts } from '../../../lib/monitoring/node-alerts';
import { type AlertCase, describeAlerts, fired, silent } from '../../support/promtool';

const lease = 'nodelocaldns_lease_held{address="169.254.20.10"}';
const lost = 'nodelocaldns_lease_changes_total{address="169.254.20.10", state="lost"}';
const mode = (firewall: string) => `nodelocaldns_node_mode_info{link="dummy", firewall="${firewall}"}`;
const configmap = 'coredns_nodecache_setup_errors_total{errortype="configmap"}';
const link = 'coredns_nodecache_setup_errors_total{errortype="interface_add"}';

const CASES: readonly AlertCase[] = [
  {
    alert: 'NodeLocalDNSLeaseLost',
    title: 'fires when kube-dns has answered for two minutes',
    series: { [lease]: '1 0x10' },
    atMinutes: 4,
    fires: fired('The DNS cache on node1 has no lease on 169.254.20.10: kube-dns answers there.', 'warning', {
      address: '169.254.20.10',
    }),
  },
  {
    alert: 'NodeLocalDNSLeaseLost',
    title: 'is silent while the lease is held, and over a restart',
    series: { [lease]: '1 1 0 1x10' },
    atMinutes: 5,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSLeaseFlapping',
    title: 'fires when the lease was lost more than three times in half an hour',
    series: { [lost]: '0+1x30' },
    atMinutes: 30,
    fires: fired('The DNS cache on node1 lost its lease on 169.254.20.10 30 times in half an hour.', 'warning', {
      address: '169.254.20.10',
    }),
  },
  {
    alert: 'NodeLocalDNSLeaseFlapping',
    title: 'is silent when it was lost twice',
    series: { [lost]: '0x5 1x5 2x30' },
    atMinutes: 30,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'fires when rules are kept and no lease is',
    series: { [mode('iptables-legacy')]: '1x30' },
    atMinutes: 16,
    fires: fired('The DNS cache on node1 keeps no lease (rules: iptables-legacy).', 'info', {
      firewall: 'iptables-legacy',
      job: 'node-local-dns',
      link: 'dummy',
    }),
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'is silent about k8s-dns-node-cache, which has no such metric',
    series: { up: '1x30' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'is silent with a lease, even a lost one',
    series: { [mode('nft')]: '1x30', [lease]: '0x30' },
    atMinutes: 16,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSNoFailover',
    title: 'fires when no rules can be kept at all',
    series: { [mode('none')]: '1x30' },
    atMinutes: 16,
    fires: fired('The DNS cache on node1 keeps no lease (rules: none).', 'info', {
      firewall: 'none',
      job: 'node-local-dns',
      link: 'dummy',
    }),
  },
  {
    alert: 'NodeLocalDNSSetupErrors',
    title: 'fires when it fails again and again for ten minutes',
    series: { [link]: '0+1x20' },
    atMinutes: 15,
    fires: fired('The DNS cache on node1 cannot keep its link or rules (interface_add).', 'critical', {
      errortype: 'interface_add',
    }),
  },
  {
    alert: 'NodeLocalDNSSetupErrors',
    title: 'is silent after one failure, and about configurations',
    series: { [link]: '0x3 1x20', [configmap]: '0+1x20' },
    atMinutes: 15,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSRepairs',
    title: 'fires at more than five repairs in an hour, of ten rules each',
    series: { 'nodelocaldns_repairs_total{what="rules"}': '_x5 1+10x8 81x60' },
    atMinutes: 60,
    fires: fired('The DNS cache on node1 made its rules again 8 times in an hour.', 'warning', { what: 'rules' }),
  },
  {
    alert: 'NodeLocalDNSRepairs',
    title: 'is silent after a start, which makes everything, and one flush',
    series: { 'nodelocaldns_repairs_total{what="rules"}': '_ 4x30 14x30' },
    atMinutes: 60,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires for an hour after a reload that failed',
    series: { coredns_reload_failed_total: '0x5 1x100' },
    atMinutes: 50,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires after a ConfigMap that was refused',
    series: { [configmap]: '0x5 1x100' },
    atMinutes: 50,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'fires when a start found a bad configuration: its first sample is 1 already',
    series: { [configmap]: '_x20 1x100' },
    atMinutes: 30,
    fires: fired('The DNS cache on node1 was given a configuration that it cannot use.', 'warning'),
  },
  {
    alert: 'NodeLocalDNSConfigRejected',
    title: 'is silent when that was an hour ago, and when nothing was refused',
    series: { coredns_reload_failed_total: '0x5 1x100', [configmap]: '0x105' },
    atMinutes: 90,
    fires: silent,
  },
  {
    alert: 'NodeLocalDNSPanic',
    title: 'fires at the first',
    series: { coredns_panics_total: '0x5 1x20' },
    atMinutes: 8,
    fires: fired('The DNS cache on node1 met a mistake in its own program.', 'critical'),
  },
  {
    alert: 'NodeLocalDNSPanic',
    title: 'is silent without any',
    series: { coredns_panics_total: '0x20' },
    atMinutes: 8,
    fires: silent,
  },
];

describeAlerts(nodeAlerts, CASES);
