/** The ConfigMap that carries the Corefile to the nodes. */
import { ApiObject, JsonPatch } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { corefile } from './corefile';
import { type Installation, labels, SELECTOR } from './installation';
import { cacheName } from './node-pools';

/** Key of the Corefile, as in the upstream manifest. */
export const COREFILE_KEY = 'Corefile';

/** The template of the Corefile; each node fills in its own addresses (corefile.ts). */
export class CacheConfigMap extends Construct {
  /** @param installation names, labels and all values of the Corefile are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const configMap = new ConfigMap(this, 'Resource', {
      metadata: {
        name: cacheName(installation),
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
      },
      data: { [COREFILE_KEY]: corefile(values) },
    });
    ApiObject.of(configMap).addJsonPatch(JsonPatch.remove('/immutable')); // cdk8s-plus always says false, the default.
  }
}
