/** The account of the pods: without rights and without a token, because the cache asks the API nothing. */
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { optional } from './helm/control';
import { accountName, type Installation, labels, SELECTOR } from './installation';

/** A ServiceAccount that cannot do anything; its name is what pod policies are written against. */
export class CacheServiceAccount extends Construct {
  /** @param installation names, labels and `serviceAccount` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    new ServiceAccount(this, 'Resource', {
      metadata: {
        name: accountName(values),
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
        annotations: optional(values.serviceAccount.annotations),
      },
      automountToken: false,
    });
  }
}
