import { CorefileError } from '../../../../image/corefile/errors';
import { readTlsFiles } from '../../../../image/plugin/forward/tls-files';
import { makeCertificate } from '../../../support/certificate';
import { fakeEnvironment } from '../../../support/corefile';

const own = makeCertificate({ name: 'node' });
const authority = makeCertificate({ name: 'authority' });
const chain = `subject=node\n${own.certificate}${authority.certificate}`;
const environment = fakeEnvironment({
  files: {
    '/etc/chain.pem': chain,
    '/etc/key.pem': own.key,
    '/etc/authority.pem': authority.certificate,
    '/etc/broken.pem': '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    '/etc/broken.key': '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
    '/etc/mixed.pem': `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n# ours:\n${authority.certificate}`,
    '/keys/': '',
  },
});

function read(...paths: string[]): unknown {
  try {
    return readTlsFiles(paths, environment);
  } catch (error) {
    if (error instanceof CorefileError) return error.message;
    throw error;
  }
}

test.each<[string[], object]>([
  [[], { certificate: '', key: '', authorities: '' }],
  [['authority.pem'], { certificate: '', key: '', authorities: authority.certificate.trim() }],
  [['chain.pem', '/etc/key.pem'], { certificate: chain, key: own.key, authorities: '' }],
  [
    ['chain.pem', 'key.pem', 'authority.pem'],
    { certificate: chain, key: own.key, authorities: authority.certificate.trim() },
  ],
])('%j is read as it is', (paths, files) => expect(read(...paths)).toEqual(files));

test('of authorities those that cannot be read are passed over', () => {
  expect(read('mixed.pem')).toEqual({ certificate: '', key: '', authorities: authority.certificate.trim() });
});

test.each([
  [['broken.pem', 'key.pem'], /^could not load TLS cert: x509: malformed certificate$/],
  [['chain.pem', 'broken.key'], /^could not load TLS cert: tls: failed to parse private key$/],
  [['authority.pem', 'key.pem'], /^could not load TLS cert: tls: private key does not match public key$/],
  [['/keys', 'key.pem'], /^could not load TLS cert: read \/keys: is a directory$/],
  [['broken.pem'], /^could not read root certs: broken\.pem has no certificate in PEM form/],
  [['/keys'], /^error reading \/keys: read \/keys: is a directory$/],
])('%j is refused', (paths, message) => expect(read(...paths)).toMatch(message));
