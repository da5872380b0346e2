/** A registry that serves an OCI layout, for Helm to pull from: the reading half of the distribution specification. */
import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations?: Record<string, string>;
}

/** Paths under a repository's name. @source OCI distribution specification 1.1, end-2, end-3, end-8a */
const REQUEST = /^\/v2\/(?:(?<name>.+)\/(?:(?<kind>manifests|blobs)\/(?<reference>[^/]+)|tags\/list))?$/;

/** A registry while it is there. */
export interface Registry {
  /** Host and port. */
  readonly address: string;
  close(): void;
}

/** Serve every repository name from one layout. */
export async function serveLayout(layout: string): Promise<Registry> {
  const server = http.createServer((request, response) => answer(layout, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function answer(layout: string, { method, url = '' }: http.IncomingMessage, response: http.ServerResponse): void {
  const { manifests } = JSON.parse(fs.readFileSync(path.join(layout, 'index.json'), 'utf8')) as {
    manifests: Descriptor[];
  };
  const tagOf = ({ annotations }: Descriptor) => annotations?.['org.opencontainers.image.ref.name'];
  const { name, kind, reference } = url.replace(/\?.*/, '').match(REQUEST)?.groups ?? {};
  if (name === undefined || kind === undefined) {
    response.end(JSON.stringify({ name, tags: manifests.map(tagOf) }));
    return;
  }
  const manifest = manifests.find((each) => each.digest === reference || tagOf(each) === reference);
  const digest = kind === 'manifests' ? manifest?.digest : reference;
  const file = path.join(layout, 'blobs', (digest ?? 'none').replace(':', '/'));
  if (!fs.existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const content = fs.readFileSync(file);
  response.writeHead(200, {
    'content-type': kind === 'manifests' ? manifest!.mediaType : 'application/octet-stream',
    'content-length': content.length,
    'docker-content-digest': digest,
  });
  response.end(method === 'HEAD' ? undefined : content);
}
