/** Where a verdict of ours differs from the recorded one on purpose. Each has its row in COMPATIBILITY.md. */
import type { Verdict } from './case';

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
    id: 'corefile-zone-case',
    applies: ({ corefile, ours, theirs }) =>
      theirs.accepted &&
      /[A-Z]/.test(theirs.says.replace(/^Warning: /gm, '')) &&
      (ours.accepted ? zonesOf(ours) === zonesOf(theirs) : corefile === 'a A {\n}'),
  },
  {
    id: 'corefile-zone-length',
    applies: ({ corefile, ours }) => corefile.length > 250 && refused(ours, /zone is not a valid domain name: /),
  },
  {
    id: 'corefile-zone-escape',
    applies: ({ corefile, ours, theirs }) =>
      theirs.accepted && /^a\\(1b|300b|12)/.test(corefile) && refused(ours, /zone is not a valid domain name: /),
  },
  {
    id: 'corefile-bind-spelling',
    applies: ({ ours, theirs }) => theirs.accepted && refused(ours, /^cannot serve dns:\/\/a\.:\d+ on ::1 - it is al/),
  },
  {
    id: 'corefile-bind-nothing',
    applies: ({ ours, theirs }) => theirs.accepted && refused(ours, /^plugin\/bind: no address of '[^']+' is left /),
  },
  {
    id: 'corefile-transports',
    applies: ({ ours }) => refused(ours, /: cannot serve '(tls|grpc|https|https3|quic):\/\/[^']*': there is no cert/),
  },
  {
    id: 'forward-port',
    applies: ({ ours, theirs }) => theirs.accepted && refused(ours, /: the port must be a number from 1 to 65535$/),
  },
  {
    id: 'forward-link-local',
    applies: ({ ours, theirs }) =>
      theirs.accepted && refused(ours, /^plugin\/forward: .*: there is no network interface "/),
  },
  {
    id: 'forward-resolv-conf',
    applies: ({ ours, theirs }) =>
      theirs.accepted &&
      ours.says.replace(/^\[WARNING\] .* is not an IP address and was ignored\n/m, '') === theirs.says,
  },
  {
    id: 'forward-newer',
    applies: ({ theirs }) => refused(theirs, /: unknown property '(max_age|max_idle_conns|resolver)'$/),
  },
  {
    id: 'errors-newer',
    applies: ({ corefile, ours, theirs }) => !theirs.accepted && ours.accepted && / show_first/.test(corefile),
  },
  {
    id: 'cache-newer',
    applies: ({ corefile, theirs }) =>
      /^serve_stale 1h \w+ \w+$/m.test(corefile) && refused(theirs, /^plugin\/cache: .*Wrong argument count/),
  },
  {
    id: 'http-port',
    applies: ({ corefile, ours, theirs }) =>
      !theirs.accepted && ours.accepted && /^(health :(http|70000)|pprof 127\.0\.0\.1:x)$/m.test(corefile),
  },
  {
    id: 'template-subset',
    applies: ({ ours, theirs }) =>
      refused(theirs, /^plugin\/template: .*: could not compile template: /) &&
      refused(ours, /^plugin\/template: .*: could not compile template: .* is not supported; supported are /),
  },
  {
    id: 'corefile-panics',
    applies: ({ ours, theirs }) => refused(theirs, /^panic: /) && refused(ours, /^plugin\/[a-z0-9]+: /),
  },
  {
    id: 'corefile-directives',
    applies: ({ theirs, ours }) =>
      theirs.says !== ours.says &&
      refused(theirs, /^no action found for directive '(ready|acl|any|minimal|nsid|cancel|chaos|header|local)' /),
  },
];
