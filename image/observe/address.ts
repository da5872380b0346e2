/**
 * Addresses to listen on as Go writes them: `:9253`, `127.0.0.1:9253`, `[::1]:9253`, `localhost:9153`.
 * @source Go net.SplitHostPort; its error texts, because Corefile errors quote them
 */

/** Where to listen. */
export interface ListenAddress {
  /** Without brackets; empty for every address of both families. */
  readonly host: string;
  readonly port: number;
}

/** The text is no address; `message` is Go's, without what it belongs to. */
export class AddressError extends Error {}

/**
 * @param text HOST:PORT
 * @throws AddressError with Go's text: `address 127.0.0.1: missing port in address`
 */
export function parseListenAddress(text: string): ListenAddress {
  const { host, port } = splitHostPort(text);
  if (!/^\d+$/.test(port)) throw new AddressError(`lookup tcp/${port}: unknown port`); // Empty included: Go would take any.
  if (Number(port) > 65535) throw new AddressError(`address ${port}: invalid port`);
  return { host, port: Number(port) };
}

/** HOST:PORT again, with brackets where the host has colons. */
export function formatListenAddress(address: ListenAddress): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function splitHostPort(text: string): { host: string; port: string } {
  const fail = (why: string): never => {
    throw new AddressError(`address ${text}: ${why}`);
  };
  const colon = text.lastIndexOf(':');
  if (colon < 0) return fail('missing port in address');
  let host = text.slice(0, colon);
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) return fail("missing ']' in address");
    if (end + 1 === text.length) return fail('missing port in address');
    if (end + 1 !== colon)
      return fail(text[end + 1] === ':' ? 'too many colons in address' : 'missing port in address');
    host = text.slice(1, end);
    if (host.includes('[')) return fail("unexpected '[' in address");
  } else {
    if (host.includes(':')) return fail('too many colons in address');
    if (text.includes('[')) return fail("unexpected '[' in address");
    if (text.includes(']')) return fail("unexpected ']' in address");
  }
  return { host, port: text.slice(colon + 1) };
}
