/** HTTP addresses in flags, as Go reads them. */
import { portNumber, splitHostPort } from '../corefile/go-host-port';
import type { ListenAddress } from '../observe/http';

/**
 * @param text HOST:PORT: `:9353`, `127.0.0.1:9353`, `[::1]:9353`, `localhost:9353`
 * @throws Error in Go's words: `address 127.0.0.1: missing port in address`
 */
export function parseListenAddress(text: string): ListenAddress {
  const { host, port } = splitHostPort(text);
  const number = portNumber(port);
  if (number === undefined) throw new Error(`address ${text}: invalid port`);
  return { host, port: number };
}
