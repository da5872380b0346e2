import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler } from '../../../../image/plugin/local/handler';
import { HandlerWorld } from '../../../support/query';

const world = () => new HandlerWorld('. {\nlocal\n}', {}, (query) => query.fail(5, ''));
const soa = (owner: string) => `${owner} 604800 IN SOA localhost. root.localhost. 1 0 0 0 604800`;

test.each([
  ['localhost.', 'A', ['localhost. 604800 IN A 127.0.0.1'], []],
  ['LocalHost.', 'AAAA', ['LocalHost. 604800 IN AAAA ::1'], []],
  ['localhost.', 'NS', ['localhost. 604800 IN NS localhost.'], []],
  ['localhost.', 'SOA', [soa('localhost.')], []],
  ['localhost.', 'MX', [], [soa('localhost.')]],
  ['127.in-addr.arpa.', 'A', [], [soa('127.in-addr.arpa.')]],
  ['1.0.0.127.in-addr.arpa.', 'PTR', ['1.0.0.127.in-addr.arpa. 604800 IN PTR localhost.'], []],
  ['1.0.0.127.IN-addr.arpa.', 'MX', [], [soa('127.IN-addr.arpa.')]],
  ['localhost.example.net.', 'A', ['localhost.example.net. 604800 IN A 127.0.0.1'], []],
  ['localhost.example.net.', 'MX', [], [soa('localhost.example.net.')]],
])('%s %s is %j, with %j', (name, type, answer, authority) => {
  expect(HANDLERS.local).toBe(handler);
  const outcome = world().ask(name, { type });
  expect(outcome).toMatchObject({ rcode: 'NOERROR', writer: 'local', isAuthoritative: false, answer, authority });
});

test.each([['a.localhost.'], ['2.0.0.127.in-addr.arpa.'], ['1.0.in-addr.arpa.']])('there is no %s', (name) => {
  expect(world().ask(name)).toMatchObject({ rcode: 'NXDOMAIN', answer: [] });
});

test.each([['example.org.'], ['xlocalhost.'], ['localhostx.'], ['10.in-addr.arpa.'], ['.']])('%s goes on', (name) => {
  expect(world().ask(name).rcode).toBe('REFUSED');
});

test('localhost in a search domain is counted, and a line for who debugs', () => {
  const local = world();
  local.ask('localhost.');
  expect(local.counted('coredns_local_localhost_requests_total')).toBe(0);
  local.ask('LocalHost.example.org.');
  expect(local.counted('coredns_local_localhost_requests_total')).toBe(1);
  expect(local.lines).toEqual([
    '[DEBUG] plugin/local: Intercepting localhost query for "localhost.example.org." A, from 10.240.0.1',
  ]);
});
