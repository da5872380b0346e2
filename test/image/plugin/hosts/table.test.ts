import { HOSTS_RECORDS_MAX } from '../../../../image/limits';
import { packHosts } from '../../../../image/plugin/hosts/pack';
import { HostsTable } from '../../../../image/plugin/hosts/table';
import { ZoneList } from '../../../../image/plugin/zone-list';

const zones = new ZoneList(['.']);

test('what no message has room for is counted, not kept', () => {
  const text = Array.from({ length: 5000 }, (_, index) => `10.0.${index >> 8}.${index & 255} many`).join('\n');
  const table = new HostsTable(packHosts(text), { zones, reverse: true });
  expect(table.addresses4('many.')).toHaveLength(HOSTS_RECORDS_MAX);
  expect(table.entries).toBe(10_000);
  expect(table.names('10.0.0.1')).toEqual(['many.']);
});

test('both families of a name, apart', () => {
  const table = new HostsTable(packHosts('::1 a\n192.0.2.1 a\n'), { zones, reverse: false });
  expect(table.addresses4('a.')).toEqual([Uint8Array.of(192, 0, 2, 1)]);
  expect(table.addresses6('a.').map((address) => address.length)).toEqual([16]);
  expect(table.names('::1')).toEqual([]);
  expect(table.entries).toBe(2);
});

test.each(['', '\n', '# only a comment', '10.0.0.1', '10.0.0.1 # name', 'name 10.0.0.1', '\u0000\uffff ::'])(
  '%j has no entries',
  (text) => {
    expect(new HostsTable(packHosts(text), { zones, reverse: true }).entries).toBe(0);
  },
);

test('names outside the zones are not there, in either direction, and not counted', () => {
  const table = new HostsTable(packHosts('10.0.0.1 a.in b.out c.in\n10.0.0.2 b.out'), {
    zones: new ZoneList(['in']),
    reverse: true,
  });
  expect(table.addresses4('b.out.')).toEqual([]);
  expect(table.names('10.0.0.1')).toEqual(['a.in.', 'c.in.']);
  expect(table.names('10.0.0.2')).toEqual([]);
  expect(table.entries).toBe(4);
});

test('lines of one name and of one address stay in their order, and doubles stay', () => {
  const table = new HostsTable(packHosts('10.0.0.2 a b\n10.0.0.1 a\n10.0.0.2 c a\n'), { zones, reverse: true });
  expect(table.addresses4('a.').map(([, , , last]) => last)).toEqual([2, 1, 2]);
  expect(table.names('10.0.0.2')).toEqual(['a.', 'b.', 'c.', 'a.']);
});
