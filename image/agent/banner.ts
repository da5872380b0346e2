/**
 * What is printed when everything listens: one line per zone and listener, then the version.
 * @source CoreDNS core/dnsserver/onstartup.go and coremain/version.go; the version is our own
 */
import { quote } from '../corefile/go-quote';
import type { ListenerPlan, Plan } from '../corefile/plan';
import { AGENT_NAME, AGENT_VERSION } from './version';

/** RFC 1035 §2.3.1: labels start with a letter. */
const PREFERRED_SYNTAX = /^(?:[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+$/;
const REVERSE_ZONE = /(?:^|\.)(?:in-addr|ip6)\.arpa\.$/i;

/**
 * The lines, each with its newline.
 *
 *   cluster.local.:53 on 169.254.20.10
 *   .:53
 */
export function zonesText(plan: Plan): string {
  return plan.listeners.map(listenerLines).join('');
}

/** What -version prints and the banner ends with: `nodelocaldns-0.1.0`, `linux/x64, node24.1.0`. */
export function versionText(): string {
  return `${AGENT_NAME}-${AGENT_VERSION}\n${process.platform}/${process.arch}, node${process.versions.node}\n`;
}

function listenerLines(listener: ListenerPlan): string {
  const zones = listener.zones.map((zone) => zone.zone).sort();
  const on = listener.address === '' ? '' : ` on ${listener.address}`;
  return zones.map((zone) => `${zoneWarning(zone)}${zone}:${listener.port}${on}\n`).join('');
}

function zoneWarning(zone: string): string {
  if (zone === '.' || REVERSE_ZONE.test(zone) || PREFERRED_SYNTAX.test(zone)) return '';
  return `Warning: Domain ${quote(zone)} does not follow RFC1035 preferred syntax\n`;
}
