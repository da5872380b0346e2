import { Controller } from '../../../image/corefile/controller';
import { readTokens } from '../../../image/corefile/lexer';
import { fakeEnvironment } from '../../support/corefile';

const environment = fakeEnvironment();
const BLOCK = { zones: ['example.org.'], port: 53, addresses: [''] };
/** Standing on the directive's name. */
function controller(text: string): Controller {
  const made = new Controller('Cf', 'cache', readTokens(text, 'Cf'), BLOCK, environment);
  made.next();
  return made;
}

test('one argument, which must be there', () => {
  expect(controller('cache 30').argument()).toBe('30');
  expect(() => controller('cache\n30').argument()).toThrow(
    "Cf:1 - Error during parsing: Wrong argument count or unexpected line ending after 'cache'",
  );
});

test.each([
  ['cache', 0, 1, []],
  ['cache a', 0, 1, ['a']],
  ['cache a b {', 1, 2, ['a', 'b']],
])('%j has %d to %d arguments', (text, min, max, values) => {
  expect(controller(text).arguments(min, max)).toEqual(values);
});

test.each([
  ['cache a b', 0, 1, "after 'b'"],
  ['cache', 1, 1, "after 'cache'"],
])('%j has not %d to %d', (text, min, max, end) => {
  expect(() => controller(text).arguments(min, max)).toThrow(
    `Cf:1 - Error during parsing: Wrong argument count or unexpected line ending ${end}`,
  );
});

test('a directive that may stand once is read once', () => {
  const read: string[] = [];
  const tokens = (text: string) => new Controller('Cf', 'cache', readTokens(text, 'Cf'), BLOCK, environment);
  tokens('cache').once(() => void read.push('one'));
  expect(() => tokens('cache\ncache').once(() => void read.push('two'))).toThrow(
    'this plugin can only be used once per Server Block',
  );
  expect(read).toEqual(['one', 'two']);
});

test('warnings are the plugin’s', () => {
  controller('cache').warn('beware');
  expect(environment.warnings).toEqual(['plugin/cache: beware']);
});
