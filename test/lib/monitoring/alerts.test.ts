import { merge } from '../../../lib/helm/values';
import { alertDefinitions, alerts } from '../../../lib/monitoring/alerts';
import { DEFAULTS, type UserValues, type Values } from '../../../lib/values';
import { ALERT_NAMES } from '../../../lib/values-alerts';
import { direct, find } from '../../support/helm';

const RELEASE = { name: 'nodelocaldns', namespace: 'kube-system', service: 'Helm' };
const installation = (values: UserValues = {}, namespace = 'kube-system') => ({
  values: merge<Values>(DEFAULTS, values),
  release: { ...RELEASE, namespace },
});
const made = (values: UserValues = {}, namespace?: string) => alerts(installation(values, namespace));
const ofRule = (prometheusRule: UserValues['prometheusRule']) => made({ prometheusRule });
const named = (rules: ReturnType<typeof made>, name: string) => rules.filter(({ alert }) => alert === name);

describe('alerts', () => {
  test.each(made())('$alert says on whom, what it means, and where to look', ({ annotations, labels }) => {
    expect(annotations.summary).toMatch(/\.$/);
    expect(annotations.description.split(/[.:;] /).length).toBeGreaterThan(1);
    expect(labels.severity).toMatch(/^(critical|warning|info)$/);
  });

  test('have the names that values know', () => {
    expect([...new Set(alertDefinitions(installation()).map(({ name }) => name))]).toEqual([...ALERT_NAMES]);
  });

  test.each<[string, UserValues, string]>([
    ['the metrics Service', {}, 'node-local-dns'],
    ['the metrics Service by another name', { fullnameOverride: 'dns' }, 'dns'],
    ['the job given', { prometheusRule: { job: 'kube/dns' } }, 'kube/dns'],
    ['the job given, whatever the Service', { fullnameOverride: 'dns', prometheusRule: { job: 'a' } }, 'a'],
  ])('are about %s', (_, values, wanted) => {
    const jobs = made(values).flatMap(({ expr }) => [...expr.matchAll(/job="([^"]*)"/g)].map(([, job]) => job));
    expect([...new Set(jobs)]).toEqual([wanted]);
  });

  test('of kube-state-metrics are about the DaemonSets of the release, node pools included', () => {
    const about = made({ fullnameOverride: 'dns' }, 'net').filter(({ expr }) => expr.includes('kube_'));
    expect(about.map(({ alert }) => alert)).toEqual([
      'NodeLocalDNSNodeMissing',
      'NodeLocalDNSPodNotReady',
      'NodeLocalDNSDaemonSetOutdated',
    ]);
    for (const { expr } of about) expect(expr).toMatch(/namespace="net".*=~"dns\(-\.\+\)\?"/s);
  });

  test('are about the Service that the ServiceMonitor scrapes', () => {
    const objects = direct({ fullnameOverride: 'dns', serviceMonitor: { enabled: true } });
    const { spec } = find(objects, 'ServiceMonitor', 'dns') as unknown as {
      spec: { selector: { matchLabels: object } };
    };
    const wanted = { kind: 'Service', metadata: { labels: expect.objectContaining(spec.selector.matchLabels) } };
    const scraped = objects.filter((object) =>
      expect.objectContaining(wanted).asymmetricMatch({
        kind: object.kind,
        metadata: { labels: (object.metadata as { labels?: object }).labels },
      }),
    );
    expect(spec).not.toHaveProperty('jobLabel'); // With one, a label of the Service would be the job.
    expect(scraped.map(({ metadata }) => metadata.name)).toEqual(['dns']);
  });

  test('take thresholds, times and severity from the values', () => {
    const servfail = { percent: 7, answersMin: 11, forMinutes: 2, severity: 'page' };
    const [first, second] = named(ofRule({ alerts: { servfail } }), 'NodeLocalDNSServfailHigh');
    expect(first).toMatchObject({ for: '2m', labels: { severity: 'page' } });
    expect(first.expr).toMatch(/> 7\n.*>= 11\n$/);
    expect(second.labels.severity).toBe('critical');
  });

  test('leave out nodes by the beginnings of their names', () => {
    const nodeMissing = { excludedNodePrefixes: ['edge-', 'lab'] };
    const [rule] = named(ofRule({ alerts: { nodeMissing } }), 'NodeLocalDNSNodeMissing');
    expect(rule.expr).toContain('node!~"(edge-|lab).*"');
  });

  test('are left out by name, both steps of one that has two', () => {
    const names = ofRule({ disabled: ['NodeLocalDNSLatencyHigh', 'NodeLocalDNSRepairs'] }).map(({ alert }) => alert);
    expect(names).toHaveLength(made().length - 3);
    expect(names).not.toContain('NodeLocalDNSLatencyHigh');
  });

  test('carry labels for Alertmanager beside the severity', () => {
    for (const { labels } of ofRule({ alertLabels: { team: 'net' } })) {
      expect(labels).toEqual({ severity: expect.any(String), team: 'net' });
    }
  });

  test('point to a page each, and to none without an address', () => {
    const [rule] = ofRule({ runbookUrl: 'https://wiki.example/dns' });
    expect(rule.annotations.runbook_url).toBe('https://wiki.example/dns/NodeLocalDNSDown.md');
    expect(ofRule({ runbookUrl: '' })[0].annotations.runbook_url).toBeUndefined();
  });

  test('are per cache: one node without DNS is an outage for its pods', () => {
    for (const { expr } of made()) {
      for (const [, by] of expr.matchAll(/\b(?:sum|max) by \(([^)]*)\) \((?:rate|increase|nodelocaldns)/g)) {
        expect(by).toMatch(/instance/);
      }
    }
  });

  test('have balanced parentheses', () => {
    for (const { expr } of made()) {
      expect(expr.split('(').length).toBe(expr.split(')').length);
      expect(expr.split('{').length).toBe(expr.split('}').length);
    }
  });
});

describe('the PrometheusRule', () => {
  const groups = (prometheusRule: object) => {
    const rule = find(direct({ prometheusRule: { enabled: true, ...prometheusRule } }), 'PrometheusRule');
    return (rule.spec as { groups: { name: string; rules: object[] }[] }).groups;
  };

  test('has a group of alerts and one of recording rules', () => {
    expect(groups({}).map(({ name }) => name)).toEqual(['node-local-dns', 'node-local-dns.rules']);
  });

  test('has no recording rules where they are off', () => {
    expect(groups({ recordingRules: { enabled: false } }).map(({ name }) => name)).toEqual(['node-local-dns']);
  });

  test('has rules of one’s own last', () => {
    const own = { alert: 'Mine', expr: 'vector(1)' };
    expect(groups({ extraRules: [own] })[0].rules.at(-1)).toEqual(own);
  });

  test('is where its values say, with labels and annotations of theirs', () => {
    const values = { enabled: true, namespace: 'monitoring', labels: { prometheus: 'main' }, annotations: { a: 'b' } };
    expect(find(direct({ prometheusRule: values }), 'PrometheusRule').metadata).toMatchObject({
      namespace: 'monitoring',
      labels: { prometheus: 'main', 'k8s-app': 'node-local-dns' },
      annotations: { a: 'b' },
    });
  });
});
