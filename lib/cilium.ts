/** Mode cilium-lrp: Cilium leads what pods ask of the cluster DNS to the cache on their node. */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { when } from './helm/control';
import { equals, first } from './helm/functions';
import { type Installation, labels, SELECTOR } from './installation';
import type { Values } from './values';

/** A port as Cilium writes it: a text. */
interface PolicyPort {
  readonly port: string;
  readonly name: string;
  readonly protocol: string;
}

/** The fields in use here. @source Cilium documentation, Local Redirect Policy; CRD cilium.io/v2 */
interface CiliumLocalRedirectPolicy {
  readonly apiVersion: 'cilium.io/v2';
  readonly kind: 'CiliumLocalRedirectPolicy';
  readonly metadata: object;
  readonly spec: {
    readonly redirectFrontend: {
      /** All ports of the Service that the backend has by the same name. */
      readonly serviceMatcher?: { readonly serviceName: string; readonly namespace: string };
      readonly addressMatcher?: { readonly ip: string; readonly toPorts: readonly PolicyPort[] };
    };
    readonly redirectBackend: {
      readonly localEndpointSelector: { readonly matchLabels: Record<string, string> };
      readonly toPorts: readonly PolicyPort[];
    };
    readonly skipRedirectFromBackend?: boolean;
  };
}

/** Named as in the Service that is matched, and as in the pod (container.ts): with several ports Cilium goes by names. */
function policyPorts({ cilium }: Values): readonly PolicyPort[] {
  const { udp, tcp } = cilium.localRedirectPolicy.portNames;
  return [
    { port: '53', name: udp, protocol: 'UDP' },
    { port: '53', name: tcp, protocol: 'TCP' },
  ];
}

/** While no cache is ready on a node, Cilium leaves its pods to the Service itself. */
export class CacheRedirectPolicy extends Construct {
  /** @param installation names, labels, `cilium`, `clusterDNS.service` and the first of `localIPs` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { values, release } = installation;
    const { matcher, skipRedirectFromBackend } = values.cilium.localRedirectPolicy;
    const toPorts = policyPorts(values);
    const policy: CiliumLocalRedirectPolicy = {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumLocalRedirectPolicy',
      metadata: {
        name: values.fullnameOverride,
        namespace: release.namespace,
        labels: { ...labels(installation), ...SELECTOR },
      },
      spec: {
        redirectFrontend: {
          serviceMatcher: when(equals(matcher, 'service'), {
            serviceName: values.clusterDNS.service,
            namespace: release.namespace,
          }),
          addressMatcher: when(equals(matcher, 'address'), { ip: first(values.localIPs), toPorts }),
        },
        redirectBackend: { localEndpointSelector: { matchLabels: SELECTOR }, toPorts },
        skipRedirectFromBackend: when(skipRedirectFromBackend, true),
      },
    };
    new ApiObject(this, 'Resource', policy as never);
  }
}
