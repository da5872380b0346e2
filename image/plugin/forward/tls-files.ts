/** The files that `tls` names, read and checked at load. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { type Environment, fileErrorText } from '../../corefile/environment';
import { CorefileError, text } from '../../corefile/errors';
import { readConfigFile } from '../../corefile/imports';

/** Contents in PEM form; '' for what is not given. */
export interface TlsFiles {
  /** Our certificate and those that lead to its authority. */
  readonly certificate: string;
  /** Its private key. */
  readonly key: string;
  /** Authorities that upstreams are checked against instead of the system's. */
  readonly authorities: string;
}

const COULD_NOT_LOAD = 'could not load TLS cert';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** A file's text. @param prefix in front of the reason in the refusal */
function readFile(path: string, prefix: string, environment: Environment): string {
  const absolute = resolve(environment.workingDirectory, path);
  try {
    return readConfigFile(absolute, environment);
  } catch (error) {
    const reason = error instanceof CorefileError ? error.message : fileErrorText(error, path);
    throw new CorefileError(`${prefix}: ${reason.replace(absolute, path)}`); // Go names the path as it was written.
  }
}

/** @param refusal what is wrong when it cannot be parsed */
function parsed<T>(parse: () => T, refusal: string): T {
  try {
    return parse();
  } catch {
    throw new CorefileError(text.tlsCertificate(refusal));
  }
}

/** The certificates among those in `content` that can be read; Go passes over others, OpenSSL would not. */
function readableCertificates(content: string): string {
  const isReadable = (certificate: string): boolean => {
    try {
      return new X509Certificate(certificate).raw.length > 0;
    } catch {
      return false;
    }
  };
  return (content.match(new RegExp(CERTIFICATE, 'g')) ?? []).filter(isReadable).join('\n');
}

/** @throws CorefileError when the two do not belong together */
function checkPair(certificate: string, key: string): void {
  const first = CERTIFICATE.exec(certificate)?.[0];
  if (first === undefined) {
    throw new CorefileError(text.tlsCertificate('tls: failed to find any PEM data in certificate input'));
  }
  if (!PRIVATE_KEY.test(key)) {
    throw new CorefileError(text.tlsCertificate('tls: failed to find any PEM data in key input'));
  }
  const leaf = parsed<X509Certificate>(() => new X509Certificate(first), 'x509: malformed certificate');
  const own = parsed<KeyObject>(() => createPrivateKey(key), 'tls: failed to parse private key');
  if (!leaf.checkPrivateKey(own)) {
    throw new CorefileError(text.tlsCertificate('tls: private key does not match public key'));
  }
}

/**
 * Read the arguments of `tls`: none, `CA`, `CERT KEY` or `CERT KEY CA`. Relative paths begin in the working directory.
 * @param paths at most three
 * @throws CorefileError in CoreDNS's words where it has some
 * @source coredns plugin/pkg/tls NewTLSConfigFromArgs
 */
export function readTlsFiles(paths: readonly string[], environment: Environment): TlsFiles {
  const [certificatePath, keyPath] = paths.length >= 2 ? paths : [];
  const authoritiesPath = paths.length === 1 ? paths[0] : paths[2];
  let [certificate, key, authorities] = ['', '', ''];
  if (certificatePath !== undefined) {
    certificate = readFile(certificatePath, COULD_NOT_LOAD, environment);
    key = readFile(keyPath, COULD_NOT_LOAD, environment);
    checkPair(certificate, key);
  }
  if (authoritiesPath !== undefined) {
    authorities = readableCertificates(readFile(authoritiesPath, `error reading ${authoritiesPath}`, environment));
    if (authorities === '') throw new CorefileError(text.tlsAuthorities(authoritiesPath));
  }
  return { certificate, key, authorities };
}
