/** Command lines, behind the flags that keep a real agent's hands off the machine. */

/** Before each of {@link COMMANDS}; what comes later wins. */
export const HARMLESS: readonly string[] = [
  '-setupinterface=false',
  '-setupiptables=false',
  '-metrics-listen-address=127.0.0.1:24099',
  '-basecorefile=/nonexistent/base',
  '-kubednscm=/nonexistent/kube-dns',
  '-conf=/nonexistent/Corefile',
];

/** What an agent makes of a command line. */
export interface CommandRecording {
  readonly parameters: readonly string[];
  /** Null: the flags are accepted, and what comes then is not their business. */
  readonly exitCode: number | null;
  /** The line on stderr that says why, without date; for accepted flags the two that show -conf and -pidfile. */
  readonly says: string;
}

const LOCAL = ['-localip=127.0.0.1'];
const locally = (...parameters: string[]): string[] => [...LOCAL, ...parameters];

/** One by one. */
export const COMMANDS: readonly (readonly string[])[] = [
  // ── -localip ──
  [],
  ['-localip', '127.0.0.1'],
  ['--localip', '127.0.0.1'],
  ['-localip=127.0.0.1'],
  ['--localip=127.0.0.1'],
  ['-localip', '127.0.0.1,127.0.0.2'],
  ['-localip', 'fd00::10,FD00::11'],
  ['-localip', '::ffff:127.0.0.1'],
  ['-localip', '127.0.0.1', '-localip', '127.0.0.2'],
  ['-localip'],
  ['-localip='],
  ['-localip', ''],
  ['-localip', '127.0.0.1,'],
  ['-localip', ',127.0.0.1'],
  ['-localip', '127.0.0.1, 127.0.0.2'],
  ['-localip', '127.0.0.1 127.0.0.2'],
  ['-localip', '127.0.0'],
  ['-localip', '127.0.0.256'],
  ['-localip', '127.0.0.01'],
  ['-localip', '127.0.0.1/32'],
  ['-localip', 'fe80::1%lo'],
  ['-localip', '[::1]'],
  ['-localip', 'localhost'],
  ['-localip', '__PILLAR__LOCAL__DNS__'],
  ['-localip', '127.0.0.1,::1'],
  ['-localip', '::1,127.0.0.1'],
  ['-localip', 'a"b\\c'],
  // ── ways to write a flag ──
  locally('-conf', '/nonexistent/c'),
  locally('--conf', '/nonexistent/c'),
  locally('-conf=/nonexistent/c=d'),
  locally('-conf='),
  locally('-conf', '-quiet'),
  locally('-conf'),
  locally('-corefile=/nonexistent/c'),
  locally('-pidfile', '/nonexistent/pid'),
  locally('-pidfile='),
  locally('-p', '5353', '-dns.port', '1053'),
  locally('---conf=x'),
  locally('-=x'),
  locally('--=x'),
  locally('-nope'),
  locally('--nope=1'),
  locally('-constructor'),
  locally('-Conf=x'),
  locally('-intfname=x'),
  locally('-setupebtables=true'),
  locally('-metricsport=1'),
  locally('-prometheus-listen-address=:9253'),
  locally('-h'),
  locally('--help'),
  locally('-help=1'),
  // ── truth ──
  ...['1', 't', 'T', 'true', 'TRUE', 'True', '0', 'f', 'F', 'false', 'FALSE', 'False'].map((value) =>
    locally(`-skipteardown=${value}`),
  ),
  ...['yes', 'on', 'tRUE', '', ' true', '2'].map((value) => locally(`-skipteardown=${value}`)),
  locally('-skipteardown'),
  locally('-reloadwithsignal', '-quiet'),
  locally('-setupiptables=maybe'),
  // ── numbers and times ──
  locally('-dns.port=053'),
  locally('-dns.port=+53'),
  locally('-dns.port=dns'),
  locally('-dns.port='),
  locally('-dns.port=5 3'),
  locally('-dns.port=0x35'),
  locally('-p=dns'),
  locally('-dns.port=0'),
  locally('-dns.port=-1'),
  locally('-dns.port=65536'),
  locally('-health-port=8081'),
  locally('-health-port=http'),
  locally('-health-port='),
  locally('-health-port=0'),
  locally('-health-port=99999'),
  locally('-syncinterval=30ns'),
  locally('-syncinterval', '1m'),
  locally('-syncinterval=60'),
  locally('-syncinterval=abc'),
  locally('-syncinterval='),
  locally('-syncinterval=60 s'),
  locally('-syncinterval=99999999999h'),
  // ── order of complaints ──
  ['-localip', 'x', '-dns.port', 'y'],
  locally('-dns.port', 'x', '-health-port', 'y'),
  ['-localip', 'x', '-nope'],
];
