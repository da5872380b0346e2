/** What all objects of the monitoring have in common. */
import { keysOf, optional, when } from '../helm/control';
import { either, fallback } from '../helm/functions';
import { type Installation, labels, SELECTOR } from '../installation';

/** Where it is, and what tools select it by. */
export interface MonitoringPlace {
  readonly namespace: string;
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
}

/**
 * Metadata of an object that need not be where the cache is.
 * @param suffix behind the name, for a kind of which the cache has one already
 * @param own annotations beside those of the values, controlled
 * @param hasOwn a value that is empty where `own` is
 */
export function monitoringMetadata(
  installation: Installation,
  settings: MonitoringPlace,
  suffix = '',
  own: Record<string, string> = {},
  hasOwn: unknown = false,
): object {
  const { values, release } = installation;
  return {
    // Alone in a text a name would be without quotes, and `n` is no name to YAML.
    name: suffix === '' ? values.fullnameOverride : `${values.fullnameOverride}${suffix}`,
    namespace: fallback(settings.namespace, release.namespace),
    labels: { ...labels(installation), ...SELECTOR, ...keysOf(settings.labels) },
    annotations:
      hasOwn === false
        ? optional(settings.annotations)
        : when(either(hasOwn, settings.annotations), { ...keysOf(settings.annotations), ...own }),
  };
}
