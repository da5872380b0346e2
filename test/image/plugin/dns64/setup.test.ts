import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dns64Options } from '../../../../image/plugin/dns64/setup';
import { tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const dns64 = (body: string) => optionsOf<Dns64Options>('dns64', body);
const prefix = (...octets: number[]) => [...octets, ...Array<number>(16 - octets.length).fill(0)];
const RECORDED: readonly (readonly [string, string | null])[] = JSON.parse(
  readFileSync(join(__dirname, '../forwarded/said/dns64-setup.json'), 'utf8'),
);

test.each(RECORDED)('%j is taken or refused as k8s-dns-node-cache 1.26.8 does', (body, message) => {
  expect(bodyRefusal(body)).toBe(message ?? undefined);
});

test.each([
  ['dns64', { prefix: prefix(0, 0x64, 0xff, 0x9b), prefixBits: 96, translateAll: false, allowIpv4: false }],
  ['dns64 2001:db8:ffff::/32', { prefix: prefix(0x20, 1, 0x0d, 0xb8), prefixBits: 32 }],
  ['dns64 {\nprefix 64:a::/64\nprefix 64:b::/40\n}', { prefix: prefix(0, 0x64, 0, 0x0b), prefixBits: 40 }],
  ['dns64 ::ffff:0:0/96', { prefix: prefix(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255), prefixBits: 96 }],
  ['dns64 {\ntranslate_all\nallow_ipv4\n}', { translateAll: true, allowIpv4: true }],
  // The block behind a prefix is read as lines of their own, which say nothing.
  ['dns64 64:a::/96 {\nallow_ipv4\ntranslate_all\n}', { prefixBits: 96, translateAll: false, allowIpv4: false }],
  ['dns64 64:a::/96 {\nprefix 64:b::/56\n}', { prefix: prefix(0, 0x64, 0, 0x0b), prefixBits: 56 }],
  ['dns64 64:a::/56\ndns64 {\nallow_ipv4\n}', { prefixBits: 56, allowIpv4: true }],
])('%j', (body, expected) => {
  expect(dns64(body)).toMatchObject(expected);
});

needs('tables').describe('rows of CoreDNS 1.13.2', () => {
  test.each(tables('coredns-v1.13.2', 'TestSetupDns64'))('%j', ({ inputUpstreams, shouldErr, wantAllowIpv4 }) => {
    const body = String(inputUpstreams);
    expect(bodyRefusal(body) !== undefined).toBe(shouldErr);
    if (shouldErr !== true) expect(dns64(body).allowIpv4).toBe(wantAllowIpv4);
  });
});
