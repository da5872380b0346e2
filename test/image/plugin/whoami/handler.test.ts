import { WhoamiHandler } from '../../../../image/plugin/whoami/handler';
import { HandlerWorld } from '../../../support/query';

const asked = (name: string, remote: string, tcp = false) =>
  new HandlerWorld('. {\nwhoami\n}', { remote }).ask(name, { type: 'ANY', tcp });

test.each([
  ['192.0.2.7', false, ['example.org. 0 IN A 192.0.2.7', '_udp.example.org. 0 IN SRV 0 0 40212 .']],
  ['fd00::7', true, ['example.org. 0 IN AAAA fd00::7', '_tcp.example.org. 0 IN SRV 0 0 40212 .']],
  ['fe80::7%eth0', false, ['example.org. 0 IN AAAA fe80::7', '_udp.example.org. 0 IN SRV 0 0 40212 .']],
  ['::ffff:192.0.2.7', false, ['example.org. 0 IN A 192.0.2.7', '_udp.example.org. 0 IN SRV 0 0 40212 .']],
])('%s is told so (over TCP: %p), whatever it asks for', (remote, tcp, additional) => {
  const outcome = asked('example.org.', remote, tcp);
  expect(outcome).toMatchObject({ rcode: 'NOERROR', writer: 'whoami', isAuthoritative: true, answer: [], additional });
});

test('the root has a service, too', () => {
  expect(asked('.', '192.0.2.7').additional[1]).toBe('_udp. 0 IN SRV 0 0 40212 .');
});

test('a name without room for one more label has the address alone', () => {
  const label = 'x'.repeat(63);
  const longest = `${label}.${label}.${label}.${'y'.repeat(61)}.`;
  expect(asked(longest, '192.0.2.7').additional).toEqual([`${longest} 0 IN A 192.0.2.7`]);
  expect(new HandlerWorld('. {\nwhoami\n}').handlers[0]).toBeInstanceOf(WhoamiHandler);
});
