/** What the bench reads from others: dnsperf's report, the kernel's books, the list of cores; and what it makes of it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dnsperfParameters, parseDnsperf } from './dnsperf';
import { parseCoreList } from './machine';
import { localDataText, NAMES_COUNT, queriesText } from './names';
import { parseCpuTicks, parseMemory } from './process-usage';
import { startProgram } from './program';
import { checkSource } from './queries';
import { markdownTable, ratios, targetText } from './report';
import { bytesPerEntry, type Residence, residenceText } from './resident';
import type { Measurement } from './rounds';
import type { Work } from './servers';
import { percentile, spread, spreadText } from './statistics';

const SUMMARY = `
Statistics:

  Queries sent:         1000
  Queries completed:    998 (99.80%)
  Queries lost:         2 (0.20%)

  Response codes:       NOERROR 996 (99.80%), SERVFAIL 2 (0.20%)
  Average packet size:  request 45, response 61
  Run time (s):         0.500000
  Queries per second:   1996.000000

  Average Latency (s):  0.000102 (min 0.000013, max 0.004526)
  Latency StdDev (s):   0.000050
`;

describe("dnsperf's report", () => {
  it('gives counts, rate, average latency and the share of NOERROR', () => {
    expect(parseDnsperf(SUMMARY)).toEqual({
      completed: 998,
      lost: 2,
      queriesPerSecond: 1996,
      averageMicroseconds: expect.closeTo(102),
      goodShare: 996 / 998,
    });
  });

  it('gives percentiles where each query has a line, in whatever order they came', () => {
    const line = (_: unknown, index: number) =>
      `> NOERROR svc-${index}.ns-1.svc.cluster.local. A 0.000${200 - index}\n`;
    const output = `${Array.from({ length: 100 }, line).join('')}> T svc-1.ns-1.svc.cluster.local. A\n${SUMMARY}`;
    expect(parseDnsperf(output)).toMatchObject({
      p50Microseconds: expect.closeTo(150),
      p99Microseconds: expect.closeTo(199),
    });
  });

  it('sees no good answer when none was NOERROR, and none at all when nothing came back', () => {
    expect(parseDnsperf(SUMMARY.replace('NOERROR 996 (99.80%), ', '')).goodShare).toBe(0);
    expect(parseDnsperf(SUMMARY.replace('completed:    998', 'completed:    0')).goodShare).toBe(0);
  });

  it.each(['Queries completed', 'Queries lost', 'Queries per second', 'Average Latency'])(
    'is refused without %s',
    (name) => expect(() => parseDnsperf(SUMMARY.replace(name, 'Something else'))).toThrow('dnsperf said nothing like'),
  );
});

describe("dnsperf's parameters", () => {
  const load = { port: 1053, queries: 'q.txt', seconds: 3, core: 1 };
  it.each([
    ['full load runs for its time', load, '-l 3'],
    ['a rate is kept, and every query reported', { ...load, rate: 20_000 }, '-l 3 -Q 20000 -v'],
    ['passes take the place of the time', { ...load, passes: 1 }, '-n 1'],
    ['DO brings EDNS with it', { ...load, dnssecOk: true }, '-l 3 -D'],
  ])('%s', (_, given, end) => expect(dnsperfParameters(given).join(' ')).toMatch(new RegExp(` -t 1 ${end}$`)));
});

describe("the kernel's books", () => {
  it('count user and system ticks, whatever the command is called', () => {
    const rest = 'S 1 2 3 0 -1 4194560 100 0 0 0 250 125 7 9 20 0 11 0 12345';
    expect(parseCpuTicks(`4711 (node) ${rest}`)).toBe(375);
    expect(parseCpuTicks(`4711 (a) b (c) ${rest}`)).toBe(375);
  });

  it('give memory in MiB, or fail', () => {
    const status = 'Name:\tnode\nVmRSS:\t    2048 kB\nRssAnon:\t     512 kB\n';
    expect(parseMemory(status)).toEqual({ residentMiB: 2, anonymousMiB: 0.5 });
    expect(() => parseMemory('Name:\tkthreadd\n')).toThrow('no VmRSS');
  });

  it.each([
    ['0', [0]],
    ['0-3', [0, 1, 2, 3]],
    ['2,5-6\n', [2, 5, 6]],
  ])('list cores as %j', (text, cores) => expect(parseCoreList(text)).toEqual(cores));
});

describe('several rounds', () => {
  it.each([
    [[3, 1, 2], { median: 2, min: 1, max: 3 }],
    [[4, 1], { median: 2.5, min: 1, max: 4 }],
    [[10, 9, 100], { median: 10, min: 9, max: 100 }],
  ])('%j come to %j', (values, wanted) => expect(spread(values)).toEqual(wanted));

  it('come to nothing without a value', () => {
    expect(() => spread([])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(spreadText([], 1)).toBe('–');
  });

  it.each([
    [0, 1],
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('have the percentile %d at rank %d of 100', (share, wanted) => {
    const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(sorted, share)).toBe(wanted);
  });
});

describe('the report', () => {
  const row = (server: string, round: number, load: Measurement['load'], cpu: number): Measurement => ({
    server,
    round,
    load,
    cpuMicrosecondsPerQuery: cpu,
    upstreamMicrosecondsPerQuery: 0,
    residentMiB: 76,
    anonymousMiB: 32,
    completed: 1000,
    lost: 1,
    queriesPerSecond: 123_456,
    averageMicroseconds: 100,
    goodShare: 1,
    ...(load !== 'saturated' && { p50Microseconds: 90, p99Microseconds: 400 }),
  });
  const rows = [
    row('floor', 1, 'saturated', 2),
    row('ours', 1, 'saturated', 3),
    row('ours', 1, 20_000, 6),
    row('floor', 2, 'saturated', 4), // A slow moment of the machine: it hit both.
    row('ours', 2, 'saturated', 5),
    row('ours', 2, 20_000, 7),
  ];

  const asking = (microseconds: number, completed: number): Measurement => ({
    ...row('ours', 1, 'saturated', 3),
    upstreamMicrosecondsPerQuery: microseconds,
    completed,
  });
  it.each<[string, Work, Measurement[], boolean]>([
    ['hits leave the upstream idle', 'hit', [asking(0, 100_000)], true],
    [
      "a tick of the kernel's books in a short load does not matter",
      'hit',
      [asking(0, 100_000), asking(0.5, 20_000)],
      true,
    ],
    ['misses do not', 'miss', [asking(2, 100_000)], true],
    ['hits that were fetched are no hits', 'hit', [asking(2, 100_000)], false],
    ['misses from memory are no misses', 'miss', [asking(0.01, 100_000)], false],
  ])('is refused when answers came from elsewhere: %s', (_, work, measurements, isFine) => {
    const check = (): void => checkSource(work, measurements);
    if (isFine) expect(check).not.toThrow();
    else expect(check).toThrow(/^ours: the upstream used \d\.\d\d µs per query, so these were not all (hits|misses)$/);
  });

  it('takes ratios within a round', () => {
    expect(ratios(rows, 'ours', 'floor')).toEqual([1.5, 1.25]);
    expect(ratios(rows, 'ours', 'absent')).toEqual([]);
  });

  it('has a line per server, with ranges', () => {
    const lines = markdownTable(rows, 20_000, [{ server: 'floor', title: 'floor' }]).split('\n');
    expect(lines).toHaveLength(4);
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1);
    expect(lines[2]).toMatch(/^\| floor \| 3\.00 \(2\.00–4\.00\) \| – \| 123 /);
    expect(lines[3]).toMatch(
      /^\| ours \| 4\.00 .* \| 6\.50 \(6\.00–7\.00\) .* \| 76 \(32\) \| 4 \| 1\.38 \(1\.25–1\.50\) \|$/,
    );
  });

  it.each([
    [[1.4], '1.40, want at most 1.50: met'],
    [[1.5], '1.50, want at most 1.50: met'],
    [[1.6, 1.2, 1.7], '1.60, want at most 1.50: missed'],
    [[], undefined],
  ])('judges %j: %s', (values, text) => expect(targetText(values, 2, 1.5)).toBe(text));
});

describe('a server', () => {
  it('that ends instead of serving is shown with its exit code and its last words', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'bench-test-'));
    const [core] = parseCoreList(/^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
    const command = {
      program: 'sh',
      parameters: ['-c', 'echo the port is taken >&2; exit 3'],
      core,
      outputFile: path.join(folder, 'output'),
      probe: { name: 'a.', port: 22_099 },
    };
    try {
      await expect(startProgram(command)).rejects.toThrow(
        /^sh does not answer on 127\.0\.0\.1:22099 \(exit code 3\); it said:\nthe port is taken\n$/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the names', () => {
  it('are all different, and the upstream has an address for each', () => {
    const asked = queriesText('A').trimEnd().split('\n');
    expect(new Set(asked).size).toBe(NAMES_COUNT);
    const known = localDataText().trimEnd().split('\n');
    const answers = known.map((line) => /"(\S+) 3600 IN (A) \d+\.\d+\.\d+\.\d+"$/.exec(line)!);
    expect(answers.map(([, name, type]) => `${name} ${type}`)).toEqual(asked);
  });
});

describe('resident memory', () => {
  const row = (when: Residence['when'], anonymousMiB: number, entries: number): Residence => {
    return { server: 'ours', when, residentMiB: anonymousMiB + 40, anonymousMiB, entries };
  };
  const rows = [row('at rest', 20, 0), row('full', 50, 65_536), row('full, later', 36, 65_536)];

  it('of an entry is what stayed of the growth', () => expect(bytesPerEntry(rows)).toBe(256));

  it.each([
    [5, '- ours, RSS MiB: 81.0, want less than 90: met', '- ours, anonymous MiB: 41.0, want less than 45: met'],
    [9, '- ours, RSS MiB: 85.0, want less than 90: met', '- ours, anonymous MiB: 45.0, want less than 45: missed'],
    [14, '- ours, RSS MiB: 90.0, want less than 90: missed', '- ours, anonymous MiB: 50.0, want less than 45: missed'],
  ])('is judged by the last look: %d MiB more', (more, ...wanted) => {
    const later = row('full, later', 36 + more, 65_536);
    const lines = residenceText([rows[0], rows[1], later]).split('\n');
    expect(lines.slice(-2)).toEqual(wanted);
    expect(lines[2]).toBe('| ours | at rest | 60.0 | 20.0 | 40.0 | 0 |  |');
  });
});
