/** The two servers of cluster DNS: the product's own bundle, in namespaces where it caches nothing of anybody else's. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { ENDPOINT_NAME, ENDPOINTS, SERVER_TTL_SECONDS } from './addresses';
import type { DrillNetwork } from './network';
import { Running } from './process';

/** The bundle that is drilled. */
export const MAIN = path.join(__dirname, '../../image/dist/main.js');

/** Of all names that are not there. */
const ROOT_SOA = `. ${SERVER_TTL_SECONDS} IN SOA ns.dns. hostmaster. 1 7200 1800 86400 ${SERVER_TTL_SECONDS}`;

/** Every name has an address, for a day, and nothing else; one name has those of both servers. */
function corefile(): string {
  const record = (type: string, data: string): string =>
    `answer "{{ .Name }} ${SERVER_TTL_SECONDS} IN ${type} ${data}"`;
  const template = (type: string, match: string, data: readonly string[]): string =>
    `  template IN ${type} . {\n    match ${match}\n    ${data.map((each) => record(type, each)).join('\n    ')}\n    fallthrough\n  }\n`;
  const endpoints = `^${ENDPOINT_NAME.replaceAll('.', '\\.')}$`;
  return `.:53 {
  cache ${SERVER_TTL_SECONDS}
${template('A', endpoints, ENDPOINTS[0])}${template('AAAA', endpoints, ENDPOINTS[1])}${template('A', '.*', ['10.96.9.9'])}${template('AAAA', '.*', ['fd00:10:96::99'])}  template ANY ANY . {
    rcode NXDOMAIN
    authority "${ROOT_SOA}"
  }
}
`;
}

/** Start both. @returns when they serve */
export async function startClusterDns(network: DrillNetwork, folder: string): Promise<readonly Running[]> {
  const servers = (['dns0', 'dns1'] as const).map((name) => {
    const conf = path.join(folder, `${name}.Corefile`);
    writeFileSync(conf, corefile());
    const flags = ['-conf', conf, '-metrics-listen-address', '0', '-control', path.join(folder, `${name}.sock`)];
    return new Running(network.places[name], {
      command: [process.execPath, MAIN, ...flags],
      outputFile: path.join(folder, `${name}.output`),
    });
  });
  await Promise.all(servers.map((server) => server.says('nodelocaldns-')));
  return servers;
}
