/** Begins connections to one upstream: plain ones here, those through TLS with main's help. */
import { errnoText } from '../kernel/errno';
import { joinHostPort } from '../kernel/sockaddr';
import type { UpstreamEnvironment } from './environment';
import type { PoolTarget } from './pool-settings';
import type { Dialed } from './tcp-connection';

/** How to speak TLS with an upstream (RFC 7858). Texts in PEM form, '' for what is not given. */
export interface TlsSettings {
  /** Our own certificate and its key, for upstreams that want one. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities that the upstream's certificate is checked against; '' are the system's. */
  readonly authorities: string;
  /** Name the certificate must have; '' is the address. */
  readonly serverName: string;
}

/** What main is asked: connect, and pass on what goes through the socket. Plain data. */
export interface TlsOpen extends PoolTarget {
  /** Main's end of the pair; main's to close. */
  readonly fd: number;
  readonly tls: TlsSettings;
}

/** Makes connections for a pool. */
export interface Dialer {
  /** Label `proto` of CoreDNS's metrics. */
  readonly protocol: 'tcp' | 'tcp-tls';
  /** The upstream as `IP:port`, for messages. */
  readonly address: string;
  /** @returns what was begun, or the error in Go's words */
  dial(): Dialed | string;
}

/** Connects from the worker. */
export class PlainDialer implements Dialer {
  readonly protocol = 'tcp';
  readonly address: string;
  private readonly environment: UpstreamEnvironment;
  private readonly target: PoolTarget;

  constructor(environment: UpstreamEnvironment, target: PoolTarget) {
    this.environment = environment;
    this.target = target;
    this.address = joinHostPort(target.address, target.port);
  }

  dial(): Dialed | string {
    const { address, port, sourceAddress } = this.target;
    const fd = this.environment.sockets.connectTcp(address, port, sourceAddress);
    if (fd < 0) return `dial tcp ${this.address}: connect: ${errnoText(-fd)}`;
    return { fd, address: this.address, isRelayed: false };
  }
}

/**
 * Lets main connect: TLS is libuv's, and the worker never returns to libuv. A pair of sockets takes the place of the
 * connection, and everything above it is as with plain TCP:
 *
 *   worker: pool ─ connection ─┤pair├─ main: relay ─ TLS ─ upstream
 */
export class TlsDialer implements Dialer {
  readonly protocol = 'tcp-tls';
  readonly address: string;
  private readonly environment: UpstreamEnvironment;
  private readonly target: PoolTarget;
  private readonly tls: TlsSettings;

  constructor(environment: UpstreamEnvironment, target: PoolTarget, tls: TlsSettings) {
    this.environment = environment;
    this.target = target;
    this.tls = tls;
    this.address = joinHostPort(target.address, target.port);
  }

  dial(): Dialed | string {
    const { sockets, openTls } = this.environment;
    const fd = sockets.streamPair();
    if (fd < 0) return `dial tcp ${this.address}: socketpair: ${errnoText(-fd)}`;
    const { address, port, sourceAddress } = this.target;
    openTls({ fd: sockets.pairedFd, address, port, sourceAddress, tls: this.tls });
    return { fd, address: this.address, isRelayed: true };
  }
}
