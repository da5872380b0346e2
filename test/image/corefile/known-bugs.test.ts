/** Bugs of CoreDNS in what this cache does not have: that it has none of it is seen when a Corefile asks for it. */
import { refusal } from '../../support/corefile';

const block = (key: string, ...lines: string[]): string => `${key} {\n${[...lines, 'whoami'].join('\n')}\n}\n`;
const noAction = (name: string): string =>
  `no action found for directive '${name}' with server type 'dns' (missing a plugin?)`;

test.each([
  [block('quic://example.org'), "cannot serve 'quic://example.org': "],
  [block('.', 'quic {\nmax_streams 9\n}'), noAction('quic')],
])('CVE-2026-32934: DNS over QUIC is refused at load: %j', (corefile, message) => {
  expect(refusal(corefile)).toContain(message);
});

test.each([
  [block('https://example.org'), "cannot serve 'https://example.org': "],
  [block('https3://example.org'), "cannot serve 'https3://example.org': "],
])('CVE-2026-32936: DNS over HTTPS is refused at load: %j', (corefile, message) => {
  expect(refusal(corefile)).toContain(message);
});

test.each([
  [block('tls://example.org'), "cannot serve 'tls://example.org': "],
  [block('grpc://example.org'), "cannot serve 'grpc://example.org': "],
  [block('.', 'tsig {\nsecret a. NoTCJU+DMqFWywaPyxSijrDEA/eC3nK0xi3AMEZuPVk=\n}'), noAction('tsig')],
])('CVE-2026-33190, CVE-2026-35579: nobody believes that TSIG guards a transport: %j', (corefile, message) => {
  expect(refusal(corefile)).toContain(message);
});

test.each([
  [block('example.org', 'transfer {\nto 192.0.2.1\n}'), noAction('transfer')],
  [block('example.org', 'secondary {\ntransfer from 192.0.2.1\n}'), noAction('secondary')],
])('CVE-2026-33489: there is no zone to transfer: %j', (corefile, message) => {
  expect(refusal(corefile)).toContain(message);
});
