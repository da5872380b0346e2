/** What handshakes with upstreams need: contexts made of certificates, and sessions that make the next one shorter. */
import { readFileSync } from 'node:fs';
import { createSecureContext, type PeerCertificate, rootCertificates, type SecureContext } from 'node:tls';
import { TLS_SESSIONS_MAX } from '../limits';
import type { TlsOpen, TlsSettings } from '../upstream/tcp-dialer';

/** Where distributions put the authorities they trust. @source Go crypto/x509/root_linux.go */
const SYSTEM_AUTHORITIES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The authorities this machine trusts: $SSL_CERT_FILE, else its distribution's; those that come with Node when it has none.
 * @source Go crypto/x509 SystemCertPool
 */
export function systemAuthorities(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { SSL_CERT_FILE: own } = environment;
  for (const path of own ? [own] : SYSTEM_AUTHORITIES) {
    try {
      return [readFileSync(path, 'utf8')];
    } catch {} // The next one.
  }
  return [...rootCertificates];
}

/** What is kept of a connection whose certificate was right. */
export interface Session {
  readonly data: Buffer;
  /** The upstream's; it is not sent again. */
  readonly certificate: PeerCertificate;
}

/** A map that forgets what was put in first. */
class Recent<Value> {
  private readonly values = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.values.get(key);
  }

  set(key: string, value: Value): void {
    this.values.delete(key);
    this.values.set(key, value);
    if (this.values.size > TLS_SESSIONS_MAX) this.values.delete(this.values.keys().next().value!);
  }

  delete(key: string): void {
    this.values.delete(key);
  }
}

/** Bounded by TLS_SESSIONS_MAX each. */
export class TlsContexts {
  private readonly environment: Readonly<Record<string, string | undefined>>;
  private readonly contexts = new Recent<SecureContext>();
  private readonly sessions = new Recent<Session>();

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.environment = environment;
  }

  /** The context for an upstream's settings. @throws Error of OpenSSL; setup has checked what the Corefile names */
  context({ certificate, key, authorities }: TlsSettings): SecureContext {
    const name = JSON.stringify([certificate, key, authorities]);
    let context = this.contexts.get(name);
    if (context === undefined) {
      const own = certificate === '' ? {} : { cert: certificate, key };
      const ca = authorities === '' ? systemAuthorities(this.environment) : authorities;
      context = createSecureContext({ ...own, ca, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
      this.contexts.set(name, context);
    }
    return context;
  }

  /** The last session with an upstream. */
  session(open: TlsOpen): Session | undefined {
    return this.sessions.get(sessionName(open));
  }

  /** Keep a session for the next connection. */
  keepSession(open: TlsOpen, session: Session): void {
    this.sessions.set(sessionName(open), session);
  }

  /** The upstream did not come to terms with us: begin from scratch next time. */
  dropSession(open: TlsOpen): void {
    this.sessions.delete(sessionName(open));
  }
}

function sessionName({ address, port, tls }: TlsOpen): string {
  return JSON.stringify([address, port, tls]);
}
