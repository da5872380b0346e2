/** Where a verdict of ours differs from the recorded one on purpose. Each has its row in COMPATIBILITY.md. */
import { block, type Verdict } from './case';

/** A Corefile with both verdicts on it. */
export interface Judged {
  readonly corefile: string;
  readonly ours: Verdict;
  readonly theirs: Verdict;
}

/** A difference that is meant. */
export interface Difference {
  /** First column of its row. */
  readonly id: string;
  /** As narrow as can be said. */
  applies(judged: Judged): boolean;
}

/** A banner but for the case of names: a warning may come or go with it. */
const zonesOf = ({ says }: Verdict) => says.replace(/^Warning: .*\n/gm, '').toLowerCase();
const refused = ({ accepted, says }: Verdict, words: RegExp) => !accepted && words.test(says);

export const DIFFERENCES: readonly Difference[] = [
  {
    id: 'zone-case',
    applies: ({ corefile, ours, theirs }) =>
      theirs.accepted &&
      /[A-Z]/.test(theirs.says.replace(/^Warning: /gm, '')) &&
      (ours.accepted ? zonesOf(ours) === zonesOf(theirs) : corefile === 'a A {\n}'),
  },
  {
    id: 'zone-length',
    applies: ({ corefile, ours }) => corefile.length > 250 && refused(ours, /zone is not a valid domain name: /),
  },
  {
    id: 'bind-spelling',
    applies: ({ ours, theirs }) => theirs.accepted && refused(ours, /^cannot serve dns:\/\/a\.:\d+ on ::1 - it is al/),
  },
  {
    id: 'transports',
    applies: ({ ours }) => refused(ours, /: cannot serve '(tls|grpc|https|https3|quic):\/\/[^']*': there is no cert/),
  },
  {
    id: 'upstream-port',
    applies: ({ ours, theirs }) => theirs.accepted && refused(ours, /: the port must be a number from 1 to 65535$/),
  },
  {
    id: 'upstream-interface',
    applies: ({ ours, theirs }) =>
      theirs.accepted && refused(ours, /^plugin\/forward: .*: there is no network interface "/),
  },
  {
    id: 'resolv-conf-warning',
    applies: ({ ours, theirs }) =>
      theirs.accepted &&
      ours.says.replace(/^\[WARNING\] .* is not an IP address and was ignored\n/m, '') === theirs.says,
  },
  {
    id: 'newer-options',
    applies: ({ corefile, theirs }) =>
      refused(theirs, /: unknown property '(max_age|max_idle_conns|resolver)'$/) ||
      (/^serve_stale 1h \w+ \w+$/m.test(corefile) && refused(theirs, /^plugin\/cache: .*Wrong argument count/)),
  },
  {
    id: 'health-address',
    applies: ({ corefile, ours, theirs }) =>
      !theirs.accepted && ours.accepted && /^health :(http|70000)$/m.test(corefile),
  },
  {
    id: 'more-directives',
    applies: ({ theirs, ours }) =>
      theirs.says !== ours.says &&
      refused(theirs, /^no action found for directive '(ready|acl|any|minimal|nsid|cancel|chaos|header|local)' /),
  },
];

/** Not meant and not yet mended. The list may only shrink. */
export const OPEN: readonly string[] = [
  block('forward { . 127.0.0.1', '}'),
  block('cache {', 'success 1 {', '}', '}'),
  block('forward . FOLDER'),
  block('forward . https://127.0.0.1'),
  block('forward . grpc://127.0.0.1'),
  block('forward . quic://127.0.0.1'),
  block('template IN A {', 'answer "x" {', '}', '}'),
];
