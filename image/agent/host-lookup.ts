/**
 * Addresses of a host whose name stands where forward wants an address. Asked once, when the Corefile is loaded, and without
 * the event loop: setups are synchronous, and until they are through there is nothing to serve.
 * @source coredns plugin/forward/resolve.go at v1.14; Go net.LookupHost for names without `resolver`
 */
import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { hostPortOrNothing } from '../corefile/go-host-port';
import { formatIp } from '../corefile/ip-address';
import { HEADER_BYTES } from '../limits';
import { readResolvConf } from '../upstream/resolv-conf';
import { Class, Rcode, rcodeText, Type } from '../wire/codes';
import { FLAG_QR, FLAG_RD, RCODE_MASK } from '../wire/header';
import { decodeMessage, encodeMessage, type Message } from '../wire/message';
import { nameToText, textToName } from '../wire/name-text';

/** What a look-up needs of the machine. */
export interface LookupAccess {
  /** A file's text; '' when it cannot be read. */
  readFile(path: string): string;
  /**
   * Ask a server over UDP and wait.
   * @returns the first packet back that `accepts` takes; undefined when none came in time
   */
  exchange(
    packet: Uint8Array,
    address: string,
    port: number,
    accepts: (answer: Uint8Array) => boolean,
  ): Uint8Array | undefined;
}

interface Server {
  readonly address: string;
  readonly port: number;
}

const DNS_PORT = 53;

/** Addresses of `name` in the form of /etc/hosts. */
function fromHosts(content: string, name: string): string[] {
  const wanted = name.toLowerCase();
  return content.split('\n').flatMap((line) => {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    const isWanted = names.some((one) => one.toLowerCase().replace(/\.$/, '') === wanted);
    return isWanted && isIP(address) !== 0 ? [address] : [];
  });
}

/** Names to try in order, by the `search` and `ndots` of a resolv.conf. @source resolv.conf(5), Go net nameList */
function searchNames(content: string, name: string): string[] {
  let search: string[] = [];
  let dotsMin = 1;
  for (const line of content.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'search' || keyword === 'domain') search = values;
    if (keyword !== 'options') continue;
    for (const value of values) if (/^ndots:\d+$/.test(value)) dotsMin = Math.min(15, Number(value.slice(6)));
  }
  const longer = search.map((domain) => `${name}.${domain.replace(/\.$/, '')}`);
  return name.split('.').length - 1 >= dotsMin ? [name, ...longer] : [...longer, name];
}

function query(name: Uint8Array, type: number): Uint8Array {
  const out = new Uint8Array(512);
  const question = { name, type, class: Class.IN };
  const whole = {
    id: randomBytes(2).readUInt16BE(),
    flags: FLAG_RD,
    question,
    answer: [],
    authority: [],
    additional: [],
  };
  return out.slice(0, encodeMessage(whole, out, 0, out.length));
}

function answers(answer: Uint8Array, asked: Message): boolean {
  const message = answer.length < HEADER_BYTES ? undefined : decodeMessage(answer, 0, answer.length);
  if (message?.question === undefined || message.id !== asked.id || (message.flags & FLAG_QR) === 0) return false;
  const text = ({ name, type }: NonNullable<Message['question']>) => `${nameToText(name, 0).toLowerCase()} ${type}`;
  return text(message.question) === text(asked.question!);
}

/** Ask one server for one type. @throws Error when it does not answer, or with an error */
function ask(server: Server, name: string, type: number, access: LookupAccess): string[] {
  const wire = textToName(name);
  if (wire === undefined) throw new Error(`lookup ${name}: no such host`);
  const packet = query(wire, type);
  const asked = decodeMessage(packet, 0, packet.length)!;
  const { address, port } = server;
  const answer = access.exchange(packet, address, port, (candidate) => answers(candidate, asked));
  const where = `lookup ${name} on ${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  if (answer === undefined) throw new Error(`${where}: i/o timeout`);
  const message = decodeMessage(answer, 0, answer.length)!;
  const rcode = message.flags & RCODE_MASK;
  if (rcode === Rcode.NXDOMAIN) throw new Error(`${where}: no such host`);
  if (rcode !== Rcode.NOERROR) throw new Error(`${where}: ${rcodeText(rcode)}`);
  return message.answer.filter((record) => record.type === type).map(({ data }) => formatIp(data));
}

/** IPv4 and IPv6 addresses from the first server that has some; a server that fails for one family may have the other. */
function fromServers(servers: readonly Server[], name: string, access: LookupAccess): string[] {
  let error: Error | undefined;
  for (const server of servers) {
    const found = [Type.A, Type.AAAA].flatMap((type) => {
      try {
        return ask(server, name, type, access);
      } catch (reason) {
        error = reason as Error;
        return [];
      }
    });
    if (found.length > 0) return found;
  }
  throw error ?? new Error(`no addresses found for "${name}"`);
}

function serverOf(value: string): Server {
  const both = hostPortOrNothing(value);
  return { address: both?.host ?? value, port: both === undefined ? DNS_PORT : Number(both.port) };
}

/**
 * The addresses of a host.
 * @param resolvers `IP` or `IP:PORT` each; none: /etc/hosts, then the servers and search list of /etc/resolv.conf
 * @throws Error that says why there are none
 */
export function lookUpHost(name: string, resolvers: readonly string[], access: LookupAccess): string[] {
  if (resolvers.length > 0) return fromServers(resolvers.map(serverOf), name, access);
  const listed = fromHosts(access.readFile('/etc/hosts'), name);
  if (listed.length > 0) return listed;
  const configuration = access.readFile('/etc/resolv.conf');
  const { addresses } = readResolvConf(configuration);
  const servers = (addresses.length === 0 ? ['127.0.0.1'] : addresses).map((address) => ({ address, port: DNS_PORT }));
  let error: Error | undefined;
  for (const candidate of searchNames(configuration, name)) {
    try {
      return fromServers(servers, candidate, access);
    } catch (reason) {
      error ??= reason as Error;
    }
  }
  throw error!;
}
