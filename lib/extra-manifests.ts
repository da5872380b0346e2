/** Objects of the user's own, beside those of the chart. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { isExpression } from './helm/token';
import type { Installation } from './installation';

/** Any object that an API server takes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** The same in the chart: a template of its own, since there is no knowing what the objects are. */
export const EXTRA_MANIFESTS = `{{- range .Values.extraManifests }}
---
{{ toYaml . }}
{{- end }}
`;

/** One object each, as it is written. */
export class ExtraManifests extends Construct {
  /** @param installation `extraManifests` is read */
  constructor(scope: Construct, id: string, { values }: Installation) {
    super(scope, id);
    if (isExpression(values.extraManifests)) return; // See EXTRA_MANIFESTS.
    for (const [index, object] of values.extraManifests.entries()) new ApiObject(this, String(index), object as never);
  }
}
