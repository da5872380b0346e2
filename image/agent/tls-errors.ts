/** Why TLS did not come about, in the words of Go's crypto/tls and crypto/x509: users' patterns for `errors` know them. */
import { isIP } from 'node:net';
import { constants } from 'node:os';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { errnoText } from '../kernel/errno';

const NOT_VERIFIED = 'tls: failed to verify certificate: x509: ';

/** Alerts of the far end by the reason OpenSSL gives. @source Go crypto/tls/alert.go */
const ALERTS: Readonly<Record<string, string>> = {
  'handshake failure': 'handshake failure',
  'no certificate': 'no certificate',
  'bad certificate': 'bad certificate',
  'unsupported certificate': 'unsupported certificate',
  'certificate revoked': 'revoked certificate',
  'certificate expired': 'expired certificate',
  'certificate unknown': 'unknown certificate',
  'illegal parameter': 'illegal parameter',
  'unknown ca': 'unknown certificate authority',
  'access denied': 'access denied',
  'decode error': 'error decoding message',
  'decrypt error': 'error decrypting message',
  'protocol version': 'protocol version not supported',
  'insufficient security': 'insufficient security level',
  'internal error': 'internal error',
  'certificate required': 'certificate required',
  'no application protocol': 'no application protocol',
  'unrecognized name': 'unrecognized name',
  'unexpected message': 'unexpected message',
};

/** Reasons of OpenSSL for octets that are no TLS. */
const NO_TLS = /wrong version number|http request|packet length too long|unknown protocol|record layer failure/;

/** Seconds, as Go's time.RFC3339 in UTC. */
function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function validityError({ valid_from, valid_to }: PeerCertificate, nowMs: number): string {
  const [from, to] = [Date.parse(valid_from), Date.parse(valid_to)];
  const wrong = `${NOT_VERIFIED}certificate has expired or is not yet valid: current time ${goTime(nowMs)} is `;
  if (nowMs < from) return `${wrong}before ${goTime(from)}`;
  return nowMs > to ? `${wrong}after ${goTime(to)}` : '';
}

function hostError(certificate: PeerCertificate, host: string): string {
  const names = (certificate.subjectaltname ?? '').split(', ');
  const valid = (prefix: string) =>
    names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  const isAddress = isIP(host) !== 0;
  const ours = valid(isAddress ? 'IP Address:' : 'DNS:');
  if (ours.length > 0 && checkServerIdentity(host, certificate) === undefined) return '';
  if (isAddress && ours.length === 0) {
    return `${NOT_VERIFIED}cannot validate certificate for ${host} because it doesn't contain any IP SANs`;
  }
  if (ours.length > 0) return `${NOT_VERIFIED}certificate is valid for ${ours.join(', ')}, not ${host}`;
  if (certificate.subjectaltname === undefined) {
    return `${NOT_VERIFIED}certificate relies on legacy Common Name field, use SANs instead`;
  }
  return `${NOT_VERIFIED}certificate is not valid for any names, but wanted to match ${host}`;
}

/**
 * What is wrong with an upstream's certificate, in Go's order: its time, its names, who signed it.
 * @param host name or IP address it must be for
 * @param chainError OpenSSL's code when the signatures do not lead to an authority of ours; '' when they do
 * @returns '' for nothing
 * @source Go crypto/x509 Certificate.Verify
 */
export function certificateError(
  certificate: PeerCertificate,
  host: string,
  chainError: string,
  nowMs: number,
): string {
  if (certificate.valid_to === undefined) return `${NOT_VERIFIED}there is no certificate`;
  const error = validityError(certificate, nowMs) || hostError(certificate, host);
  if (error !== '' || chainError === '') return error;
  if (/EXPIRED|NOT_YET_VALID/.test(chainError)) {
    return `${NOT_VERIFIED}certificate has expired or is not yet valid: one of those that signed it`;
  }
  if (/SELF_SIGNED|ISSUER|LEAF_SIGNATURE/.test(chainError)) {
    return `${NOT_VERIFIED}certificate signed by unknown authority`;
  }
  return `${NOT_VERIFIED}${chainError.toLowerCase().replace(/_/g, ' ')}`;
}

/**
 * Why there is no connection.
 * @param address the upstream, `10.0.0.10:853`; @param route our end and its, for errors after the connect
 * @source Go net.OpError, crypto/tls
 */
export function connectionError(error: Error, address: string, route: string): string {
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException;
  const reason = (error as { reason?: string }).reason ?? '';
  const errno = (constants.errno as Record<string, number>)[code];
  if (errno !== undefined && syscall === 'connect') return `dial tcp ${address}: connect: ${errnoText(errno)}`;
  if (errno !== undefined && syscall !== '') return `${syscall} tcp ${route}: ${syscall}: ${errnoText(errno)}`;
  if (code === 'ECONNRESET') return 'EOF'; // Node says so when the far end closes before the handshake is over.
  const alert = /alert (.*)$/.exec(reason)?.[1];
  if (alert !== undefined) return `remote error: tls: ${ALERTS[alert] ?? alert}`;
  if (NO_TLS.test(reason)) return 'tls: first record does not look like a TLS handshake';
  return `tls: ${reason || error.message}`;
}
