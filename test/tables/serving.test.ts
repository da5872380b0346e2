/** Zones, listeners, banner and reverse names: CoreDNS's tables of them, row by row. */
import { zonesText } from '../../image/agent/banner';
import { zonesOf } from '../../image/corefile/address';
import { CorefileError } from '../../image/corefile/errors';
import { listenersOf } from '../../image/corefile/listeners';
import type { ListenerPlan } from '../../image/corefile/plan';
import { isInZone } from '../../image/corefile/zone-name';
import type { ForwardOptions } from '../../image/plugin/forward/setup';
import { reverseNameAddress } from '../../image/plugin/hosts/reverse-name';
import { rcodeText } from '../../image/wire/codes';
import { type Row, tables } from '../support/coredns-tables';
import { bodyRefusal, optionsOf, planOf, refusal } from '../support/corefile';
import { needs } from '../support/needs';
import { HandlerWorld } from '../support/query';

const rows = (name: string, file = ''): [string, Row][] =>
  tables('coredns-v1.13.2', name, file).map((row) => [JSON.stringify(row), row]);

/** What the banner says about a listener. */
function bannerOf(address: string, port: number, zones: readonly string[]): string {
  const served = zones.map((zone) => ({ zone, block: 0 }));
  const listener: ListenerPlan = { address, port, label: '', zones: served };
  return zonesText({ listeners: [listener], blocks: [] });
}

needs('tables').describe('CoreDNS’s tables of what is served where', () => {
  test.each(rows('TestRegex1035PrefSyntax'))('preferred syntax: %s', (_, { zone, expected }) => {
    expect(bannerOf('', 53, [String(zone)]).startsWith('Warning: ')).toBe(!expected);
  });

  // One address is none: what a listener has was checked before.
  const banners = rows('TestStartUpZones').filter(([, { addr }]) => addr !== '[::1]:8080:extra');
  test.each(banners)('banner: %s', (_, { addr, protocol, zones, expectedOutput }) => {
    const [, host, port] = /^(.*):(\d+)$/.exec(String(addr)) ?? [];
    const names = (zones as { k: string }[]).map(({ k }) => k);
    // The protocol is not printed before plain DNS, which is all there is here.
    expect(bannerOf(host, Number(port), names)).toBe(String(expectedOutput).replaceAll(String(protocol), ''));
  });

  test.each(rows('TestGroupingServers'))('sockets: %s', (_, { configs, expectedGroups, failing }) => {
    const blocks = (configs as Record<string, never>[]).map(({ Zone, Port, ListenHosts }) => ({
      addresses: [{ transport: 'dns' as const, zone: Zone, port: Port }],
      hosts: ListenHosts,
    }));
    expect(failing).toBe(false);
    expect(listenersOf(blocks).map(({ label }) => label)).toEqual([...(expectedGroups as string[])].sort());
  });

  test.each(rows('(package)', 'cidr_test'))('networks: %s', (_, { in: network, zones }) => {
    expect(zonesOf(String(network))).toEqual(zones);
  });

  test.each(rows('TestNameMatches'))('below a zone: %s', (_, { child, parent, expected }) => {
    expect(isInZone(String(child), String(parent))).toBe(expected);
  });

  test.each(rows('TestExtractAddressFromReverse'))('reverse: %s', (_, { reverseName, expectedAddress }) => {
    expect(reverseNameAddress(String(reverseName)) ?? '').toBe(expectedAddress);
  });

  test.each(rows('TestToString', 'rcode_test'))('rcode: %s', (_, { in: code, expected }) => {
    expect(rcodeText(typeof code === 'number' ? code : 0)).toBe(expected);
  });

  test.each(rows('TestCorefileParsing'))('refused, and nothing else: %s', (_, { corefile }) => {
    try {
      expect(refusal(String(corefile))).not.toBe('');
    } catch (error) {
      expect(error).toBeInstanceOf(CorefileError);
    }
  });
});

needs('tables').describe('CoreDNS’s tables of reverse zones', () => {
  /** Is the name below a zone that `key` serves? */
  const served = (key: string, name: string) =>
    planOf(`${key} {\n}`).blocks[0].zones.some((zone) => isInZone(name, zone));
  const nameOf = (addr: string) => (addr.endsWith('.') ? addr : `${addr.split('.').reverse().join('.')}.in-addr.arpa.`);

  test.each([
    ['TestClasslessReverse', '192.168.1.0/25'],
    ['TestReverse', '192.168.1.0/24'],
    ['TestReverseInAddr', '1.168.192.in-addr.arpa'],
  ])('%s: %s', (name, key) => {
    for (const { addr, rcode } of tables('coredns-v1.13.2', name, 'server_reverse')) {
      const wanted = (rcode as { $id: string }).$id === 'dns.RcodeSuccess';
      expect({ addr, served: served(key, nameOf(String(addr))) }).toEqual({ addr, served: wanted });
    }
  });
});

needs('tables').describe('CoreDNS’s table of upstreams', () => {
  // No such protocol is forwarded to; and addresses of an interface want one that is there.
  const upstreams = rows('TestHostPortOrFile').filter(([, { in: to }]) => !/^unix:|%ens3/.test(String(to)));

  test.each(upstreams)('%s', (_, { in: to, expected, shouldErr }) => {
    const machine = { files: { '/etc/resolv.conf': 'nameserver 127.0.0.1\n' } };
    const body = `forward . ${to}`;
    if (shouldErr) expect(bodyRefusal(body, machine)).toContain('not an IP address or file');
    else {
      const { stanzas } = optionsOf<ForwardOptions>('forward', body, machine);
      expect(stanzas[0].upstreams.map(({ label }) => label)).toEqual([expected]);
    }
  });

  // `foo%bar:baz` is no address: it is refused before anybody looks for a zone.
  const zones = rows('TestSplitZone').filter(([, { input }]) => !String(input).startsWith('foo'));
  test.each(zones)('zone of a server: %s', (_, { input, expectedHost, expectedZone }) => {
    const { stanzas } = optionsOf<ForwardOptions>('forward', `forward . ${input}`);
    const [, transport, host, port] = /^(\w+):\/\/([^:]+):?(\d*)$/.exec(String(expectedHost)) ?? [];
    const [{ label, tls }] = stanzas[0].upstreams;
    expect(label).toBe(`${host}:${port || (transport === 'tls' ? '853' : '53')}`);
    expect(tls?.serverName ?? '').toBe(expectedZone);
  });
});

needs('tables').describe('CoreDNS’s table of whoami', () => {
  test.each(rows('TestWhoami'))('%s', (_, { qname, expectedReply, remote }) => {
    const world = new HandlerWorld('. {\nwhoami\n}', { remote: String(remote ?? '10.240.0.1').replace(/\/.*/, '') });
    const { rcode, additional } = world.ask(String(qname));
    expect(rcode).toBe('NOERROR');
    expect(additional.map((record) => record.split(' ')[0])).toEqual(expectedReply);
  });
});
