import { hostname } from 'node:os';
import { handler } from '../../../../image/plugin/chaos/handler';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { Class } from '../../../../image/wire/codes';
import { HandlerWorld } from '../../../support/query';

const world = new HandlerWorld('. {\nchaos v1 Ann Bo Cy\n}', {}, (query) => query.fail(5, ''));
const ask = (name: string, type = 'TXT', dnsClass: number = Class.CH) => world.ask(name, { type, class: dnsClass });

test.each([
  ['version.bind.', 'v1'],
  ['VERSION.server.', 'v1'],
  ['hostname.bind.', hostname()],
  ['id.server.', hostname()],
])('%s is %s', (name, text) => {
  expect(HANDLERS.chaos).toBe(handler);
  const outcome = ask(name);
  expect(outcome).toMatchObject({ rcode: 'NOERROR', writer: 'chaos', answer: [`${name} 0 CH TXT "${text}"`] });
});

test('authors come in any order', () => {
  const orders = new Set<string>();
  for (let times = 0; times < 200; times++) orders.add(ask('authors.bind.').answer.join());
  expect(orders.size).toBe(6); // Of 200 shuffles one of six orders is missing once in 10^15.
  expect([...orders][0].split(',')).toHaveLength(3);
});

test.each([
  ['version.bind.', 'A', Class.CH],
  ['version.bind.', 'TXT', Class.IN],
  ['other.bind.', 'TXT', Class.CH],
])('%s %s of class %p goes on', (name, type, dnsClass) => {
  expect(ask(name, type, dnsClass).rcode).toBe('REFUSED');
});
