import type { PeerCertificate } from 'node:tls';
import { certificateError, connectionError } from '../../../image/agent/tls-errors';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const GOOD = {
  subject: { CN: 'dns.example' },
  subjectaltname: 'DNS:dns.example, DNS:*.wild.example, IP Address:192.0.2.1',
  valid_from: 'Jun  1 00:00:00 2026 GMT',
  valid_to: 'Jul  1 00:00:00 2026 GMT',
} as PeerCertificate;
const NOT_VERIFIED = 'tls: failed to verify certificate: x509: ';

describe('a certificate', () => {
  test.each(['dns.example', 'a.wild.example', '192.0.2.1'])('is good for %s', (host) => {
    expect(certificateError(GOOD, host, '', NOW)).toBe('');
  });

  test.each<[string, Partial<PeerCertificate>, string, string, string]>([
    ['not there', { valid_to: undefined }, 'dns.example', '', 'there is no certificate'],
    [
      'of tomorrow',
      { valid_from: 'Jun 16 00:00:00 2026 GMT' },
      'dns.example',
      'CERT_NOT_YET_VALID',
      'certificate has expired or is not yet valid: current time 2026-06-15T12:00:00Z is before 2026-06-16T00:00:00Z',
    ],
    [
      'of yesterday, even with a wrong name',
      { valid_to: 'Jun 14 00:00:00 2026 GMT' },
      'x',
      'CERT_HAS_EXPIRED',
      'certificate has expired or is not yet valid: current time 2026-06-15T12:00:00Z is after 2026-06-14T00:00:00Z',
    ],
    [
      'of another name, even of an unknown authority',
      {},
      'x',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'certificate is valid for dns.example, *.wild.example, not x',
    ],
    [
      'of no known authority',
      {},
      'dns.example',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'certificate signed by unknown authority',
    ],
    [
      'of an authority that has expired',
      {},
      'dns.example',
      'CERT_HAS_EXPIRED',
      'certificate has expired or is not yet valid: one of those that signed it',
    ],
    ['revoked', {}, 'dns.example', 'CERT_REVOKED', 'cert revoked'],
  ])('that is %s', (_, changes, host, chainError, message) => {
    expect(certificateError({ ...GOOD, ...changes }, host, chainError, NOW)).toBe(NOT_VERIFIED + message);
  });
});

describe('a connection', () => {
  const error = (fields: object) => Object.assign(new Error('as OpenSSL says'), fields);
  test.each<[object, string]>([
    [{ code: 'ECONNREFUSED', syscall: 'connect' }, 'dial tcp 192.0.2.1:853: connect: connection refused'],
    [{ code: 'EHOSTUNREACH', syscall: 'connect' }, 'dial tcp 192.0.2.1:853: connect: no route to host'],
    [{ code: 'ECONNRESET', syscall: 'read' }, 'read tcp a->b: read: connection reset by peer'],
    [{ code: 'EPIPE', syscall: 'write' }, 'write tcp a->b: write: broken pipe'],
    [{ code: 'ECONNRESET' }, 'EOF'],
    [
      { code: 'ERR_SSL_X', reason: 'tlsv1 alert protocol version' },
      'remote error: tls: protocol version not supported',
    ],
    [{ code: 'ERR_SSL_X', reason: 'tlsv13 alert certificate required' }, 'remote error: tls: certificate required'],
    [{ code: 'ERR_SSL_X', reason: 'sslv3 alert something new' }, 'remote error: tls: something new'],
    [{ code: 'ERR_SSL_X', reason: 'wrong version number' }, 'tls: first record does not look like a TLS handshake'],
    [{ code: 'ERR_SSL_X', reason: 'no ciphers available' }, 'tls: no ciphers available'],
    [{}, 'tls: as OpenSSL says'],
  ])('that ends with %j', (fields, text) => {
    expect(connectionError(error(fields), '192.0.2.1:853', 'a->b')).toBe(text);
  });
});
