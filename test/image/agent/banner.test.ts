/** What a complete start prints. */
import { versionText, zonesText } from '../../../image/agent/banner';
import type { ListenerPlan } from '../../../image/corefile/plan';
import { version } from '../../../image/package.json';

const listener = (address: string, port: number, ...zones: string[]): ListenerPlan => ({
  address,
  port,
  label: 'unused',
  zones: zones.map((zone) => ({ zone, block: 0 })),
});

const zoneLines = (...listeners: ListenerPlan[]): string => {
  return zonesText({ listeners, blocks: [] });
};

test('zones are sorted per listener, with the address they are bound to', () => {
  expect(zoneLines(listener('169.254.20.10', 53, 'ip6.arpa.', '.', 'cluster.local.'), listener('', 1053, '.'))).toBe(
    '.:53 on 169.254.20.10\ncluster.local.:53 on 169.254.20.10\nip6.arpa.:53 on 169.254.20.10\n.:1053\n',
  );
});

test.each(['127.0.0.1.', 'my_zone.', '-a.', 'a-.', '1a.example.'])('%s is served with a warning', (zone) => {
  expect(zoneLines(listener('', 53, zone))).toBe(
    `Warning: Domain "${zone}" does not follow RFC1035 preferred syntax\n${zone}:53\n`,
  );
});

test.each(['.', 'a.', 'cluster.local.', 'a-1.example.', '20.169.in-addr.arpa.', '0.0.d.f.ip6.arpa.'])(
  '%s is served without',
  (zone) => {
    expect(zoneLines(listener('', 53, zone))).toBe(`${zone}:53\n`);
  },
);

test('the version is that of the package', () => {
  expect(versionText()).toBe(
    `nodelocaldns-${version}\n${process.platform}/${process.arch}, node${process.versions.node}\n`,
  );
});
