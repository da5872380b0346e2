/**
 * Writes dnstap messages to a collector: a Frame Streams connection that is made anew when it breaks, and a queue.
 *
 *   READY ─▶   ◀─ ACCEPT   START ─▶   frame ─▶ frame ─▶ …   STOP ─▶
 *
 * @source coredns plugin/dnstap/io.go at v1.13.2; github.com/farsightsec/fstrm for the frames
 */
import type { Socket } from 'node:net';
import { DNSTAP_CONNECT_MS, DNSTAP_RETRY_MS, DNSTAP_WRITE_BYTES_MAX } from '../limits';
import type { TapOptions } from '../plugin/dnstap/setup';
import type { Cancel, World } from './world';

/** What a connection needs. */
export interface TapAccess {
  readonly clock: World['clock'];
  /** Begin to connect; events tell the rest. */
  connect(options: TapOptions): Socket;
  warn(text: string): void;
  error(text: string): void;
  /** Messages that nobody will see. */
  dropped(messages: number): void;
}

/** Control frames. */
const Control = { ACCEPT: 1, START: 2, STOP: 3, READY: 4 } as const;
const CONTENT_TYPE_FIELD = 1;
const CONTENT_TYPE = Buffer.from('protobuf:dnstap.Dnstap');
/** Octets of the longest answer we look at: an ACCEPT with one content type has 42. */
const ACCEPT_BYTES_MAX = 512;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function controlFrame(type: number, withContent: boolean): Buffer {
  const content = withContent ? [u32(CONTENT_TYPE_FIELD), u32(CONTENT_TYPE.length), CONTENT_TYPE] : [];
  const body = Buffer.concat([u32(type), ...content]);
  return Buffer.concat([u32(0), u32(body.length), body]);
}

/** Type of the control frame at the beginning, 0 for none, undefined while it is not whole. */
function controlType(bytes: Buffer): number | undefined {
  if (bytes.length < 12) return undefined;
  if (bytes.readUInt32BE(0) !== 0) return 0;
  return bytes.length < 8 + bytes.readUInt32BE(4) ? undefined : bytes.readUInt32BE(8);
}

/** A collector. */
export class TapConnection {
  private readonly options: TapOptions;
  private readonly access: TapAccess;
  private readonly queue: Uint8Array[] = [];
  private readonly cancel: Cancel;
  private socket: Socket | undefined;
  private isStarted = false;
  private lost = 0;

  constructor(options: TapOptions, access: TapAccess) {
    this.options = options;
    this.access = access;
    this.open(true);
    this.cancel = access.clock.every(DNSTAP_RETRY_MS, () => this.check());
  }

  /** Send a message, now or when the collector takes it. */
  send(frame: Uint8Array): void {
    if (this.queue.length < this.options.queueMax) {
      this.queue.push(frame);
      this.flush();
    } else this.lose(1);
  }

  private lose(messages: number): void {
    this.lost += messages;
    this.access.dropped(messages);
  }

  private flush(): void {
    const { socket } = this;
    if (socket === undefined || !this.isStarted) return;
    let count = 0;
    for (; count < this.queue.length && socket.writableLength < DNSTAP_WRITE_BYTES_MAX; count++) {
      socket.write(u32(this.queue[count].length));
      socket.write(this.queue[count]);
    }
    this.queue.splice(0, count);
  }

  private check(): void {
    if (this.lost > 0) this.access.warn(`Dropped dnstap messages: ${this.lost}`);
    this.lost = 0;
    if (this.socket === undefined) this.open(false);
  }

  /** @param isFirst only then a failure is said: it would be said for ever */
  private open(isFirst: boolean): void {
    const socket = this.access.connect(this.options);
    this.socket = socket;
    let heard = Buffer.alloc(0);
    let problem = '';
    socket.setTimeout(DNSTAP_CONNECT_MS, () => socket.destroy(new Error('i/o timeout')));
    socket.on(this.options.transport === 'tls' ? 'secureConnect' : 'connect', () =>
      socket.write(controlFrame(Control.READY, true)),
    );
    socket.on('data', (bytes: Buffer) => {
      if (this.isStarted) return;
      heard = Buffer.concat([heard, bytes]);
      const type = controlType(heard);
      if (type === undefined && heard.length <= ACCEPT_BYTES_MAX) return;
      if (type !== Control.ACCEPT) {
        socket.destroy(new Error('the collector did not accept dnstap messages'));
        return;
      }
      socket.setTimeout(0);
      socket.write(controlFrame(Control.START, true));
      this.isStarted = true;
      this.flush();
    });
    socket.on('drain', () => this.flush());
    socket.on('error', (error) => {
      problem = error.message;
    });
    socket.on('close', () => {
      if (this.socket !== socket) return;
      if (isFirst && !this.isStarted) this.access.error(`No connection to dnstap endpoint: ${problem || 'EOF'}`);
      this.socket = undefined;
      this.isStarted = false;
    });
  }

  /** Send what is left, say that it was all, and close. */
  close(): Promise<void> {
    this.cancel();
    const { socket } = this;
    if (socket === undefined || !this.isStarted) {
      socket?.destroy();
      return Promise.resolve();
    }
    this.flush();
    return new Promise((resolve) => {
      socket.on('close', () => resolve());
      socket.setTimeout(DNSTAP_CONNECT_MS, () => socket.destroy());
      socket.end(controlFrame(Control.STOP, false));
      socket.resume();
    });
  }
}
