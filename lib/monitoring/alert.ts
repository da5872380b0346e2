/** One alert as its definition says it, and as a rule of the Prometheus operator. */
import { keysOf, when } from '../helm/control';
import { fallback } from '../helm/functions';
import { isExpression, standIn } from '../helm/token';
import type { Values } from '../values';

/** What a definition may ask about its installation. */
export interface AlertScope {
  /** Selector of the targets: `job="node-local-dns"`. */
  readonly job: string;
  /** Regular expression of the names of the DaemonSets; node pools have one each. */
  readonly daemonSets: string;
  /** Namespace of the DaemonSets. */
  readonly namespace: string;
}

/** One alert, without what is the same for all. */
export interface AlertDefinition {
  /** CamelCase, beginning with NodeLocalDNS; the name of its page in docs/runbooks. */
  readonly name: string;
  /** PromQL; fires for each series it returns. */
  readonly expr: string;
  /** Of the values: how long, how bad. */
  readonly settings: { readonly forMinutes: number; readonly severity: string };
  /** One line for the pager. */
  readonly summary: string;
  /** What it means for the pods of the node, and what to look at first. */
  readonly description: string;
}

/** An alerting rule. @source prometheus-operator, monitoring.coreos.com/v1 Rule */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: {
    readonly summary: string;
    readonly description: string;
    readonly runbook_url?: string;
  };
}

/** Where a message may be read from, in templates of Prometheus. */
export const CACHE = 'The DNS cache on {{ or $labels.node $labels.instance }}';

/** The command that says what is wrong with the cache that an alert is about. */
export const STATUS = 'kubectl -n {{ $labels.namespace }} exec {{ $labels.pod }} -- /node-cache status';

/** The job label of the targets, in as few words as a template can say it: it stands in every expression. */
function jobOf(job: string, name: string): string {
  return isExpression(job) ? standIn('include "nodelocaldns.job" .', 'string') : fallback(job, name);
}

/** The function above as a named template. */
export const MONITORING_HELPERS = `
{{/* The job label of the targets. */}}
{{- define "nodelocaldns.job" -}}
{{ .Values.prometheusRule.job | default .Values.fullnameOverride }}
{{- end }}
`;

/** @param namespace of the release */
export function alertScope({ fullnameOverride, prometheusRule }: Values, namespace: string): AlertScope {
  return {
    job: `job="${jobOf(prometheusRule.job, fullnameOverride)}"`,
    daemonSets: `${fullnameOverride}(-.+)?`,
    namespace: `namespace="${namespace}"`,
  };
}

/** A definition as a rule, with the labels and the pages of the values. */
export function alertRule(
  definition: AlertDefinition,
  { alertLabels, runbookUrl }: Values['prometheusRule'],
): AlertRule {
  const { name, expr, settings, summary, description } = definition;
  return {
    alert: name,
    expr,
    for: `${settings.forMinutes}m`,
    labels: { severity: settings.severity, ...keysOf(alertLabels) },
    annotations: { summary, description, runbook_url: when(runbookUrl, `${runbookUrl}/${name}.md`) },
  };
}
