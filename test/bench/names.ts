/** The names that are asked: services of a cluster, each with one address. */
import { writeFileSync } from 'node:fs';

/** As many services as a large cluster has. */
export const NAMES_COUNT = 2000;
/** Namespaces they lie in. */
export const NAMESPACES_COUNT = 50;
/** Long enough that no answer expires while it is measured. */
export const TTL_SECONDS = 3600;

/** `svc-7.ns-7.svc.cluster.local.`: a service in one of the namespaces. */
export function serviceName(index: number): string {
  return `svc-${index}.ns-${index % NAMESPACES_COUNT}.svc.cluster.local.`;
}

/** The queries as dnsperf reads them, one `NAME TYPE` a line. */
export function queriesText(type: string): string {
  return Array.from({ length: NAMES_COUNT }, (_, index) => `${serviceName(index)} ${type}\n`).join('');
}

/** The answers as unbound reads them in its `server:` part. */
export function localDataText(): string {
  const line = (index: number): string => {
    const address = `10.96.${index >> 8}.${index & 255}`;
    return `  local-data: "${serviceName(index)} ${TTL_SECONDS} IN A ${address}"\n`;
  };
  return Array.from({ length: NAMES_COUNT }, (_, index) => line(index)).join('');
}

/** Write the queries. @returns the file */
export function writeQueries(file: string, type: string): string {
  writeFileSync(file, queriesText(type));
  return file;
}
