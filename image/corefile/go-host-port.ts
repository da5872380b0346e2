/** `HOST:PORT` as Go's net package takes it apart, with its error texts. */
import { CorefileError, text } from './errors';

/** Both halves as text; brackets of an IPv6 host removed, either may be empty. */
export interface HostPort {
  readonly host: string;
  readonly port: string;
}

/**
 * Split `127.0.0.1:53`, `[::1]:53`, `:9253`, `localhost:8080`.
 * @throws CorefileError `address 127.0.0.1: missing port in address`, `address :x:y: too many colons in address`, …
 * @source Go net.SplitHostPort
 */
export function splitHostPort(address: string): HostPort {
  const fail = (what: string) => new CorefileError(text.addressIn(address, what));
  const colon = address.lastIndexOf(':');
  if (colon === -1) throw fail('missing port in address');
  let host = address.slice(0, colon);
  let bracketFrom = 0; // Where a stray '[' would begin, where a stray ']' would.
  let bracketTo = 0;
  if (address.startsWith('[')) {
    const end = address.indexOf(']');
    if (end === -1) throw fail("missing ']' in address");
    if (end + 1 !== colon)
      throw fail(address[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    host = address.slice(1, end);
    bracketFrom = 1;
    bracketTo = end + 1;
  } else if (host.includes(':')) {
    throw fail('too many colons in address');
  }
  if (address.includes('[', bracketFrom)) throw fail("unexpected '[' in address");
  if (address.includes(']', bracketTo)) throw fail("unexpected ']' in address");
  return { host, port: address.slice(colon + 1) };
}

/** As {@link splitHostPort}, or undefined when it is not of that form. */
export function hostPortOrNothing(value: string): HostPort | undefined {
  try {
    return splitHostPort(value);
  } catch {
    return undefined;
  }
}

/** The opposite: brackets around a host with colons. @source Go net.JoinHostPort */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** A port number in decimal, 0 to 65535, or undefined. */
export function portNumber(port: string): number | undefined {
  if (!/^[+-]?[0-9]{1,9}$/.test(port)) return undefined;
  const number = Number(port);
  return number >= 0 && number <= 65535 ? number : undefined;
}
