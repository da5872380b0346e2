/** One transaction by nft: how the text gets there. */
import { FALLBACK_ENDPOINTS_MAX, LEASES_MAX } from '../../../image/limits';
import type { RunCommand } from '../../../image/node/command';
import { runNft } from '../../../image/node/nft-command';
import { nftText } from '../../../image/node/nft-text';

const run =
  (code: number, seen: unknown[] = []): RunCommand =>
  async (...all) => {
    seen.push(all);
    return { code, signal: null, stdout: '', stderr: code === 0 ? '' : 'no', missing: false, timedOut: false };
  };

test('it is an argument: nft 0.9.8 cannot open what Node gives it to read from', async () => {
  const seen: unknown[] = [];
  expect(await runNft(run(0, seen), 'add table ip a\nadd table ip b\n')).toBeNull();
  expect(seen).toEqual([['nft', ['add table ip a\nadd table ip b\n']]]);
});

test('what fails is named by its first line', async () => {
  const error = await runNft(run(1), 'add table ip a\nadd table ip b\n');
  expect(error?.message).toBe("nft 'add table ip a …': no");
});

test('our largest table fits into the 128 KiB that Linux takes in one argument', () => {
  const addresses = Array.from({ length: LEASES_MAX }, (_, i) => `fd00:1111:2222:3333:4444:5555:6666:${i + 1000}`);
  const endpoints = addresses.slice(0, FALLBACK_ENDPOINTS_MAX).map((address) => address.replace('fd00', 'fd01'));
  const plan = { addresses, dnsPort: 53, healthPort: 8080, leaseMs: 1000, fallback: { addresses, endpoints } };
  expect(nftText(plan, true).length).toBeLessThan(64 << 10);
});
