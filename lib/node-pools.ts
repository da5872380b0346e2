/**
 * Node pools: a DaemonSet and a ConfigMap for each, like those of all other nodes but for the pool's own values.
 *
 *   pool 1       nodes with its label
 *   pool 2       nodes with its label, without that of pool 1
 *   the others   nodes without any of these labels
 *
 * So every node has one cache, whatever labels it has. In the chart the two templates are named ones, rendered for the
 * chart's values and then for each pool's: inside, `.Values` are those of the pool.
 */
import { Construct } from 'constructs';
import type { Affinity, NodeSelectorRequirement, NodeSelectorTerm } from 'kubernetes-types/core/v1';
import { defined, guarded, refuse } from './helm/app';
import { fits } from './helm/conditions';
import { hasTwice } from './helm/lists';
import { isExpression, standIn } from './helm/token';
import { merge } from './helm/values';
import type { Installation } from './installation';
import type { Values } from './values';
import type { NodePool } from './values-node-pools';

/** What a pool's template sees in place of the root. */
const POOL_VALUES = '{{- $values := mustMergeOverwrite (deepCopy $.Values) (deepCopy ($pool.values | default dict)) }}';
const POOL_CONTEXT = `(dict
      "Values" $values "Release" $.Release "Chart" $.Chart "Capabilities" $.Capabilities
      "Pool" $pool "Before" (slice $.Values.nodePools 0 $index))`;

/** A template's name in, its calls out: for the values of the chart, then for each pool's. */
function calls(template: string): string {
  return `{{- include "${template}" . }}
{{- range $index, $pool := .Values.nodePools }}
${POOL_VALUES}
---
{{- include "${template}" ${POOL_CONTEXT} }}
{{- end }}
`;
}

/** Likewise, until one of them writes something. */
function callsUntilFirst(template: string): string {
  return `{{- $written := include "${template}" . }}
{{- range $index, $pool := .Values.nodePools }}
{{- if not (trim $written) }}
${POOL_VALUES}
{{- $written = include "${template}" ${POOL_CONTEXT} }}
{{- end }}
{{- end }}
{{- $written }}
`;
}

/**
 * Build for all nodes of no pool, and for each pool.
 * @param id names the template file
 * @param build makes its objects in the scope it is given
 */
export function eachPool(
  scope: Construct,
  id: string,
  installation: Installation,
  build: (scope: Construct, installation: Installation) => void,
): void {
  const { nodePools } = installation.values;
  if (isExpression(nodePools)) {
    build(defined(scope, id, `nodelocaldns.${id}`, calls(`nodelocaldns.${id}`)), installation);
    return;
  }
  for (const one of everyPool(installation)) {
    build(new Construct(scope, one.pool === undefined ? id : `${id}-${one.pool.name}`), one);
  }
}

/**
 * Build once: for all nodes of no pool, or for the first pool of which the condition holds, or not at all.
 * @param id names the template file
 * @param condition of the values for those nodes
 * @param build makes its objects in the scope it is given
 */
export function firstPool(
  scope: Construct,
  id: string,
  installation: Installation,
  condition: (values: Values) => boolean,
  build: (scope: Construct, installation: Installation) => void,
): void {
  if (isExpression(installation.values.nodePools)) {
    const template = `nodelocaldns.${id}`;
    const inner = defined(scope, id, template, callsUntilFirst(template));
    guarded(inner, 'Default', condition(installation.values), (one) => build(one, installation));
    return;
  }
  const found = everyPool(installation).find(({ values }) => condition(values));
  if (found !== undefined) build(new Construct(scope, id), found);
}

/** The installation for the nodes of no pool, then for those of each. */
function everyPool(installation: Installation): Installation[] {
  const { nodePools } = installation.values;
  const pools = nodePools.map((pool, index): Installation => {
    const values = merge<Values>(installation.values, pool.values);
    return { ...installation, values, pool, before: nodePools.slice(0, index) };
  });
  return [installation, ...pools];
}

/** Whose values a message speaks of: `nodePools.gpu: `, and nothing for those of the chart. */
export function ofPool({ values, pool }: Installation): string {
  if (isExpression(values.nodePools)) return `${standIn('include "nodelocaldns.ofPool" .', 'string')}`;
  return pool === undefined ? '' : `nodePools.${pool.name}: `;
}

/** Name of the DaemonSet and the ConfigMap. */
export function cacheName({ values, pool }: Installation): string {
  if (isExpression(values.fullnameOverride)) return standIn('include "nodelocaldns.cacheName" .', 'string');
  return pool === undefined ? values.fullnameOverride : `${values.fullnameOverride}-${pool.name}`;
}

/** The affinity of the values, and the nodes of the pool or of none; nothing where there is neither. */
export function affinity({ values, pool, before }: Installation): Affinity | undefined {
  if (isExpression(values.nodePools)) return standIn('include "nodelocaldns.affinity" . | fromYaml', 'tree');
  const others = (before ?? values.nodePools).map((other) => requirement(other, 'NotIn'));
  const wanted = [...others, ...(pool === undefined ? [] : [requirement(pool, 'In')])];
  const given = values.daemonSet.affinity ?? {};
  if (wanted.length === 0) return given;
  const required = given.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const terms: NodeSelectorTerm[] = required?.nodeSelectorTerms?.length ? required.nodeSelectorTerms : [{}];
  return {
    ...given,
    nodeAffinity: {
      ...given.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        ...required,
        // Terms are alternatives: each of them has to say it.
        nodeSelectorTerms: terms.map((term) => ({
          ...term,
          matchExpressions: [...(term.matchExpressions ?? []), ...wanted],
        })),
      },
    },
  };
}

function requirement({ nodeLabel }: NodePool, operator: string): NodeSelectorRequirement {
  return { key: nodeLabel.key, operator, values: [...nodeLabel.values] };
}

/** What the clean-up's DaemonSets and the dashboard's ConfigMap have behind the name, as a line of the names of pools. */
const TAKEN = '(^|[-\\n])cleanup\\n|(^|\\n)dashboard\\n';

/** A line of more letters than the name of a pod's host can have. @source RFC 1123 §2.1 */
const TOO_LONG = '[^\\n]{64}';

/**
 * Refuse pools that nobody could tell apart: from each other, or from other objects of the chart.
 * @throws RangeError with the repair
 */
export function refusePools(scope: Construct, { nodePools, fullnameOverride }: Values): void {
  const plain = isExpression(nodePools) ? [] : nodePools;
  const names = lines(nodePools, 'nodelocaldns.poolNames', () => plain.map(({ name }) => name));
  const labels = lines(nodePools, 'nodelocaldns.poolLabels', () =>
    plain.flatMap(({ nodeLabel }) => nodeLabel.values.map((value) => `${nodeLabel.key}=${value}`)),
  );
  const longest = lines(nodePools, 'nodelocaldns.poolObjects', () =>
    plain.map(({ name }) => `${fullnameOverride}-${name}-cleanup`),
  );
  refuse(
    scope,
    'pool-names',
    hasTwice(names),
    'nodePools has one name twice, and the second would overwrite the first: give each its own',
  );
  refuse(
    scope,
    'pool-labels',
    hasTwice(labels),
    'nodePools has one value of a nodeLabel twice: a node belongs to the first pool with it, the second would never ' +
      'have it; remove it from one',
  );
  refuse(
    scope,
    'pool-taken',
    fits(names, TAKEN),
    'nodePools has a name that is dashboard or cleanup, or ends in -cleanup: other objects of the chart have theirs from ' +
      'these words; give the pool another',
  );
  refuse(
    scope,
    'pool-long',
    fits(longest, TOO_LONG),
    `nodePools has a name too long behind ${fullnameOverride}: with -cleanup behind both it takes more than 63 letters; ` +
      'shorten it, or fullnameOverride',
  );
}

/** What a named template writes, or the same made of plain pools; each line with its end. */
function lines(nodePools: readonly NodePool[], template: string, plain: () => string[]): string {
  if (isExpression(nodePools)) return standIn(`include "${template}" .`, 'string');
  return plain()
    .map((line) => `${line}\n`)
    .join('');
}

/** The functions above as named templates, in Helm's words. */
export const POOL_HELPERS = `
{{/* Name of the DaemonSet and the ConfigMap. */}}
{{- define "nodelocaldns.cacheName" -}}
{{- .Values.fullnameOverride }}{{ with .Pool }}-{{ .name }}{{ end }}
{{- end }}

{{/* Whose values a message speaks of. */}}
{{- define "nodelocaldns.ofPool" -}}
{{- with .Pool }}nodePools.{{ .name }}: {{ end }}
{{- end }}

{{/* The affinity of the values, and the nodes of the pool or of none. */}}
{{- define "nodelocaldns.affinity" -}}
{{- $wanted := list }}
{{- range (ternary .Before .Values.nodePools (hasKey . "Pool")) }}
{{- $wanted = append $wanted (dict "key" .nodeLabel.key "operator" "NotIn" "values" .nodeLabel.values) }}
{{- end }}
{{- with .Pool }}
{{- $wanted = append $wanted (dict "key" .nodeLabel.key "operator" "In" "values" .nodeLabel.values) }}
{{- end }}
{{- $affinity := deepCopy (.Values.daemonSet.affinity | default dict) }}
{{- if $wanted }}
{{- $nodes := get $affinity "nodeAffinity" | default dict }}
{{- $required := get $nodes "requiredDuringSchedulingIgnoredDuringExecution" | default dict }}
{{- $terms := list }}
{{- range (get $required "nodeSelectorTerms" | default (list dict)) }}
{{- $terms = append $terms (set . "matchExpressions" (concat (get . "matchExpressions" | default list) $wanted)) }}
{{- end }}
{{- $_ := set $required "nodeSelectorTerms" $terms }}
{{- $_ := set $nodes "requiredDuringSchedulingIgnoredDuringExecution" $required }}
{{- $_ := set $affinity "nodeAffinity" $nodes }}
{{- end }}
{{- toYaml $affinity }}
{{- end }}

{{/* A line per pool, its name and its longest one; and a line per value of a pool's label. */}}
{{- define "nodelocaldns.poolNames" -}}
{{- range .Values.nodePools }}{{ .name }}{{ "\\n" }}{{ end }}
{{- end }}
{{- define "nodelocaldns.poolObjects" -}}
{{- range .Values.nodePools }}{{ $.Values.fullnameOverride }}-{{ .name }}-cleanup{{ "\\n" }}{{ end }}
{{- end }}
{{- define "nodelocaldns.poolLabels" -}}
{{- range $pool := .Values.nodePools }}{{ range .nodeLabel.values }}{{ $pool.nodeLabel.key }}={{ . }}{{ "\\n" }}{{ end }}{{ end }}
{{- end }}
`;
