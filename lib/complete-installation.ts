/** An installation from what a user says of it. */
import { RootConstruct } from 'constructs';
import { refuseContradictions } from './contradictions';
import { merge } from './helm/values';
import type { Installation, Release } from './installation';
import type { NodeLocalDnsProps } from './node-local-dns';
import { DEFAULTS, type Values } from './values';

const RELEASE: Release = { name: 'nodelocaldns', namespace: 'kube-system', service: 'cdk8s' };

/** Values and release with every default filled in, not checked. */
export function withDefaults(props: NodeLocalDnsProps): Installation {
  return { values: merge<Values>(DEFAULTS, props.values), release: { ...RELEASE, ...props.release } };
}

/**
 * What `CacheConfigMap`, `CacheAlerts` and the other parts take, for those who use them one by one; `NodeLocalDns` does
 * the same by itself.
 * @throws RangeError when values cannot work together; the message names them and the repair
 */
export function completeInstallation(props: NodeLocalDnsProps = {}): Installation {
  const installation = withDefaults(props);
  refuseContradictions(new RootConstruct(), installation);
  return installation;
}
