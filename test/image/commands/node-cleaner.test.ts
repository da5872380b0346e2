/** What `cleanup` takes away, in which order, and what it does when something cannot be taken. */
import { type CleanerAccess, nodeCleaner } from '../../../image/commands/node-cleaner';
import { runCommand } from '../../../image/node/command';

const events: string[] = [];

function access(part: Partial<CleanerAccess> = {}): CleanerAccess {
  events.length = 0;
  return {
    run: runCommand,
    instances: () => [],
    removeLeftovers: (addresses) => {
      events.push(`rules ${addresses.join(' ')}`);
      return Promise.resolve(['table inet nodelocaldns']);
    },
    link: {
      addressesOf: (name) => (name === 'gone' ? null : ['169.254.20.10']),
      remove: (name, addresses) => {
        events.push(`link ${name} ${addresses?.join(' ')}`);
        return name !== 'gone';
      },
    },
    ...part,
  };
}

test('rules, then the link; the addresses are those of the link', async () => {
  expect(await nodeCleaner(access())('nodelocaldns', [])).toEqual([
    'table inet nodelocaldns',
    'interface nodelocaldns',
  ]);
  expect(events).toEqual(['rules 169.254.20.10', 'link nodelocaldns 169.254.20.10']);
});

test('addresses that are given, and no link', async () => {
  expect(await nodeCleaner(access())('gone', ['10.0.0.1'])).toEqual(['table inet nodelocaldns']);
  expect(events).toEqual(['rules 10.0.0.1', 'link gone 10.0.0.1']);
});

test('what fails does not keep the rest from going', async () => {
  const broken = access({ removeLeftovers: () => Promise.reject(new Error('nft: not permitted')) });
  await expect(nodeCleaner(broken)('nodelocaldns', [])).rejects.toThrow(
    'nft: not permitted (removed: interface nodelocaldns)',
  );
  expect(events).toEqual(['link nodelocaldns 169.254.20.10']);
});

test('a cache that runs would put all of it back: nothing is touched', async () => {
  const busy = access({ instances: () => [{ processId: 77, name: 'nodelocaldns/nodelocaldns/77-0a0b0c0d' }] });
  await expect(nodeCleaner(busy)('nodelocaldns', [])).rejects.toThrow('process 77 serves here');
  expect(events).toEqual([]);
});
