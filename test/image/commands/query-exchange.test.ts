/** How a question of `query` that cannot be sent ends. */
import { exchangeTcp, exchangeUdp } from '../../../image/commands/query-exchange';

const REQUEST = { id: 1, packet: Uint8Array.of(0, 1) };
const NOWHERE = { host: '255.255.255.255', port: 53 }; // The system sends nothing there, unasked.

test.each([
  ['UDP', exchangeUdp, 'EACCES'],
  ['TCP', exchangeTcp, 'ENETUNREACH'],
])('over %s, to where the system does not go, it fails with what the system says', async (_, exchange, code) => {
  const before = jest.fn(async () => {});
  await expect(exchange(REQUEST, NOWHERE, before)).rejects.toMatchObject({ code });
  expect(before).not.toHaveBeenCalled();
});
