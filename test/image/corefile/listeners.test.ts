import { parseKey } from '../../../image/corefile/address';
import { type BoundBlock, listenersOf } from '../../../image/corefile/listeners';
import { type Row, tables } from '../../support/coredns-tables';
import { needs } from '../../support/needs';

const block = (keys: string, ...hosts: string[]): BoundBlock => {
  return { addresses: keys.split(' ').flatMap((key) => parseKey(key, 53)), hosts: hosts.length > 0 ? hosts : [''] };
};
const labels = (...blocks: BoundBlock[]) => listenersOf(blocks).map(({ label }) => label);

test('blocks on one address and port share a socket', () => {
  expect(listenersOf([block('a b', '127.0.0.1'), block('.', '127.0.0.1', '::1')])).toEqual([
    {
      address: '127.0.0.1',
      port: 53,
      label: 'dns://127.0.0.1:53',
      zones: [
        { zone: 'a.', block: 0 },
        { zone: 'b.', block: 0 },
        { zone: '.', block: 1 },
      ],
    },
    { address: '::1', port: 53, label: 'dns://[::1]:53', zones: [{ zone: '.', block: 1 }] },
  ]);
});

test('without bind it is the wildcard, one per port', () => {
  expect(labels(block('. a:54'), block('b:54'))).toEqual(['dns://:53', 'dns://:54']);
});

test('bound and unbound zones on one port are two sockets', () => {
  expect(labels(block('a', '127.0.0.1'), block('b'))).toEqual(['dns://127.0.0.1:53', 'dns://:53']);
});

test.each([
  ['in one block', [block('a a')], 'cannot serve dns://a.:53 - it is already defined'],
  ['in two', [block('a', '::1'), block('A', '::1')], 'cannot serve dns://a.:53 on ::1 - it is already defined'],
  [
    'bound, then not',
    [block('a', '::1'), block('a')],
    'cannot serve dns://a.:53 - zone overlap listener capacity with dns://a.:53 on ::1',
  ],
  [
    'unbound, then bound',
    [block('a'), block('a', '::1')],
    'cannot serve dns://a.:53 on ::1 - zone overlap listener capacity with dns://a.:53',
  ],
  ['on no port', [block('a:99999')], 'address 99999: invalid port'],
  ['on a negative port', [block('a:-1')], 'address -1: invalid port'],
])('a zone served twice is refused: %s', (_title, blocks, message) => {
  expect(() => listenersOf(blocks)).toThrow(message);
});

interface Step {
  readonly same: boolean;
  readonly overlap: boolean;
  readonly overlapKey: string;
  readonly zone: { Address: string; Port: string; Transport: 'dns'; Zone: string };
}

needs('tables').describe('CoreDNS’s table of overlaps', () => {
  test.each(tables('coredns-v1.13.2', 'TestOverlapAddressChecker'))('%j', (row: Row) => {
    const steps = (row.sequence as Step[]) ?? [];
    const blocks: BoundBlock[] = [];
    for (const { same, overlap, overlapKey, zone } of steps) {
      const address = { transport: zone.Transport, zone: zone.Zone, port: zone.Port };
      const attempt = () => listenersOf([...blocks, { addresses: [address], hosts: [zone.Address] }]);
      if (same) expect(attempt).toThrow('it is already defined');
      else if (overlap) expect(attempt).toThrow(`zone overlap listener capacity with ${overlapKey}`);
      else blocks.push({ addresses: [address], hosts: [zone.Address] });
      if (!same && !overlap) expect(attempt).not.toThrow('overlap');
    }
  });
});
