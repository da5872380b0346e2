/**
 * Alerts and recording rules as an object of the Prometheus operator. Only metrics that the cache shows by today's
 * names; test/chart/monitoring.test.ts compares with the catalogue of the image.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { not } from '../helm/conditions';
import { elements, itemsWhen } from '../helm/control';
import { includes } from '../helm/lists';
import type { Installation } from '../installation';
import { type AlertDefinition, type AlertRule, alertRule, alertScope } from './alert';
import { answerAlerts } from './answer-alerts';
import { availabilityAlerts } from './availability-alerts';
import { monitoringMetadata } from './metadata';
import { nodeAlerts } from './node-alerts';
import { recordingRules } from './recording-rules';
import { upstreamAlerts } from './upstream-alerts';

export type { AlertRule } from './alert';

/** All alerts with the thresholds of the values, the disabled ones too. */
export function alertDefinitions({ values, release }: Installation): AlertDefinition[] {
  const scope = alertScope(values, release.namespace);
  const { alerts } = values.prometheusRule;
  return [availabilityAlerts, nodeAlerts, answerAlerts, upstreamAlerts].flatMap((make) => make(scope, alerts));
}

/** The rules of all alerts but the disabled ones. */
export function alerts(installation: Installation): AlertRule[] {
  const { prometheusRule } = installation.values;
  return alertDefinitions(installation).flatMap((definition) =>
    itemsWhen(not(includes(prometheusRule.disabled, definition.name)), [alertRule(definition, prometheusRule)]),
  );
}

/** Alerts and recording rules as a PrometheusRule. */
export class CacheAlerts extends Construct {
  /** @param installation names, labels and `prometheusRule` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const { prometheusRule } = values;
    const recorded = recordingRules(alertScope(values, release.namespace));
    const rule = {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: monitoringMetadata(installation, prometheusRule),
      spec: {
        groups: [
          { name: 'node-local-dns', rules: [...alerts(installation), ...elements(prometheusRule.extraRules)] },
          ...itemsWhen(prometheusRule.recordingRules.enabled, [{ name: 'node-local-dns.rules', rules: recorded }]),
        ],
      },
    };
    new ApiObject(this, 'Resource', rule as never);
  }
}
