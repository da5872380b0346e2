/** Certificates made for a test: X.509 version 3 with a P-256 key (RFC 5280, RFC 5758), put together octet by octet. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { parseIp } from '../../image/corefile/ip-address';

/** What a certificate says. */
export interface CertificateWishes {
  /** Common name. */
  readonly name: string;
  /** Names and IP addresses it is for. @default none */
  readonly hosts?: readonly string[];
  /** Who signs it. @default itself, as an authority */
  readonly authority?: MadeCertificate;
  /** Days from now at which it ends; negative is in the past. @default 1 */
  readonly days?: number;
}

/** Both in PEM form. */
export interface MadeCertificate {
  readonly name: string;
  readonly certificate: string;
  readonly key: string;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Uint8Array.of(tag, ...size), content]);
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
}

function utcTime(ms: number): Buffer {
  return der(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14)}Z`));
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), der(0x04, value));
}

function extensions({ hosts = [], authority }: CertificateWishes): Buffer {
  const isAuthority = extension(
    '551d13',
    sequence(...(authority === undefined ? [der(0x01, Uint8Array.of(255))] : [])),
  );
  if (hosts.length === 0) return der(0xa3, sequence(isAuthority));
  const names = hosts.map((host) => (isIP(host) ? der(0x87, parseIp(host)!) : der(0x82, Buffer.from(host))));
  return der(0xa3, sequence(isAuthority, extension('551d11', sequence(...names))));
}

function pem(content: Buffer): string {
  const lines = content.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Make a certificate with a new key. */
export function makeCertificate(wishes: CertificateWishes): MadeCertificate {
  const { name, authority, days = 1 } = wishes;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const end = Date.now() + days * DAY_MS;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, Buffer.concat([Uint8Array.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguishedName(authority?.name ?? name),
    sequence(utcTime(Math.min(Date.now(), end) - 2 * DAY_MS), utcTime(end)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions(wishes),
  );
  const signature = sign('sha256', toBeSigned, authority?.privateKey ?? privateKey);
  const whole = sequence(toBeSigned, ECDSA_WITH_SHA256, der(0x03, Buffer.concat([Uint8Array.of(0), signature])));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { name, certificate: pem(whole), key, privateKey };
}
