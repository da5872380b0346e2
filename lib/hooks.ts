/** Objects that Helm makes at certain moments only. Plain manifests have none: they would be made at once, for good. */
import { isExpression } from './helm/token';
import type { Release } from './installation';

/** Whether there is a Helm that knows hooks. */
export function hasHooks({ name, chart }: Release): boolean {
  return isExpression(name) || chart !== undefined;
}

/**
 * Annotations of a hook. The former one of the name goes first: it may be one that failed.
 * @param moment `post-delete`, `test`
 * @param weight order among hooks of a moment, lightest first
 * @param deleted what else removes it
 * @source Helm, Chart Hooks; Argo CD takes them for its own
 */
export function hookAnnotations(moment: string, weight: number, deleted = ''): Record<string, string> {
  return {
    'helm.sh/hook': moment,
    'helm.sh/hook-weight': String(weight),
    'helm.sh/hook-delete-policy': `before-hook-creation${deleted}`,
  };
}
