/** Go's rules for command lines. */
import { FlagError, type FlagTable, parseFlags, usageText } from '../../../image/agent/go-flags';

const TABLE = {
  conf: { kind: 'string', default: '', usage: 'Corefile to load.' },
  quiet: { kind: 'bool', default: 'false', usage: 'No banner.' },
  setup: { kind: 'bool', default: 'true', usage: 'Set up.' },
  interval: { kind: 'duration', default: '60ns', usage: 'Interval.' },
  'dns.port': { kind: 'string', default: '53', usage: 'Port.' },
  p: { kind: 'string', default: '53', usage: 'Port.', alias: 'dns.port' },
  q: { kind: 'bool', default: 'false', usage: 'Short.' },
} as const satisfies FlagTable;

interface Row {
  readonly line: string;
  readonly values: Readonly<Record<string, string>>;
  readonly rest: string;
}

const row = (line: string, values: Readonly<Record<string, string>>, rest = ''): Row => ({ line, values, rest });

const GOOD: readonly Row[] = [
  row('', { conf: '', quiet: 'false', setup: 'true', interval: '60ns' }),
  row('-conf a', { conf: 'a' }),
  row('--conf a', { conf: 'a' }),
  row('-conf=a', { conf: 'a' }),
  row('--conf=a=b', { conf: 'a=b' }),
  row('-conf=', { conf: '' }),
  row('-conf -quiet', { conf: '-quiet', quiet: 'false' }),
  row('-conf a -conf b', { conf: 'b' }),
  row('-quiet', { quiet: 'true' }),
  row('-quiet=true -setup=F', { quiet: 'true', setup: 'false' }),
  row('-setup=0 -quiet=T', { quiet: 'true', setup: 'false' }),
  row('-quiet false', { quiet: 'true' }, 'false'),
  row('-quiet a -conf b', { quiet: 'true', conf: '' }, 'a -conf b'),
  row('-- -quiet', { quiet: 'false' }, '-quiet'),
  row('- -quiet', { quiet: 'false' }, '- -quiet'),
  row('-p 54 -dns.port 55', { 'dns.port': '55' }),
  row('-dns.port 55 -p 54', { 'dns.port': '54' }),
];

const BAD: readonly (readonly [string, string])[] = [
  ['-foo', 'flag provided but not defined: -foo'],
  ['--foo=1', 'flag provided but not defined: -foo'],
  ['-constructor', 'flag provided but not defined: -constructor'],
  ['-conf', 'flag needs an argument: -conf'],
  ['-quiet=yes', 'invalid boolean value "yes" for -quiet: parse error'],
  ['-quiet=toString', 'invalid boolean value "toString" for -quiet: parse error'],
  ['---conf', 'bad flag syntax: ---conf'],
  ['-=a', 'bad flag syntax: -=a'],
];

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

test.each(GOOD)('"$line" is understood', ({ line, values, rest }) => {
  const flags = parseFlags(TABLE, words(line));
  expect(Object.fromEntries(flags.values)).toMatchObject(values);
  expect(flags.rest.join(' ')).toBe(rest);
});

test.each(BAD)('"%s" is refused in Go words', (line, message) => {
  expect(() => parseFlags(TABLE, words(line))).toThrow(new FlagError(message));
});

test('given are the flags of the command line, under their main name', () => {
  expect([...parseFlags(TABLE, ['-p', '54', '-setup']).given]).toEqual(['dns.port', 'setup']);
});

test.each(['-h', '--help'])('%s asks for help, which is no mistake', (flag) => {
  try {
    parseFlags(TABLE, [flag]);
    throw new Error('nothing thrown');
  } catch (error) {
    expect((error as FlagError).help).toBe(true);
  }
});

test('the usage text has the layout of PrintDefaults', () => {
  expect(usageText('node-cache', TABLE)).toBe(`Usage of node-cache:
  -conf string
    \tCorefile to load.
  -dns.port string
    \tPort. (default "53")
  -interval duration
    \tInterval. (default 60ns)
  -p string
    \tPort. (default "53")
  -q\tShort.
  -quiet
    \tNo banner.
  -setup
    \tSet up. (default true)
`);
});
