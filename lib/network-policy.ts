/**
 * Who may ask. The caches themselves are on the network of their nodes, where no NetworkPolicy reaches; but pods in
 * namespaces that deny what is not allowed must be let out to them. A rule for the pods of kube-dns is not enough: the
 * address that is asked is one of the node, and no pod of kube-dns ever sees the question.
 */
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from 'kubernetes-types/networking/v1';
import { defined } from './helm/app';
import { each, itemsWhen } from './helm/control';
import { both, union } from './helm/functions';
import { isExpression, standIn } from './helm/token';
import { type Installation, labels, SELECTOR } from './installation';

/** Where caches listen. */
const DNS_PORT = 53;

/** DNS, over both. */
const portsOf = (port: number): NetworkPolicyPort[] => [
  { protocol: 'UDP', port },
  { protocol: 'TCP', port },
];

/** Written for each namespace of the values. */
const CALLS = `{{- range .Values.networkPolicy.namespaces }}
---
{{- include "nodelocaldns.networkPolicy" (dict "Values" $.Values "Release" $.Release "Chart" $.Chart "Namespace" .) }}
{{- end }}
`;

/** All of the network that an address alone makes. */
function network(address: string): string {
  const bits = isExpression(address)
    ? standIn<number>('contains ":" . | ternary 128 32', 'scalar')
    : address.includes(':')
      ? 128
      : 32;
  return `${address}/${bits}`;
}

/** Lets every pod of one namespace ask the caches, and the cluster DNS pods, which answer when a cache is down. */
class ClientPolicy extends Construct {
  constructor(scope: Construct, id: string, installation: Installation, namespace: string) {
    super(scope, id);
    const { values, release } = installation;
    const inNamespace = (matchLabels: Record<string, string>): NetworkPolicyPeer => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': release.namespace } },
      podSelector: { matchLabels },
    });
    const policy: NetworkPolicy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: values.fullnameOverride, namespace, labels: labels(installation) },
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: each(union(values.localIPs, values.clusterDNS.ips), (address) => ({
              ipBlock: { cidr: network(address) },
            })),
            ports: portsOf(DNS_PORT),
          },
          { to: [inNamespace(SELECTOR)], ports: portsOf(DNS_PORT) }, // On the pod network, where Cilium leads there.
          ...itemsWhen(both(values.networkPolicy.enabled, values.upstreamService.selector), [
            {
              to: [inNamespace(values.upstreamService.selector)],
              ports: portsOf(values.upstreamService.targetPort),
            },
          ]),
        ],
      },
    };
    new ApiObject(this, 'Resource', policy as never);
  }
}

/** A policy in each namespace of the values. */
export class ClientPolicies extends Construct {
  /** @param installation names, labels, addresses and `networkPolicy.namespaces` are read */
  constructor(scope: Construct, id: string, installation: Installation) {
    super(scope, id);
    const { namespaces } = installation.values.networkPolicy;
    if (isExpression(namespaces)) {
      const template = defined(this, 'Default', 'nodelocaldns.networkPolicy', CALLS);
      new ClientPolicy(template, 'Default', installation, standIn('.Namespace', 'string'));
      return;
    }
    for (const namespace of namespaces) new ClientPolicy(this, namespace, installation, namespace);
  }
}
