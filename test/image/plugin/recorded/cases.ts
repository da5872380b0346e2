/** Server blocks without upstreams, and what they are asked, in order. `HOST` in a Corefile is the machine's name. */

/** One server block and its questions. */
export interface Case {
  readonly title: string;
  /** Lines of the block of the root zone. */
  readonly lines: readonly string[];
  /** See packetOf; asked one after another of a server that was just started. */
  readonly questions: readonly string[];
}

/** Four records, an authority section and an additional one. */
const TEMPLATE = [
  'template IN A example.org {',
  'answer "{{ .Name }} 60 IN A 192.0.2.1"',
  'authority "example.org. 60 IN NS ns.example.org."',
  'additional "ns.example.org. 60 IN A 192.0.2.2"',
  '}',
  'template IN MX example.org {',
  'rcode NXDOMAIN',
  'authority "example.org. 60 IN SOA ns.example.org. h.example.org. 1 2 3 4 60"',
  'additional "ns.example.org. 60 IN A 192.0.2.2"',
  '}',
  'template IN NS example.org {',
  'authority "sub.example.org. 60 IN NS ns.example.org."',
  'additional "ns.example.org. 60 IN A 192.0.2.2"',
  '}',
  'template IN AAAA example.org {',
  'rcode REFUSED',
  'authority "example.org. 60 IN NS ns.example.org."',
  '}',
  'template IN TXT example.org {',
  'additional "ns.example.org. 60 IN A 192.0.2.2"',
  '}',
];
/** An answer of 60 records and 100 characters of name. */
const LARGE = [
  'template IN A large.example {',
  ...Array.from({ length: 60 }, (_, index) => `answer "{{ .Name }} 60 IN A 192.0.2.${index}"`),
  '}',
];
const LONG_LABEL = 'x'.repeat(63);
const LONGEST = `${[LONG_LABEL, LONG_LABEL, LONG_LABEL, 'y'.repeat(61)].join('.')}.`;

const each = (names: readonly string[], types: readonly string[], ...words: readonly string[]): string[] =>
  names.flatMap((name) => types.flatMap((type) => words.map((more) => `${name} ${type}${more}`)));

const SIZES = [
  '',
  ' udp=100',
  ' udp=512',
  ' udp=600',
  ' udp=1232',
  ' udp=1232 do',
  ' udp=4096',
  ' udp=4096 do',
  ' tcp udp=4096',
];

const LOCAL_NAMES = [
  'localhost.',
  'LocalHost.',
  'a.localhost.',
  'A.LOCALHOST.',
  'localhost.example.org.',
  'LocalHost.Example.org.',
  'localhost.localhost.',
  'xlocalhost.',
  '127.in-addr.arpa.',
  '1.0.0.127.in-addr.arpa.',
  '2.0.0.127.IN-ADDR.arpa.',
  '0.in-addr.arpa.',
  '1.0.in-addr.arpa.',
  '255.in-addr.arpa.',
  '10.in-addr.arpa.',
];
const LOCAL_TYPES = ['A', 'AAAA', 'NS', 'SOA', 'PTR', 'MX', 'ANY'];

/** All cases. */
export const CASES: readonly Case[] = [
  {
    title: 'bufsize',
    lines: ['bufsize 600', ...LARGE],
    questions: each(['large.example.', 'a.large.example.'], ['A'], ...SIZES),
  },
  {
    title: 'bufsize in front of cache: the miss, then hits',
    lines: ['bufsize 600', 'cache 30', ...LARGE],
    questions: each(['large.example.'], ['A'], ' udp=4096', ...SIZES),
  },
  { title: 'bufsize alone', lines: ['bufsize', ...LARGE], questions: each(['large.example.'], ['A'], ...SIZES) },
  {
    title: 'whoami',
    lines: ['whoami'],
    questions: [
      ...each(
        ['example.org.', 'EXAMPLE.org.', '.', 'a.b.c.'],
        ['A', 'AAAA', 'ANY', 'TXT'],
        '',
        ' tcp',
        ' udp=1232',
        ' udp=1232 do norecurse',
      ),
      ...each(['example.org.'], ['A CH', 'A cd ad', 'TYPE65280', 'DS']),
      `${LONG_LABEL}. A`,
    ],
  },
  {
    title: 'minimal',
    lines: ['minimal', ...TEMPLATE],
    questions: each(
      ['a.example.org.', 'b.example.net.'],
      ['A', 'MX', 'NS', 'AAAA', 'TXT', 'SRV'],
      '',
      ' udp=1232 do',
      ' tcp',
    ),
  },
  {
    title: 'minimal behind cache',
    lines: ['cache 30', 'minimal', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'A', 'MX', 'MX', 'NS', 'NS', 'TXT'], '', ' udp=1232'),
  },
  {
    title: 'any',
    lines: ['any', 'cache 30', ...TEMPLATE],
    questions: [
      ...each(['a.example.org.', 'A.Example.ORG.', '.'], ['ANY'], '', ' tcp', ' udp=1232 do', ' norecurse cd ad'),
      ...each(['a.example.org.'], ['A', 'A', 'ANY', 'A udp=1232']),
    ],
  },
  {
    title: 'header clears and sets',
    lines: ['header {', 'response set ra', 'response clear aa', 'query clear rd', '}', ...TEMPLATE],
    questions: each(
      ['a.example.org.', 'x.example.net.'],
      ['A', 'MX', 'AAAA', 'SRV'],
      '',
      ' norecurse',
      ' tcp',
      ' udp=1232',
    ),
  },
  {
    title: 'header: the last rule wins',
    lines: ['header {', 'response set aa ra', 'RESPONSE Clear AA rd', 'response set rd', '}', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'MX'], '', ' norecurse'),
  },
  {
    title: 'header behind cache',
    lines: ['cache 30', 'header {', 'response set ra', 'response clear aa', '}', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'A', 'MX', 'MX'], '', ' norecurse', ' udp=1232'),
  },
  {
    title: 'nsid',
    lines: ['nsid node 7', ...TEMPLATE, ...LARGE],
    questions: each(
      ['a.example.org.', 'x.example.net.'],
      ['A', 'MX', 'SRV'],
      '',
      ' udp=1232',
      ' udp=1232 do option=3:',
      ' udp=1232 do option=3:6162',
      ' udp=1232 option=3:',
      ' tcp udp=1232 do option=3:',
    ),
  },
  {
    title: 'nsid in front of cache',
    lines: ['nsid node7', 'cache 30', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'A'], '', ' udp=1232 do', ' udp=1232 do option=3:'),
  },
  { title: 'nsid of the machine', lines: ['nsid', 'whoami'], questions: ['. A udp=1232 do option=3:', '. A udp=1232'] },
  { title: 'local', lines: ['local'], questions: each(LOCAL_NAMES, LOCAL_TYPES, '') },
  {
    title: 'local in front of others',
    lines: ['local', 'cache 30', ...TEMPLATE],
    questions: each(
      ['localhost.', 'a.example.org.', 'localhost.example.org.'],
      ['A', 'A', 'A CH', 'MX'],
      ' udp=1232',
      ' tcp',
    ),
  },
  {
    title: 'chaos',
    lines: ['chaos v1 Zoe', ...TEMPLATE],
    questions: [
      ...each(
        ['version.bind.', 'VERSION.Server.', 'authors.bind.', 'hostname.bind.', 'id.server.', 'other.bind.'],
        ['TXT CH', 'TXT', 'A CH', 'ANY CH', 'TXT HS'],
        '',
        ' udp=1232 do norecurse',
      ),
      'a.example.org. A',
    ],
  },
  {
    title: 'chaos of the machine',
    lines: ['chaos v1 A', 'cache 30'],
    questions: ['hostname.bind. TXT CH', 'id.server. TXT CH tcp'],
  },
  {
    title: 'no chaos: other classes are refused',
    lines: ['cache 30', 'whoami'],
    questions: each(['version.bind.', 'example.org.'], ['TXT CH', 'A CH', 'A HS', 'A ANY'], '', ' udp=1232', ' tcp'),
  },
  {
    title: 'acl blocks, filters, allows',
    lines: [
      'acl blocked.example {',
      'block net 127.0.0.0/8',
      '}',
      'acl filtered.example {',
      'filter type A AAAA net 127.0.0.1',
      '}',
      'acl mixed.example {',
      'allow type A net 127.0.0.0/24',
      'BLOCK type *',
      '}',
      'acl other.example {',
      'block net 10.0.0.0/8 fd00::/8',
      '}',
      'whoami',
    ],
    questions: [
      ...each(
        [
          'blocked.example.',
          'a.Blocked.example.',
          'filtered.example.',
          'mixed.example.',
          'other.example.',
          'free.example.',
        ],
        ['A', 'MX', 'ANY'],
        '',
        ' udp=1232 do',
        ' tcp',
      ),
      ...each(['filtered.example.'], ['AAAA', 'TXT CH'], '', ' udp=512'),
    ],
  },
  {
    title: 'acl: rules of several zones, the first that decides',
    lines: ['acl {', 'allow net 127.0.0.1/31', '}', 'acl example.org {', 'block', '}', 'whoami'],
    questions: each(['example.org.', 'example.net.'], ['A', 'MX'], '', ' udp=1232'),
  },
  {
    title: 'acl in front of cache',
    lines: ['acl example.org {', 'block type MX', '}', 'cache 30', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'A', 'MX', 'MX', 'NS'], '', ' udp=1232'),
  },
  {
    title: 'cancel',
    lines: ['cancel 1s', 'cache 30', ...TEMPLATE],
    questions: each(['a.example.org.'], ['A', 'A', 'MX'], ''),
  },
  { title: 'a long name', lines: ['any', 'local', 'cache 30'], questions: [`${LONGEST} ANY`, `${LONGEST} A`] },
];
