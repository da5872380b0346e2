/**
 * What we do otherwise than k8s-dns-node-cache 1.26.8, on purpose. Each id is a row of COMPATIBILITY.md, where the reason is.
 *
 * An entry that can say what we do from what was recorded does so (`adapt`). One that changes what is kept also changes later
 * steps: it names the scenario that was written for it, and the names in it (`explains`).
 */
import type { Difference, Mismatch } from './judge';

/** Is it about one of these names, in this scenario? */
function concerns(mismatch: Mismatch, scenario: string, names: RegExp): boolean {
  return mismatch.scenario === scenario && names.test(mismatch.step.replace(/^ask /, ''));
}

/** Was it asked again, with an answer whose TTLs are these? For what is kept for less time, or not at all. */
function isAskedAgain({ part, recorded, ours }: Mismatch, ttls: RegExp): boolean {
  if (part === 'upstream') return recorded.length === 0 && ours.length === 1;
  return part === 'answer' && ours.slice(1).every((line) => ttls.test(/^ {2}\w\w \S+ (\d+) /.exec(line)?.[1] ?? ''));
}

/** Lines with a change in the first, which holds flags and the OPT record. */
function head(lines: readonly string[], change: (line: string) => string): readonly string[] {
  return lines.length === 0 ? lines : [change(lines[0]), ...lines.slice(1)];
}

/** Are these the recorded lines but for the last of a section or more, and TC? */
function isCut({ recorded, ours }: Mismatch): boolean {
  if (recorded.length === 0 || ours.length >= recorded.length) return false;
  const withTc = recorded[0].includes(' tc') ? recorded[0] : recorded[0].replace(/^(< \w+(?: aa)?)/, '$1 tc');
  if (ours[0] !== withTc) return false;
  let at = 1; // Every line of ours stands in the recording, in the same order.
  for (const line of ours.slice(1)) {
    while (at < recorded.length && recorded[at] !== line) at++;
    if (at++ === recorded.length) return false;
  }
  return true;
}

const TWO_OPT = '123401000001000000000002';

function rawRefused({ step, part, ours }: Mismatch, fits: (hex: string) => boolean): boolean {
  const [verb, , hex] = step.split(' ');
  if (verb !== 'raw' || !fits(hex)) return false;
  return part === 'answer' ? /^< FORMERR rd( opt=\d+)?$/.test(ours.join('\n')) : ours.length === 0;
}

const SERVER: readonly Difference[] = [
  {
    id: 'server-cookie',
    adapt: (lines, { part }) => (part === 'answer' ? head(lines, (line) => line.replace(/ cookie=\w*/, '')) : lines),
  },
  {
    id: 'server-keepalive',
    adapt: (lines, { part, step }) =>
      part === 'answer' && !/ tcp\b/.test(step) ? head(lines, (line) => line.replace(/ keepalive=\w*/, '')) : lines,
  },
  {
    id: 'server-udp-size',
    explains: (mismatch) => {
      const size = Number(/ opt=(\d+)/.exec(mismatch.step)?.[1] ?? 0);
      return mismatch.part === 'answer' && size > 1232 && !/ tcp\b/.test(mismatch.step) && isCut(mismatch);
    },
  },
  {
    id: 'server-cut-question',
    explains: ({ step, part, recorded, ours }) =>
      step.startsWith('raw ') &&
      recorded.join().includes(' class=CLASS0') &&
      (part === 'answer' ? /^< FORMERR[ a-z]*$/.test(ours.join()) : ours.length === 0),
  },
  { id: 'server-two-opt', explains: (mismatch) => rawRefused(mismatch, (hex) => hex.startsWith(TWO_OPT)) },
  {
    id: 'server-ds-parent',
    explains: ({ scenario, step, part, recorded, ours }) =>
      scenario === 'routing/longest' &&
      /^ask (x\.)?empty\.test DS /.test(step) &&
      (part === 'upstream' ? recorded.length === 0 && ours[0].startsWith('^ 1 ') : recorded[0].startsWith('< REFUSED')),
  },
];

const CACHE: readonly Difference[] = [
  {
    // The asked name as this client spells it.
    id: 'cache-spelling',
    adapt: (lines, { part, step }) => {
      const asked = /^ask (\S+)/.exec(step)?.[1] ?? '';
      if (part !== 'answer') return lines;
      return lines.map((line) =>
        line.replace(/^( {2}\w\w )(\S+)\.(?= )/, (all, section: string, name: string) =>
          name.toLowerCase() === asked.toLowerCase() ? `${section}${asked}.` : all,
        ),
      );
    },
  },
  {
    id: 'cache-authenticated',
    adapt: (lines, { part, step, scenario }) =>
      part === 'answer' && /^cache\/(ad|keys)$/.test(scenario) && / (ad|do)\b/.test(step)
        ? head(lines, (line) => line.replace(/^(< \w+ aa rd ra)/, '$1 ad'))
        : lines,
  },
  {
    id: 'cache-class',
    explains: (mismatch) =>
      concerns(mismatch, 'cache/class', /^([ab]\.test A|version\.bind TXT)/) &&
      isAskedAgain(mismatch, /^30$/) &&
      (mismatch.part !== 'answer' || mismatch.ours[0] === '< NOERROR rd ra'),
  },
  {
    id: 'cache-soa-minimum',
    explains: (mismatch) =>
      concerns(mismatch, 'cache/minimum', /^(nx|nodata|alias)-small-minimum\.test A/) &&
      isAskedAgain(mismatch, /^[12]$/),
  },
  {
    id: 'cache-ttl-zero',
    explains: (mismatch) => concerns(mismatch, 'cache/zero', /^(nx)?zero\.test A/) && isAskedAgain(mismatch, /^0$/),
  },
  {
    id: 'cache-stale-zero',
    explains: (mismatch) =>
      mismatch.scenario === 'cache/stale-zero' && mismatch.part === 'upstream' && mismatch.recorded.length === 0,
  },
  {
    id: 'cache-ttl-huge',
    explains: (mismatch) =>
      concerns(mismatch, 'forward/odd-answers', /^(huge|half)\.cached\.test A/) && isAskedAgain(mismatch, /^0$/),
  },
  {
    id: 'cache-alias-denied',
    explains: (mismatch) =>
      isAskedAgain(mismatch, /^(5|30)$/) &&
      (concerns(mismatch, 'cache/kinds', /^nx-alias\.test A/) ||
        concerns(mismatch, 'forward/odd-answers', /^nxdata\.cached\.test A/)),
  },
  {
    id: 'cache-alias-nowhere',
    explains: (mismatch) =>
      isAskedAgain(mismatch, /^(5|30)$/) &&
      (concerns(mismatch, 'cache/kinds', /^(dangling|other)\.test A/) ||
        concerns(mismatch, 'forward/odd-answers', /^loop\.cached\.test A/)),
  },
  {
    id: 'cache-failure',
    explains: (mismatch) =>
      concerns(mismatch, 'cache/failure', /^a\.test A opt/) && mismatch.part !== 'answer' && mismatch.ours.length === 0,
  },
  {
    id: 'cache-failure-explained',
    adapt: (lines, { scenario, part }) =>
      part === 'answer' && scenario === 'cache/failure' ? head(lines, (line) => `${line} ede=13 ede=22`) : lines,
  },
  {
    id: 'cache-failure-last',
    explains: ({ scenario, part, ours, recorded }) =>
      scenario === 'cache/stale-outage' &&
      (part === 'answer'
        ? recorded[0].startsWith('< SERVFAIL') && ours[0].startsWith('< NOERROR')
        : part === 'upstream'),
  },
  {
    id: 'cache-stale-explained',
    adapt: (lines, { scenario, step, part }) => {
      const isStale = lines.some((line) => /^ {2}(an|ns) \S+ 0 /.test(line));
      if (part !== 'answer' || !scenario.startsWith('cache/stale-') || !isStale || !step.includes('opt=')) return lines;
      return head(lines, (line) => `${line} ede=${line.startsWith('< NXDOMAIN') ? 19 : 3}`);
    },
  },
];

const FORWARD: readonly Difference[] = [
  {
    id: 'forward-hop-options',
    adapt: (lines, { part }) =>
      part === 'upstream' ? lines.map((line) => line.replace(/ (cookie|keepalive)=\w*/g, '')) : lines,
  },
  {
    id: 'forward-joined',
    adapt: (lines, { part, scenario }) =>
      part === 'upstream' && scenario === 'cache/joined'
        ? lines.filter((line, index) => line !== lines[index - 1])
        : lines,
  },
  {
    id: 'forward-attempts',
    adapt: (lines, { part, scenario }) =>
      part === 'upstream' && /^(forward\/silent|cache\/failure)$/.test(scenario) ? lines.slice(0, 2) : lines,
  },
  {
    id: 'forward-explained',
    adapt: (lines, { part, scenario, step }) =>
      part === 'answer' && /^(forward\/silent|foreign\/cancel)$/.test(scenario) && step.includes('opt=')
        ? head(lines, (line) => `${line} ede=22`)
        : lines,
  },
  {
    id: 'forward-extended-rcode',
    explains: ({ scenario, part, recorded, ours }) =>
      scenario === 'forward/extended-rcode' &&
      part === 'answer' &&
      /^< (BADSIG|BADCOOKIE|nothing)\b/.test(recorded.join()) &&
      /^< SERVFAIL rd( opt=1232)?( do)?$/.test(ours.join()),
  },
  {
    id: 'forward-failover',
    explains: ({ scenario, part, recorded, ours }) =>
      scenario === 'forward/failover-fast' &&
      (part === 'answer' ? ours.join() === '< REFUSED rd ra' : recorded[0].endsWith(': no healthy proxies')),
  },
  {
    id: 'forward-oversize',
    explains: (mismatch) =>
      concerns(mismatch, 'forward/cut-answers', /^big\.(plain|udp|cached)\.test TXT udp/) &&
      (mismatch.part === 'answer'
        ? /^< NOERROR( aa)? tc rd ra/.test(mismatch.ours[0]) &&
          mismatch.ours.slice(1).every((line, index) => line.includes(` TXT "${index + 1} an answer `))
        : mismatch.ours.length < mismatch.recorded.length),
  },
  {
    id: 'forward-mismatch',
    explains: (mismatch) =>
      concerns(mismatch, 'forward/wrong-answers', /^(qr|name|type|class|garbage|noquestion)\.test A/),
  },
];

/** Questions whose type a rule of rewrite/cached-type changes. */
const ASKED_AS_OTHER_TYPE = /^ask \w+\.type\.test AAAA\b/;

const OTHERS: readonly Difference[] = [
  {
    // In an answer to who sent none: of the upstream, of rewrite, of acl.
    id: 'opt-unasked',
    adapt: (lines, { step, part }) =>
      part === 'answer' && !step.includes('opt=') ? head(lines, (line) => line.replace(/ opt=\d+.*$/, '')) : lines,
  },
  {
    id: 'opt-do-unasked',
    adapt: (lines, { scenario, step, part }) =>
      /^(foreign\/(acl|nsid|together)|template\/ederror)$/.test(scenario) && part === 'answer' && !/ do\b/.test(step)
        ? head(lines, (line) => line.replace(/ do(?= (nsid|ede)=)/, ''))
        : lines,
  },
  {
    id: 'opt-repeated',
    adapt: (lines, { scenario, step, part }) =>
      part === 'answer' && scenario === 'foreign/acl-options'
        ? head(lines, (line) =>
            line.replace(/ ede=\d+(:why)?$/, `$&${/ (nsid|expire|padding)=\d*$/.exec(step)?.[0] ?? ''}`),
          )
        : lines,
  },
  {
    id: 'acl-logged-size',
    adapt: (lines, { part, scenario }) =>
      part === 'log' && scenario === 'foreign/acl'
        ? lines.map((line) =>
            line.replace(/ REFUSED (\S+) (\d+) /, (_, flags, size) => ` REFUSED ${flags} ${Number(size) - 17} `),
          )
        : lines,
  },
  {
    id: 'chaos-authors',
    explains: (mismatch) =>
      concerns(mismatch, 'foreign/chaos', /^authors\.bind TXT class=CH port=2/) &&
      mismatch.ours.join() === '< NOERROR rd,  an authors.bind. 0 CH TXT "nodelocaldns"',
  },
  {
    // With `continue` and no rule behind it that fits.
    id: 'rewrite-question',
    explains: (mismatch) => {
      if (!concerns(mismatch, 'files/chain', /^\S+ ANY /)) return false;
      if (mismatch.part === 'upstream') return mismatch.ours.length === 0; // What it has kept it need not ask for.
      const [head, ...records] = mismatch.recorded.filter((line) => !/^ {2}question \S+ A$/.test(line));
      return (
        mismatch.ours.join() === [head, ...records].join() ||
        mismatch.ours.join() === [head.replace(' rd', ' aa rd'), ...records].join()
      );
    },
  },
  {
    id: 'dns64-rewrite',
    adapt: (lines, { scenario, part, step }) =>
      scenario === 'dns64/rewrite' && part === 'answer'
        ? lines
            .filter((line) => line !== '  question a.new.test. AAAA')
            .map((line) => (step.includes('a.auto.test') ? line.replace('an a.new.test.', 'an a.auto.test.') : line))
        : lines,
  },
  {
    id: 'rewrite-ttl-opt',
    adapt: (lines, { scenario, part }) =>
      scenario === 'rewrite/ttl-opt' && part === 'answer' ? head(lines, (line) => line.replace(' z=0x100', '')) : lines,
  },
  {
    id: 'rewrite-revert-panic',
    explains: (mismatch) =>
      concerns(mismatch, 'rewrite/revert', /^noopt\.test A/) &&
      (mismatch.part === 'answer'
        ? mismatch.recorded[0].startsWith('< SERVFAIL') && mismatch.ours[0].startsWith('< NOERROR')
        : mismatch.recorded[0].includes('Recovered from panic') && mismatch.ours.length === 0),
  },
  {
    id: 'rewrite-log',
    explains: (mismatch) =>
      mismatch.part === 'log' && concerns(mismatch, 'rewrite/log', /^(a\.new\.test AAAA|gone\.test (A|AAAA))$/),
    adapt: (lines, { scenario, part }) =>
      part === 'log' && scenario === 'rewrite/no-answer'
        ? lines.map((line) => line.replace(/(?<=plugin\/errors: )0 /, '2 '))
        : lines,
  },
  {
    // What goes upstream again there: what we have kept need not be asked for.
    id: 'rewrite-type-cached',
    adapt: (lines, { scenario, part, step }) =>
      part === 'answer' && scenario === 'rewrite/cached-type' && ASKED_AS_OTHER_TYPE.test(step)
        ? head(lines, (line) => line.replace(/^(< \w+) rd/, '$1 aa rd'))
        : lines,
    explains: ({ scenario, part, step, recorded, ours }) =>
      part === 'upstream' &&
      scenario === 'rewrite/cached-type' &&
      ASKED_AS_OTHER_TYPE.test(step) &&
      recorded.length === 1 &&
      ours.length === 0,
  },
  {
    id: 'minimal-panic',
    explains: (mismatch) =>
      mismatch.part === 'log' &&
      concerns(mismatch, 'foreign/minimal-nothing', /^gone\.(silent|cached)\.test /) &&
      mismatch.recorded.join().includes('Recovered from panic in server') &&
      /^\| \[INFO\] \S+ - ID "\w+ IN gone\.\w+\.test\. udp 34 false 512" - - 0 DURATION$/.test(mismatch.ours.join()),
  },
  {
    id: 'rewrite-rcode-empty',
    explains: ({ scenario, step, recorded, ours }) =>
      scenario === 'rewrite/others' &&
      step.startsWith('ask x.fail.rcode.test A') &&
      recorded.join() === '< SERVFAIL rd ra' &&
      ours.join() === '< NXDOMAIN rd ra',
  },
];

/** All of them. */
export const DIFFERENCES: readonly Difference[] = [...SERVER, ...CACHE, ...FORWARD, ...OTHERS];
