import { makeBlocks, makeListener } from '../../../image/serve/handlers';
import { planOf } from '../../support/corefile';
import { Resolver } from '../../support/resolver';

/** The listeners of a Corefile as a worker makes them. */
function listeners(corefile: string): ReturnType<typeof makeListener>[] {
  const plan = planOf(corefile);
  const { context } = new Resolver('forward . 192.0.2.1');
  const numbers = plan.listeners.map((_, index) => index);
  const blocks = makeBlocks(plan, context, { numbers, work: { queries: 0 }, predecessor: () => undefined });
  return numbers.map((index) => makeListener(plan, index, index, blocks, context.hash, context.counters));
}

const routes = (corefile: string) => listeners(corefile).flatMap((listener) => listener.routes);
const FORWARD = 'forward . 192.0.2.1';

test.each([
  ['cache in front', `cache\n${FORWARD}`, true],
  ['errors and prometheus do not mind', `errors\nprometheus :9153\ncache\n${FORWARD}`, true],
  ['what comes behind it does not matter', `cache\nhosts\nloop\n${FORWARD}`, true],
  ['directives that do not answer do not matter', `bind 127.0.0.1\nreload\nhealth :8080\ncache\n${FORWARD}`, true],
  ['log wants to see every answer', `log\ncache\n${FORWARD}`, false],
  ['a log of other names, too: it is asked', `log other.test\ncache\n${FORWARD}`, false],
  ['an order of chance is in the route, too', `loadbalance\ncache\n${FORWARD}`, true],
  ['an order by network wants to see every answer', `loadbalance {\nprefer 10.0.0.0/8\n}\ncache\n${FORWARD}`, false],
  ['no cache', FORWARD, false],
  ['a cache for a part of the zone', `cache 30 sub.test\n${FORWARD}`, false],
  ['a cache for the zone and others', `cache 30 test other\n${FORWARD}`, true],
])('the short way, %s: %p', (_, body, isShort) => {
  const [route] = routes(`test {\n${body}\n}`);
  expect(route.cache !== undefined).toBe(isShort);
});

test('a cache for a zone is the short way of that zone only', () => {
  const found = routes(`a.test b.test {\ncache 30 a.test\n${FORWARD}\n}`);
  expect(found.map(({ zone, cache }) => [zone, cache !== undefined])).toEqual([
    ['a.test.', true],
    ['b.test.', false],
  ]);
});

test('zones of a block share its cache; blocks do not share theirs', () => {
  const [a, b, c] = routes(`a.test b.test {\ncache\n${FORWARD}\n}\nc.test {\ncache\n${FORWARD}\n}`);
  expect(a.cache).toBe(b.cache);
  expect(c.cache).not.toBe(a.cache);
  expect(c.cache).toBeDefined();
});

test('what is counted has a meter where the block has prometheus, one per zone', () => {
  const [a, b, c] = routes(`a.test b.test {\nprometheus :9153\n${FORWARD}\n}\nc.test {\n${FORWARD}\n}`);
  expect(a.meter).toBeDefined();
  expect(b.meter).not.toBe(a.meter);
  expect(c.meter).toBeUndefined();
});

test('other classes are taken where some block of the listener forwards', () => {
  const [one, two] = listeners(`a.test {\nhosts\n}\nb.test {\n${FORWARD}\n}\nc.test:54 {\nhosts\n}`);
  expect([one.takesAllClasses, two.takesAllClasses]).toEqual([true, false]);
});
