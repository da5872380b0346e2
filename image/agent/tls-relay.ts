/**
 * The main thread's part of upstreams over TLS: what the worker writes into one end of a pair of sockets goes to the
 * upstream, and back. The first frame to the worker says how the handshake ended (upstream/tcp-connection.ts).
 *
 *   worker ─┤pair├─ pipe ⇄ secure ── upstream
 *
 * Whichever side ends, both are closed. Time-outs are the worker's: it closes its end, and that ends a handshake, too.
 */
import { isIP, Socket } from 'node:net';
import { connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { joinHostPort } from '../kernel/sockaddr';
import { TLS_CLOSE_MS, TLS_RELAYS_MAX } from '../limits';
import { RELAY_FAILED, RELAY_OPEN } from '../upstream/tcp-connection';
import type { TlsOpen } from '../upstream/tcp-dialer';
import { type Session, TlsContexts } from './tls-contexts';
import { certificateError, connectionError } from './tls-errors';

function frame(kind: number, text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([Uint8Array.of((content.length + 1) >>> 8, (content.length + 1) & 0xff, kind), content]);
}

/** One connection. */
class Relay {
  private readonly open: TlsOpen;
  private readonly contexts: TlsContexts;
  private readonly pipe: Socket;
  private readonly secure: TLSSocket;
  private readonly address: string;
  /** The session of a connection before, if there is one. */
  private readonly offered: Session | undefined;
  private certificate: PeerCertificate | undefined;
  /** Our address, once there is a connection; a closed socket no longer knows. */
  private local = '';
  private isOpen = false;

  constructor(open: TlsOpen, pipe: Socket, contexts: TlsContexts, ended: () => void) {
    this.open = open;
    this.contexts = contexts;
    this.pipe = pipe;
    this.address = joinHostPort(open.address, open.port);
    this.offered = contexts.session(open);
    this.secure = this.connect();
    let sides = 2;
    const closed = (): void => {
      if (--sides === 0) ended();
    };
    pipe.on('error', () => this.close()); // The worker closed its end while we wrote.
    pipe.on('close', () => {
      this.close();
      closed();
    });
    this.secure.on('close', () => {
      this.finishPipe();
      closed();
    });
  }

  /** Begin the handshake. Certificates are checked by us, so that what is wrong is said as Go says it. */
  private connect(): TLSSocket {
    const { open, contexts } = this;
    const { address, port, sourceAddress, tls } = open;
    const target = { host: address, port, localAddress: sourceAddress || undefined };
    const secure = connect({
      ...target,
      servername: isIP(tls.serverName) ? '' : tls.serverName, // An address is not sent (RFC 6066 §3).
      secureContext: contexts.context(tls),
      session: this.offered?.data,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    secure.setNoDelay(true);
    secure.on('connect', () => {
      this.local = joinHostPort(secure.localAddress ?? '', secure.localPort ?? 0);
    });
    secure.on('session', (data) => {
      if (this.certificate !== undefined) contexts.keepSession(open, { data, certificate: this.certificate });
    });
    secure.on('secureConnect', () => this.secured());
    secure.on('error', (error) => this.fail(connectionError(error, this.address, this.route)));
    secure.on('end', () => this.fail('EOF'));
    return secure;
  }

  private get route(): string {
    return `${this.local}->${this.address}`;
  }

  /** Nothing of the worker's has been sent yet, and nothing will be unless the certificate is right. */
  private secured(): void {
    const { secure, pipe, open } = this;
    const chainError = secure.authorized ? '' : String(secure.authorizationError);
    const host = open.tls.serverName || open.address;
    const isReused = secure.isSessionReused() && this.offered !== undefined;
    const certificate = isReused ? this.offered!.certificate : secure.getPeerCertificate();
    const error = certificateError(certificate, host, chainError, Date.now());
    if (error !== '') {
      this.fail(error);
      return;
    }
    this.certificate = certificate;
    this.isOpen = true;
    pipe.write(frame(RELAY_OPEN, this.local));
    secure.pipe(pipe);
    pipe.pipe(secure);
  }

  /** There will be no connection, or no more of it. */
  private fail(error: string): void {
    if (!this.isOpen && this.pipe.writable) {
      this.contexts.dropSession(this.open);
      this.pipe.end(frame(RELAY_FAILED, error));
    }
    this.finishPipe();
    this.secure.destroy();
  }

  /** What is written reaches the worker, then it sees the end. */
  private finishPipe(): void {
    if (this.pipe.writable) this.pipe.end();
    this.pipe.destroySoon();
  }

  /** The worker is gone: say goodbye to the upstream, but do not wait for it. */
  close(): void {
    const { secure } = this;
    if (secure.destroyed) return;
    if (this.isOpen) secure.destroySoon();
    else secure.destroy();
    setTimeout(() => secure.destroy(), TLS_CLOSE_MS).unref();
  }
}

/** All of a process. */
export class TlsRelays {
  private readonly contexts: TlsContexts;
  private count = 0;

  /** @param environment for $SSL_CERT_FILE */
  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.contexts = new TlsContexts(environment);
  }

  /** Relays that are not closed on both sides. */
  get size(): number {
    return this.count;
  }

  /** Connect, and pass on what goes through `open.fd`, which is ours to close from here on. Never throws. */
  open(open: TlsOpen): void {
    const pipe = new Socket({ fd: open.fd, readable: true, writable: true });
    if (this.count >= TLS_RELAYS_MAX) {
      refuse(
        pipe,
        `dial tcp ${joinHostPort(open.address, open.port)}: ${TLS_RELAYS_MAX} connections through TLS are open`,
      );
      return;
    }
    this.count++;
    try {
      new Relay(open, pipe, this.contexts, () => {
        this.count--;
      });
    } catch (error) {
      this.count--;
      refuse(pipe, `tls: ${(error as Error).message}`);
    }
  }
}

function refuse(pipe: Socket, error: string): void {
  pipe.on('error', () => undefined);
  pipe.end(frame(RELAY_FAILED, error));
  pipe.destroySoon();
}
