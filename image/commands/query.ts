/**
 * `query NAME [TYPE]`: asks as a pod would, and shows how the answer came about.
 *
 *   socket bound ─▶ /explain?port&id to the control socket ─▶ `ready` ─▶ question ─▶ answer
 *                                                                └──▶ what the worker noted of just this query
 *
 * The worker knows the query by the client's port and the id; nothing is added to the packet, so that it is answered as
 * any other.
 */
import type { ExplainLine, Explanation } from '../agent/control';
import type { StatusReport } from '../agent/status-report';
import { readResolvConf } from '../upstream/resolv-conf';
import { Rcode } from '../wire/codes';
import { FLAG_TC, RCODE_MASK } from '../wire/header';
import { decodeMessage, type Message } from '../wire/message';
import { type ControlClient, findControl } from './client';
import { CONTROL_FLAGS, type Command, type CommandLine, type CommandWorld, EXIT_OK } from './command';
import { colorDepth, Paint } from './paint';
import { type BeforeAsking, exchangeTcp, exchangeUdp, makeRequest, type Reply } from './query-exchange';
import { queryText, shortText } from './query-text';
import { type QueryServer, type QueryWords, readQueryWords } from './query-words';

const EXIT_NO_ANSWER = 1;
const LOOPBACK: QueryServer = { host: '127.0.0.1', port: 53 };

/** The command. */
export const QUERY: Command = {
  name: 'query',
  synopsis: 'NAME [TYPE] [@SERVER] [+tcp] [+dnssec] [+short] [+found]',
  summary: 'Asks a question and shows the answer, how it came about (hit, miss, stale), and who was asked.',
  flags: CONTROL_FLAGS,
  notes: [
    'Without @SERVER: the first address that the running cache serves; where none runs, the first nameserver of',
    '/etc/resolv.conf. NAME may be an address, for its PTR record.',
    'Exit codes: 0 answered, whatever the answer (with +found: records were found); 1 not answered; 2 usage.',
  ],
  run,
};

async function run(line: CommandLine, world: CommandWorld): Promise<number> {
  const words = readQueryWords(line.words);
  const control = await findControl(line).catch(() => null);
  const status = control === null ? null : await control.json<StatusReport>('/status').catch(() => null);
  const own = ownServers(status);
  const server = words.server ?? own[0] ?? nameserver(world) ?? LOOPBACK;
  const isOwn = own.some((one) => one.port === server.port && (one.isWildcard || one.host === server.host));
  const unexplained = control === null ? 'no running cache can be reached' : 'the server is not this cache';
  const ask = new Asking(words, server, isOwn ? control : null);
  try {
    let { reply, explanation } = await ask.once(words.overTcp);
    const isTruncated = (reply.bytes[2] & (FLAG_TC >>> 8)) !== 0 && !words.overTcp;
    if (isTruncated) ({ reply, explanation } = await ask.once(true));
    const message = decodeMessage(reply.bytes, 0, reply.bytes.length);
    if (message === undefined) throw new Error('the answer is malformed');
    const exitCode = words.found && !hasRecords(message) ? EXIT_NO_ANSWER : EXIT_OK;
    if (words.short) {
      world.write(shortText(message));
      return exitCode;
    }
    const answered = {
      server: server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`,
      transport: words.overTcp || isTruncated ? ('TCP' as const) : ('UDP' as const),
      bytes: reply.bytes.length,
      microseconds: reply.microseconds,
      explanation,
      unexplained: isOwn ? 'the cache did not see the question' : unexplained,
    };
    world.write(queryText(message, answered, new Paint(colorDepth(world.isTerminal, world.environment))));
    return exitCode;
  } catch (error) {
    world.complain(`query: ${server.host}#${server.port}: ${(error as Error).message}\n`);
    return EXIT_NO_ANSWER;
  }
}

/** Whether the name exists and has what was asked for. */
function hasRecords({ flags, answer }: Message): boolean {
  return (flags & RCODE_MASK) === Rcode.NOERROR && answer.length > 0;
}

/** Whom programs in this container ask; undefined when nobody is named. */
function nameserver(world: CommandWorld): QueryServer | undefined {
  try {
    const [host] = readResolvConf(world.readFile('/etc/resolv.conf')).addresses;
    return host === undefined ? undefined : { host, port: LOOPBACK.port };
  } catch {
    return undefined;
  }
}

/** Addresses of the running cache; a wildcard is asked over loopback. */
function ownServers(status: StatusReport | null): (QueryServer & { readonly isWildcard: boolean })[] {
  return (status?.listeners ?? []).flatMap(({ server }) => {
    const [, host, port] = /^dns:\/\/\[?([^\]]*?)\]?:(\d+)$/.exec(server) ?? [];
    if (port === undefined) return [];
    return [{ host: host === '' ? LOOPBACK.host : host, port: Number(port), isWildcard: host === '' }];
  });
}

class Asking {
  private readonly words: QueryWords;
  private readonly server: QueryServer;
  private readonly control: ControlClient | null;

  constructor(words: QueryWords, server: QueryServer, control: ControlClient | null) {
    this.words = words;
    this.server = server;
    this.control = control;
  }

  /** @throws Error when no answer comes */
  async once(overTcp: boolean): Promise<{ reply: Reply; explanation: Explanation | null }> {
    const request = makeRequest(this.words);
    let explained: Promise<Explanation | null> = Promise.resolve(null);
    const before: BeforeAsking = (port) =>
      new Promise((resolve) => {
        if (this.control === null) return resolve();
        explained = explain(this.control, port, request.id, resolve);
        void explained.finally(resolve); // It may fail before it is ready: then we ask all the same.
      });
    const exchange = overTcp ? exchangeTcp : exchangeUdp;
    const reply = await exchange(request, this.server, before);
    return { reply, explanation: await explained };
  }
}

async function explain(
  control: ControlClient,
  port: number,
  id: number,
  ready: () => void,
): Promise<Explanation | null> {
  let found: Explanation | null = null;
  const take = (line: ExplainLine): boolean => {
    if (line.state === 'ready') ready();
    if (line.state === 'answered') found = line;
    return line.state === 'ready';
  };
  await control.lines(`/explain?port=${port}&id=${id}`, take).catch(() => false);
  return found;
}
