import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { systemAuthorities, TlsContexts } from '../../../image/agent/tls-contexts';
import { TLS_SESSIONS_MAX } from '../../../image/limits';
import type { TlsOpen } from '../../../image/upstream/tcp-dialer';
import { makeCertificate } from '../../support/certificate';

const NONE = { certificate: '', key: '', authorities: '', serverName: '' };
const open = (port: number): TlsOpen => ({ fd: 1, address: '192.0.2.1', port, sourceAddress: '', tls: NONE });

describe('the system’s authorities', () => {
  const folder = mkdtempSync(join(tmpdir(), 'authorities-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('are those of $SSL_CERT_FILE, when that is set', () => {
    const path = join(folder, 'own.pem');
    writeFileSync(path, 'own');
    expect(systemAuthorities({ SSL_CERT_FILE: path })).toEqual(['own']);
  });

  test('are Node’s where there are no others', () => {
    expect(systemAuthorities({ SSL_CERT_FILE: join(folder, 'none.pem') })).toEqual([...rootCertificates]);
  });

  test('are some, on any machine', () => expect(systemAuthorities({}).join('')).toContain('BEGIN CERTIFICATE'));
});

test('equal settings have one context, others have another', () => {
  const contexts = new TlsContexts({});
  const authorities = makeCertificate({ name: 'authority' }).certificate;
  const one = contexts.context({ ...NONE, authorities });
  expect(contexts.context({ ...NONE, authorities, serverName: 'other.example' })).toBe(one);
  expect(contexts.context({ ...NONE, authorities: authorities + makeCertificate({ name: 'b' }).certificate })).not.toBe(
    one,
  );
});

test('the last sessions are kept, as many as may be, and forgotten on demand', () => {
  const contexts = new TlsContexts({});
  for (let port = 1; port <= TLS_SESSIONS_MAX + 1; port++) {
    contexts.keepSession(open(port), { data: Buffer.from([port]), certificate: {} as never });
  }
  expect(contexts.session(open(1))).toBeUndefined();
  expect(contexts.session(open(2))?.data).toEqual(Buffer.from([2]));
  contexts.dropSession(open(2));
  expect(contexts.session(open(2))).toBeUndefined();
});
