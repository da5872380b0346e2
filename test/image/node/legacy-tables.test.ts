/** Fingerprints with a kernel in memory; changes.kernel.test.ts has real tables. */
import { Arena } from '../../../image/kernel/arena';
import { type LegacyFamily, LegacyTables } from '../../../image/node/legacy-tables';
import { FakeNetlink } from '../../support/fake-netlink';

const EPERM = 1;
const ENOENT = 2;

/** A kernel that has tables: how many entries each, by `level name`; asking for one that is not there makes it. */
class Tables extends FakeNetlink {
  readonly entries = new Map<string, number>();
  readonly asked: string[] = [];
  error = 0;

  override getsockopt(_fd: number, level: number, option: number, value: number, valueBytesAddress: number): number {
    expect([option, this.view(valueBytesAddress, 4).getUint32(0, true)]).toEqual([64, 84]);
    const name = Buffer.from(this.bytesAt(value, 32)).toString('latin1').replace(/\0.*$/s, '');
    this.asked.push(`${level} ${name}`);
    if (this.error !== 0) return -this.error;
    const count = this.entries.get(`${level} ${name}`);
    if (count === undefined) return -ENOENT;
    this.view(value, 84).setUint32(76, count, true);
    return 0;
  }

  readonly names = (file: string): string => {
    const level = file === '/proc/net/ip_tables_names' ? '0' : '41';
    return [...this.entries.keys()]
      .flatMap((key) => (key.startsWith(level + ' ') ? key.split(' ')[1] + '\n' : ''))
      .join('');
  };
}

let kernel: Tables;

beforeEach(() => {
  kernel = new Tables();
  for (const key of ['0 raw', '0 filter', '41 raw', '41 filter', '0 nat']) kernel.entries.set(key, 3);
});

function watched(families: readonly LegacyFamily[] = ['ipv4', 'ipv6']): LegacyTables {
  const address = kernel.mapMemory(4096);
  return new LegacyTables(kernel, new Arena(address, kernel.viewMemory(address, 4096)), families, kernel.names);
}

test.each(['0 raw', '0 filter', '41 raw', '41 filter'])('%s: another number of entries is a change, once', (key) => {
  const tables = watched();
  expect([kernel.openCount, tables.changed()]).toEqual([2, false]);
  kernel.entries.set(key, 4);
  expect([tables.changed(), tables.changed()]).toEqual([true, false]);
  tables.close();
  expect(kernel.openCount).toBe(0);
});

test('a table that goes, and one that comes', () => {
  const tables = watched();
  kernel.entries.delete('0 raw');
  expect([tables.changed(), tables.changed()]).toEqual([true, false]);
  kernel.entries.set('0 raw', 3);
  expect([tables.changed(), tables.changed()]).toEqual([true, false]);
});

test('one that is not listed is never asked for: the kernel would make it', () => {
  kernel.entries.clear();
  const tables = watched();
  expect(tables.changed()).toBe(false);
  expect(kernel.asked).toEqual([]);
});

test('two changes between two looks are one', () => {
  const tables = watched();
  kernel.entries.set('0 raw', 4);
  kernel.entries.set('41 filter', 9);
  expect([tables.changed(), tables.changed()]).toEqual([true, false]);
});

test('without rights to look the tables seem gone, and are not asked for at every turn as changed', () => {
  const tables = watched();
  kernel.error = EPERM;
  expect([tables.changed(), tables.changed(), tables.changed()]).toEqual([true, false, false]);
});

test('a family without sockets is said, the other watched', () => {
  kernel.inject('socket', -97);
  const tables = watched();
  expect(tables.problems).toEqual(['no ipv4 socket to watch its rules with: errno 97']);
  kernel.entries.set('41 raw', 4);
  expect(tables.changed()).toBe(true);
});

test('no family, nothing is opened', () => {
  expect(watched([]).changed()).toBe(false);
  expect(kernel.asked).toEqual([]);
});
