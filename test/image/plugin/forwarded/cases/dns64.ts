/** Rules of `dns64`, and who gets what. `v6` asks over IPv6. */
import type { Case } from '../case';

const dns64 = (title: string, rules: readonly string[], ...questions: string[]): Case => ({
  title,
  lines: rules,
  questions,
});
const NAMES = [
  'a',
  'dual',
  'six',
  'nx',
  'nxbare',
  'failed',
  'refused',
  'nodata',
  'empty',
  'aliased',
  'halfnx',
  'halffailed',
];
const over = (...words: string[]) => NAMES.map((name) => [`${name}.test. AAAA`, ...words].join(' '));

/** All of them. */
export const DNS64: readonly Case[] = [
  dns64(
    'dns64',
    ['dns64'],
    ...over('v6'),
    ...over(),
    'A.Test. AAAA v6',
    'a.test. A v6',
    'a.test. MX v6',
    'a.test. AAAA CH v6',
    'a.test. AAAA v6 tcp',
    'long.test. AAAA v6',
    'longsoa.test. AAAA v6',
    'chain.test. AAAA v6',
    'aa.test. AAAA v6',
  ),
  dns64(
    'dns64 and EDNS',
    ['dns64'],
    ...over('udp=1232', 'do', 'v6'),
    'a.test. AAAA udp=1232 cd v6',
    'a.test. AAAA udp=1232 do cd v6',
    'a.test. AAAA ad v6',
    'a.test. AAAA norecurse v6',
    'a.echo.test. AAAA udp=1232 option=65001:ab v6',
    'a.test. AAAA udp=1232 option=3: v6',
  ),
  dns64('allow_ipv4', ['dns64 {', '  allow_ipv4', '}'], ...over(), 'a.test. AAAA v6'),
  dns64('translate_all', ['dns64 {', '  translate_all', '}'], ...over('v6'), 'dual.test. AAAA'),
  ...[32, 40, 48, 56, 64, 72, 80, 88, 96].map((bits) =>
    dns64(`prefix of ${bits} bits`, [`dns64 2001:db8:122:344:5566:7788:99aa:bbcc/${bits}`], 'a.test. AAAA v6'),
  ),
  dns64('prefix in a block', ['dns64 {', '  prefix 64:dead::/96', '  prefix 64:beef::/64', '}'], 'a.test. AAAA v6'),
  dns64(
    'a block behind a prefix',
    ['dns64 64:dead::/96 {', '  allow_ipv4', '  translate_all', '  prefix 64:beef::/64', '}'],
    'a.test. AAAA v6',
    'a.test. AAAA',
    'dual.test. AAAA v6',
  ),
  dns64('two lines', ['dns64 64:dead::/96', 'dns64 {', '  allow_ipv4', '}'], 'a.test. AAAA v6', 'a.test. AAAA'),
  dns64(
    'behind it a cache',
    ['dns64', 'cache'],
    'a.test. AAAA v6',
    'a.test. AAAA v6',
    'a.test. A v6',
    'nx.test. AAAA v6',
    'nx.test. AAAA v6',
    'failed.test. AAAA v6',
    'failed.test. AAAA v6',
    'dual.test. AAAA v6',
    'dual.test. AAAA v6',
  ),
  dns64(
    'behind it a rewrite',
    ['dns64', 'rewrite name suffix old.test test answer auto'],
    'a.old.test. AAAA v6',
    'failed.old.test. AAAA v6',
    'dual.old.test. AAAA v6',
  ),
];
