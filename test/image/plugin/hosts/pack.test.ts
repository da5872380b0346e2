import { packHosts } from '../../../../image/plugin/hosts/pack';
import { HostsTable } from '../../../../image/plugin/hosts/table';
import { ZoneList } from '../../../../image/plugin/zone-list';

const options = { zones: new ZoneList(['.']), reverse: true };

test('it crosses to another thread by reference: every array lies in shared memory', () => {
  const pack = packHosts('10.0.0.1 a b\n::1 a\n');
  const { names, addresses, byName, byAddress, octets } = pack;
  const arrays = [names.bytes, names.ends, names.slots, addresses.bytes, addresses.ends, addresses.slots, octets];
  arrays.push(byName.starts, byName.values, byAddress.starts, byAddress.values);
  for (const { buffer } of arrays) expect(buffer).toBeInstanceOf(SharedArrayBuffer);
  const copy = structuredClone(pack);
  expect(new HostsTable(copy, options).names('10.0.0.1')).toEqual(['a.', 'b.']);
});

test('spellings of an address are one', () => {
  const table = new HostsTable(packHosts('0:0::1 a\n::1 b\n::ffff:10.0.0.1 c\n10.0.0.1 d\nfe80::1%eth0 e'), options);
  expect(table.names('::1')).toEqual(['a.', 'b.']);
  expect(table.names('10.0.0.1')).toEqual(['c.', 'd.']);
  expect(table.names('fe80::1')).toEqual(['e.']);
});

test('what a file of 200,000 lines says is what a Map would say, and it is read in little time and memory', () => {
  const expected = new Map<string, number[]>();
  const lines: string[] = [];
  for (let line = 0; line < 200_000; line++) {
    const name = `host-${(line * 7919) % 150_000}.example.test.`;
    const address = [10, (line >> 16) & 255, (line >> 8) & 255, line & 255];
    lines.push(`${address.join('.')}\t${name}`);
    const known = expected.get(name) ?? [];
    known.push(line);
    expected.set(name, known);
  }
  const startMs = performance.now();
  const pack = packHosts(lines.join('\n'));
  const tookMs = performance.now() - startMs;
  const table = new HostsTable(pack, options);
  expect(table.entries).toBe(400_000);
  for (const [name, numbers] of expected) {
    const found = table.addresses4(name).map(([, high, middle, low]) => (high << 16) | (middle << 8) | low);
    if (found.join() !== numbers.join()) throw new Error(`${name}: ${found} instead of ${numbers}`);
  }
  expect(table.addresses4('host-150000.example.test.')).toEqual([]);
  const bytes = [pack.names.bytes, pack.names.ends, pack.names.slots, pack.octets, pack.byName.values].reduce(
    (sum, { byteLength }) => sum + byteLength,
    0,
  );
  expect(bytes).toBeLessThan(16 << 20);
  expect(tookMs).toBeLessThan(20_000); // 0.5 s of CPU time; a search that is not one would take hours.
});
