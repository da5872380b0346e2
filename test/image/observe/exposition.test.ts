/** The page a scraper reads, taken apart again by a small parser that follows the format's description. */
import { Counters, type Series } from '../../../image/observe/counters';
import {
  type CounterSource,
  escapeHelp,
  escapeLabel,
  exposeText,
  formatValue,
} from '../../../image/observe/exposition';
import { METRIC_NAMES, METRICS, TIME_BUCKETS } from '../../../image/observe/metrics';

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

/** Strict: every line must be a HELP, a TYPE right after it, or a sample of that family. */
function parsePage(text: string): Family[] {
  expect(text.endsWith('\n')).toBe(true);
  const families: Family[] = [];
  const lines = text.slice(0, -1).split('\n');
  for (let index = 0; index < lines.length; ) {
    const help = /^# HELP (\S+) (.+)$/.exec(lines[index++]) as RegExpExecArray;
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[index++]) as RegExpExecArray;
    expect(type[1]).toBe(help[1]);
    const family: Family = { name: help[1], help: help[2], type: type[2], samples: [] };
    while (index < lines.length && !lines[index].startsWith('#')) family.samples.push(parseSample(lines[index++]));
    families.push(family);
  }
  return families;
}

function parseSample(line: string): Sample {
  const match = /^([a-z0-9_]+)(?:\{(.*)\})? (\S+)$/.exec(line) as RegExpExecArray;
  const labels: Record<string, string> = {};
  let rest = match[2] ?? '';
  while (rest !== '') {
    const pair = /^([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest) as RegExpExecArray;
    labels[pair[1]] = pair[2].replace(/\\(.)/g, (_, c: string) => (c === 'n' ? '\n' : c));
    rest = rest.slice(pair[0].length);
  }
  return { name: match[1], labels, value: match[3] === '+Inf' ? Number.POSITIVE_INFINITY : Number(match[3]) };
}

function makeThread(): { counters: Counters; source: CounterSource } {
  const series: Series[] = [];
  const values = new Float64Array(256);
  return { counters: new Counters(values, (made) => series.push(made)), source: { values, series } };
}

const family = (text: string, name: string): Family | undefined => parsePage(text).find((each) => each.name === name);

describe('from the start', () => {
  const families = parsePage(exposeText([]));

  test('every metric without labels is there at 0, those with labels are not', () => {
    const labelless = METRIC_NAMES.filter((name) => METRICS[name].labels.length === 0).sort();
    expect(families.map(({ name }) => name)).toEqual(labelless);
    for (const { samples } of families) for (const { value } of samples) expect(value).toBe(0);
  });

  test('help and type are the catalogue', () => {
    for (const { name, help, type } of families) {
      expect({ help, type }).toEqual({
        help: METRICS[name as keyof typeof METRICS].help,
        type: METRICS[name as keyof typeof METRICS].type,
      });
    }
  });
});

describe('several threads', () => {
  test('equal series are added, others stand beside each other, sorted by label values', () => {
    const [one, two] = [makeThread(), makeThread()];
    const labels = (zone: string): [string, string, string] => ['dns://:53', zone, ''];
    one.counters.add(one.counters.slot('coredns_dns_do_requests_total', ...labels('b.')), 2);
    two.counters.add(two.counters.slot('coredns_dns_do_requests_total', ...labels('a.')), 7);
    two.counters.add(two.counters.slot('coredns_dns_do_requests_total', ...labels('b.')), 3);
    const found = family(exposeText([one.source, two.source]), 'coredns_dns_do_requests_total');
    expect(found?.samples.map(({ labels: { zone }, value }) => [zone, value])).toEqual([
      ['a.', 7],
      ['b.', 5],
    ]);
  });

  test('a fact that all threads share is shown once, not as often as there are threads', () => {
    const threads = [makeThread(), makeThread()];
    for (const { counters } of threads) counters.set(counters.slot('coredns_hosts_entries', '/etc/hosts'), 12);
    const text = exposeText(threads.map(({ source }) => source));
    expect(family(text, 'coredns_hosts_entries')?.samples).toEqual([
      { name: 'coredns_hosts_entries', labels: { hostsfile: '/etc/hosts' }, value: 12 },
    ]);
  });

  test('what a thread counts after its series was made is on the next page', () => {
    const { counters, source } = makeThread();
    const slot = counters.slot('coredns_panics_total');
    expect(family(exposeText([source]), 'coredns_panics_total')?.samples[0].value).toBe(0);
    counters.add(slot, 4);
    expect(family(exposeText([source]), 'coredns_panics_total')?.samples[0].value).toBe(4);
  });
});

describe('a histogram', () => {
  const [one, two] = [makeThread(), makeThread()];
  for (const { counters } of [one, two]) {
    const slot = counters.slot('coredns_proxy_request_duration_seconds', 'forward', '10.96.0.10:53', 'NOERROR');
    counters.observe(slot, TIME_BUCKETS, 0.0003, 5);
    counters.observe(slot, TIME_BUCKETS, 60);
  }
  const found = family(exposeText([one.source, two.source]), 'coredns_proxy_request_duration_seconds') as Family;
  const buckets = found.samples.filter(({ name }) => name.endsWith('_bucket'));

  test('has cumulative buckets up to +Inf', () => {
    expect(buckets.map(({ labels }) => labels['le'])).toEqual([...TIME_BUCKETS.map(String), '+Inf']);
    expect(buckets.map(({ value }) => value)).toEqual([0, ...Array(15).fill(10), 12]);
  });

  test('has sum and count, the count being the last bucket', () => {
    const [sum, count] = found.samples.slice(-2);
    expect([sum.name, count.name]).toEqual([`${found.name}_sum`, `${found.name}_count`]);
    expect(sum.value).toBeCloseTo(120.003, 9);
    expect(count.value).toBe(12);
    expect(count.labels).toEqual({ proxy_name: 'forward', to: '10.96.0.10:53', rcode: 'NOERROR' });
  });
});

describe('texts that could break the page', () => {
  test('label values come back as they were, whatever they contain', () => {
    const path = 'C:\\hosts "old"\nnext{}, ü';
    const { counters, source } = makeThread();
    counters.set(counters.slot('coredns_hosts_entries', path), 1);
    expect(family(exposeText([source]), 'coredns_hosts_entries')?.samples[0].labels).toEqual({ hostsfile: path });
  });

  test('escaping follows the format: a help text keeps its quotes', () => {
    expect(escapeLabel('a"b\\c\nd')).toBe('a\\"b\\\\c\\nd');
    expect(escapeHelp('a"b\\c\nd')).toBe('a"b\\\\c\\nd');
  });

  test.each([
    [0, '0'],
    [0.00025, '0.00025'],
    [64000, '64000'],
    [2 ** 53, '9007199254740992'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
  ])('%p is printed as %s', (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

test('a fact of a configuration before is not shown', () => {
  const series = (name: string, slot: number): Series => ({
    metric: 'coredns_plugin_enabled',
    labels: ['dns://:53', '.', '', name],
    slot,
  });
  const text = exposeText([{ values: Float64Array.of(0, 1, 0), series: [series('cache', 1), series('log', 2)] }]);
  expect(text.match(/^coredns_plugin_enabled.*$/gm)).toEqual([expect.stringContaining('name="cache"} 1')]);
});

test('a series that is forgotten is not on the page, until it is set again; others are', () => {
  const series: Series[] = [];
  const counters = new Counters(new Float64Array(16), (made) => series.push(made));
  const [one, other] = ['10.96.0.10', '169.254.20.10'].map((address) =>
    counters.slot('nodelocaldns_lease_held', address),
  );
  counters.set(other, 1);
  const page = (): string[] =>
    exposeText([{ values: counters.values, series }]).match(/^nodelocaldns_lease_held.*/gm) ?? [];
  counters.forget(one);
  expect(page()).toEqual(['nodelocaldns_lease_held{address="169.254.20.10"} 1']);
  counters.set(one, 0);
  expect(page()).toHaveLength(2);
  for (const slot of [one, other]) counters.forget(slot);
  expect(exposeText([{ values: counters.values, series }])).not.toContain('nodelocaldns_lease_held');
});
