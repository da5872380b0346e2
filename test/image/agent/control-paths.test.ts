/** Where the socket may be. */
import { controlPaths } from '../../../image/agent/control-paths';
import { CONTROL_NAMES_MAX } from '../../../image/limits';

const firsts = (chosen: string, conf: string): string[] => controlPaths(chosen, conf).map(([first]) => first);

test.each([
  // [-control, -conf, first name of each directory]
  ['', '/data/Corefile', ['/run/nodelocaldns.sock', '/tmp/nodelocaldns.sock', '/data/nodelocaldns.sock']],
  ['', '', ['/run/nodelocaldns.sock', '/tmp/nodelocaldns.sock', '/etc/nodelocaldns.sock']],
  ['', 'stdin', ['/run/nodelocaldns.sock', '/tmp/nodelocaldns.sock', '/etc/nodelocaldns.sock']],
  ['', '/tmp/Corefile', ['/run/nodelocaldns.sock', '/tmp/nodelocaldns.sock']],
  ['/var/x.sock', '/data/Corefile', ['/var/x.sock']],
])('-control %j, -conf %j', (chosen, conf, expected) => expect(firsts(chosen, conf)).toEqual(expected));

test('names for instances that overlap', () => {
  const [names] = controlPaths('', '');
  expect(names).toHaveLength(CONTROL_NAMES_MAX);
  expect(names.slice(0, 3)).toEqual(['/run/nodelocaldns.sock', '/run/nodelocaldns-2.sock', '/run/nodelocaldns-3.sock']);
});
