/**
 * As much of a Kubernetes API server as Helm 3 asks for before it will do `install --dry-run=client`: its version, what
 * kinds there are, no schema, and no objects. It answers reads only.
 */
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

/** A server that runs. */
export interface ApiServer {
  /** For KUBECONFIG. */
  readonly kubeconfig: string;
  /** Methods that clients used, each once. */
  readonly methods: ReadonlySet<string>;
  close(): Promise<void>;
}

const kind = (name: string, plural: string): object => {
  return { name: plural, singularName: '', kind: name, namespaced: true, verbs: ['get', 'list', 'create'] };
};
const APPS = { groupVersion: 'apps/v1', version: 'v1' };
const ANSWERS: Record<string, object> = {
  '/version': { major: '1', minor: '32', gitVersion: 'v1.32.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', groups: [{ name: 'apps', versions: [APPS], preferredVersion: APPS }] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      kind('Service', 'services'),
      kind('ConfigMap', 'configmaps'),
      kind('ServiceAccount', 'serviceaccounts'),
    ],
  },
  '/apis/apps/v1': { kind: 'APIResourceList', groupVersion: 'apps/v1', resources: [kind('DaemonSet', 'daemonsets')] },
};
const MISSING = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };

function answer(url: string, response: http.ServerResponse): void {
  const path = url.split('?')[0];
  if (path === '/openapi/v2') {
    // An empty protobuf message: a document without definitions, so that the client checks nothing.
    response.writeHead(200, { 'content-type': 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf' });
    response.end();
    return;
  }
  response.writeHead(path in ANSWERS ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(ANSWERS[path] ?? MISSING));
}

/** Start one on a free port of 127.0.0.1; its kubeconfig goes into `folder`. */
export async function startApiServer(folder: string): Promise<ApiServer> {
  const methods = new Set<string>();
  const server = http.createServer((request, response) => {
    methods.add(request.method ?? '');
    answer(request.url ?? '', response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = path.join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  };
  fs.writeFileSync(kubeconfig, JSON.stringify(config));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { kubeconfig, methods, close };
}
