/** `loadbalance` where chance has no say: one address of a kind, or all of them in networks of their own. */
import type { Case } from '../case';

const ONE_EACH = [
  'a.test. A',
  'alias.test. A',
  'chain.test. A',
  'dual.test. AAAA',
  'x.test. NS',
  'x.test. TXT',
  'x.test. SOA',
];
const DENIED = ['nx.test. A', 'failed.test. A', 'nodata.test. A', 'empty.test. A', 'refused.test. A'];
const NETWORKS = ['192.0.2.9/32', '192.0.2.7/32', '192.0.2.8/32'];

/** All of them. */
export const LOADBALANCE: readonly Case[] = [
  {
    title: 'by chance',
    lines: ['loadbalance'],
    questions: [...ONE_EACH, ...DENIED, 'a.test. A udp=1232', 'a.opt.test. A udp=1232'],
  },
  { title: 'by chance, behind it a cache', lines: ['loadbalance', 'cache'], questions: [...ONE_EACH, ...ONE_EACH] },
  {
    title: 'by network',
    lines: ['loadbalance {', `  prefer ${NETWORKS.join(' ')}`, '}'],
    questions: ['long.test. A', 'long.test. A', 'long.test. A', 'x.test. NS', 'chain.test. A', ...DENIED],
  },
  {
    title: 'by network, several lines',
    lines: [
      'loadbalance round_robin {',
      '  prefer 2001:db8::/32',
      `  prefer ${NETWORKS[1]}`,
      `  prefer ${NETWORKS[0]} ${NETWORKS[2]}`,
      '}',
    ],
    questions: ['long.test. A', 'dual.test. AAAA'],
  },
  {
    title: 'by weights that are not there',
    lines: ['loadbalance weighted /nowhere/weights'],
    questions: [...ONE_EACH, ...DENIED],
  },
];
