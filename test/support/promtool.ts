/**
 * Alerts under promtool: rules as the defaults of the chart make them, series as Prometheus would have scraped them, and
 * what fires. Every series gets the labels of one cache; a case says only what it is about.
 */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'yaml';
import type { AlertDefinition, AlertScope } from '../../lib/monitoring/alert';
import { alerts } from '../../lib/monitoring/alerts';
import { DEFAULTS } from '../../lib/values';
import { ALERT_NAMES, type AlertValues } from '../../lib/values-alerts';
import { temporaryFolder } from './helm';
import { needs } from './needs';

/** Labels that the monitors of the chart give the targets of one node. */
const CACHE_LABELS = { instance: '10.0.0.1:9253', namespace: 'kube-system', node: 'node1', pod: 'node-local-dns-x' };

/** What an alert says when it fires. */
export interface Fired {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** One look at one alert. */
export interface AlertCase {
  readonly alert: string;
  /** A sentence without its subject: what is the case on the node. */
  readonly title: string;
  /** Metric with its own labels, to its values minute by minute. @source promtool, unit testing rules: series notation */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes after the first sample. */
  readonly atMinutes: number;
  /** Empty: silent. */
  readonly fires: readonly Fired[];
}

/** About the cache on node1. */
export function fired(summary: string, severity: string, labels: Record<string, string> = {}): Fired[] {
  return [{ labels: { ...CACHE_LABELS, severity, ...labels }, summary }];
}

/** About no cache in particular. */
export function alone(summary: string, labels: Record<string, string>): Fired[] {
  return [{ labels, summary }];
}

/** Nothing fires. */
export const silent: readonly Fired[] = [];

/** The rules of the defaults. */
export const RULES = alerts({
  values: DEFAULTS,
  release: { name: 'nodelocaldns', namespace: 'kube-system', service: 'Helm' },
});

/** Run promtool. @returns what it said, empty when all is well */
export function promtool(...parameters: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', parameters, { encoding: 'utf8' });
  return status === 0 ? '' : `${stdout}${stderr}`;
}

/** Metrics that are not the cache's own, and have labels of their own alone. */
const FOREIGN = /^kube_/;

/** `name{a="b"}` with the labels of the target. */
function scraped(series: string): string {
  if (FOREIGN.test(series)) return series;
  const [, name, , own] = /^([^{]+)(\{(.*)\})?$/.exec(series) ?? [];
  const labels = { job: 'node-local-dns', ...CACHE_LABELS };
  const mine = Object.entries(labels).filter(([label]) => !own?.includes(`${label}="`));
  return `${name}{${[...mine.map(([label, value]) => `${label}="${value}"`), own].filter(Boolean).join(', ')}}`;
}

/** The rules of one alert, or of all, without the descriptions: those are read, not tested. */
function shortened(alert: string): object[] {
  const rules = RULES.filter((rule) => alert === ALL || rule.alert === alert);
  return rules.map((rule) => ({ ...rule, annotations: { summary: rule.annotations.summary } }));
}

/** In place of an alert's name: every alert. */
export const ALL = '*';

/** Ask promtool about one case. @returns its complaint, empty when the alert does as the case says */
export function tried(folder: string, { alert, title, series, atMinutes, fires }: AlertCase): string {
  const rules = path.join(folder, 'rules.json');
  const file = path.join(folder, 'case.yaml');
  fs.writeFileSync(rules, JSON.stringify({ groups: [{ name: 'all', rules: shortened(alert) }] }));
  const wanted = fires.map(({ labels, summary }) => ({ exp_labels: labels, exp_annotations: { summary } }));
  const test = {
    name: title,
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: scraped(name), values })),
    alert_rule_test: (alert === ALL ? ALERT_NAMES : [alert]).map((alertname) => ({
      eval_time: `${atMinutes}m`,
      alertname,
      exp_alerts: wanted,
    })),
  };
  fs.writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests: [test] }));
  return promtool('test', 'rules', file);
}

/**
 * Tests of one file of alerts: each of its alerts is seen firing and silent, and promtool agrees with all cases.
 * @param make the alerts of the file
 */
export function describeAlerts(
  make: (scope: AlertScope, values: AlertValues) => AlertDefinition[],
  cases: readonly AlertCase[],
): void {
  const scope = { job: 'job="a"', daemonSets: 'a', namespace: 'namespace="a"' };
  const names = [...new Set(make(scope, DEFAULTS.prometheusRule.alerts).map(({ name }) => name))];

  describe('the cases', () => {
    test.each(names)('show %s firing and silent', (name) => {
      const mine = cases.filter(({ alert }) => alert === name);
      expect(mine.filter(({ fires }) => fires.length > 0).length).toBeGreaterThan(0);
      expect(mine.filter(({ fires }) => fires.length === 0).length).toBeGreaterThan(0);
    });

    test('are about alerts that exist', () => {
      expect(cases.filter(({ alert }) => !names.includes(alert))).toEqual([]);
    });
  });

  needs('promtool').describe('alert', () => {
    const folder = temporaryFolder();
    test.each(cases)('$alert $title', (one) => {
      expect(tried(folder, one)).toBe('');
    });
  });
}
