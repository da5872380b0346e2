import type { HandlerContext } from '../../../image/chain/context';
import { DIRECTIVES } from '../../../image/chain/order';
import { HANDLERS, makeHandler } from '../../../image/plugin/handlers';
import { HandlerWorld } from '../../support/query';

/** Settings of the server, of a listener or of the process: no part of the path of a query. */
const WITHOUT_HANDLER = ['bind', 'debug', 'health', 'pprof', 'ready', 'reload', 'timeouts'];

test('every directive that is here and takes part in answering has a handler', () => {
  const here = DIRECTIVES.filter(({ state }) => state === 'here').map(({ name }) => name);
  expect([...Object.keys(HANDLERS), ...WITHOUT_HANDLER].sort()).toEqual(here.sort());
});

test('a handler is made of a plan and has the directive’s name', () => {
  const { context } = new HandlerWorld('. {\nlog\n}');
  const made = context.block.plugins.map((plugin) => makeHandler(plugin, context)?.name);
  expect(made).toEqual(['log']);
});

test.each([...WITHOUT_HANDLER, 'nobody', 'constructor'])('%s has none', (name) => {
  expect(makeHandler({ name, options: {} }, {} as HandlerContext)).toBeUndefined();
});
