/** The dnstap connections of a plan: one per different `dnstap`. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { hostPortOrNothing } from '../corefile/go-host-port';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import type { TapOptions } from '../plugin/dnstap/setup';
import { traceKey } from '../plugin/trace/report';
import { TapConnection } from './dnstap';
import type { TapFrame } from './messages';
import type { World } from './world';

/** What they need. */
export interface TapsAccess {
  readonly world: Pick<World, 'clock'>;
  readonly counters: Counters;
  readonly log: Log;
}

/** One per process. */
export class Taps {
  private readonly access: TapsAccess;
  private readonly connections = new Map<string, TapConnection>();

  constructor(access: TapsAccess) {
    this.access = access;
  }

  /** The workers have a plan with these: open what is new, close what is gone. */
  async commit(taps: readonly TapOptions[]): Promise<void> {
    const wanted = new Map(taps.map((options) => [traceKey(options), options]));
    const gone = [...this.connections].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.connections.delete(key);
    for (const [key, options] of wanted) {
      if (!this.connections.has(key)) this.connections.set(key, this.open(options));
    }
    await Promise.all(gone.map(([, connection]) => connection.close()));
  }

  private open(options: TapOptions): TapConnection {
    const { world, log } = this.access;
    return new TapConnection(options, {
      clock: world.clock,
      connect: connectTap,
      warn: (text) => log.plugin('dnstap', 'WARNING', text),
      error: (text) => log.plugin('dnstap', 'ERROR', text),
      dropped: (messages) => this.dropped('queue', messages),
    });
  }

  private dropped(reason: string, messages: number): void {
    const { counters } = this.access;
    counters.add(counters.slot('nodelocaldns_dnstap_messages_dropped_total', reason), messages);
  }

  /** Messages of a worker; those of a plan that is gone are dropped. */
  take(frames: readonly TapFrame[]): void {
    for (const { key, frame } of frames) {
      const connection = this.connections.get(key);
      if (connection === undefined) this.dropped('reload', 1);
      else connection.send(frame);
    }
  }

  /** Send what is left. */
  async close(): Promise<void> {
    await this.commit([]);
  }
}

/** Begin to connect to a collector. */
export function connectTap({ transport, endpoint, skipVerify }: TapOptions): Socket {
  if (transport === 'unix') return connect({ path: endpoint });
  const { host = endpoint, port = '0' } = hostPortOrNothing(endpoint) ?? {};
  const to = { host, port: Number(port) };
  return transport === 'tcp' ? connect(to) : connectTls({ ...to, servername: host, rejectUnauthorized: !skipVerify });
}
