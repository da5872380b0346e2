import type { CacheOptions } from '../../../../image/plugin/cache/setup';
import { type Row, tables } from '../../../support/coredns-tables';
import { bodyRefusal, optionsOf, planOf } from '../../../support/corefile';
import { needs } from '../../../support/needs';

const options = (body: string) => optionsOf<CacheOptions>('cache', body);
const DEFAULTS: CacheOptions = {
  zones: ['example.org.'],
  success: { entriesMax: 9984, ttlSecondsMax: 3600, ttlSecondsMin: 5, disabledZones: [] },
  denial: { entriesMax: 9984, ttlSecondsMax: 1800, ttlSecondsMin: 5, disabledZones: [] },
  servfailTtlSeconds: 5,
  keepTtl: false,
  prefetch: { hits: 0, pauseMs: 60_000, percentage: 10 },
  staleSeconds: 0,
  staleVerify: false,
  staleVerifyMs: 1_800,
  staleTtlSeconds: 0,
  staleRecheckMs: 0,
};

describe('cache', () => {
  test('has CoreDNS’s defaults', () => {
    expect(options('cache')).toEqual(DEFAULTS);
  });

  test('TTL is for both kinds', () => {
    const { success, denial, zones } = options('cache 30');
    expect([success.ttlSecondsMax, denial.ttlSecondsMax, zones]).toEqual([30, 30, ['example.org.']]);
  });

  test('the first word is a zone when it is no number', () => {
    expect(options('cache A.b 10.0.0.0/24').zones).toEqual(['a.b.', '0.0.10.in-addr.arpa.']);
    expect(options('cache 30 a..b').zones).toEqual([]); // What is no zone is left out, as in CoreDNS.
  });

  test('the manifest’s block', () => {
    const { success, denial } = options('cache {\nsuccess 9984 30\ndenial 9984 5\n}');
    expect(success).toEqual({ ...DEFAULTS.success, ttlSecondsMax: 30 });
    expect(denial).toEqual({ ...DEFAULTS.denial, ttlSecondsMax: 5 });
  });

  test.each([
    [0, 1024],
    [-1, 1024],
    [1023, 1024],
    [1279, 1024],
    [1280, 1280],
    [10_000, 9984],
    [100_000, 99_840],
  ])('CAPACITY %i keeps %i answers, as 256 shards do', (capacity, entriesMax) => {
    expect(options(`cache {\nsuccess ${capacity}\n}`).success.entriesMax).toBe(entriesMax);
  });

  test('everything else', () => {
    const all = options('cache {\nsuccess 1 300 30\nservfail 1m30s\ndisable denial\ndisable success A b.\nkeepttl\n}');
    expect(all.success).toMatchObject({ ttlSecondsMax: 300, ttlSecondsMin: 30, disabledZones: ['a.', 'b.'] });
    expect(all.denial.disabledZones).toEqual(['.']);
    expect([all.servfailTtlSeconds, all.keepTtl]).toEqual([90, true]);
  });

  test('of two `disable` for one kind the last counts', () => {
    expect(options('cache {\ndisable denial a\ndisable denial b\n}').denial.disabledZones).toEqual(['b.']);
  });

  test('each block has its own', () => {
    const { blocks } = planOf('a {\n cache 30\n}\nb {\n cache 60\n}');
    expect(blocks.map(({ plugins }) => (plugins[0].options as CacheOptions).success.ttlSecondsMax)).toEqual([30, 60]);
  });
});

describe('cache refuses, as CoreDNS does', () => {
  test.each([
    ['cache 0', 'cache TTL can not be zero or negative: 0'],
    ['cache -1', 'cache TTL can not be zero or negative: -1'],
    ['cache {\nsuccess 100 0\n}', 'cache TTL can not be zero or negative: 0'],
    ['cache {\ndenial 100 5 -1\n}', 'cache min TTL can not be negative: -1'],
    ['cache {\nsuccess abc\n}', 'strconv.Atoi: parsing "abc": invalid syntax'],
    ['cache {\nservfail -1s\n}', 'invalid negative ttl for servfail'],
    ['cache {\nservfail 6m\n}', 'caching SERVFAIL responses over 5 minutes is not permitted'],
    ['cache {\nservfail 20\n}', 'time: missing unit in duration "20"'],
    ['cache {\ndisable both\n}', 'cache type for disable must be "success" or "denial"'],
    ['cache\ncache', 'this plugin can only be used once per Server Block'],
  ])('%j', (body, message) => {
    expect(bodyRefusal(body)).toBe(`plugin/cache: ${message}`);
  });

  test.each([
    ['cache {\nsuccess\n}', 'success'],
    ['cache {\nkeepttl x\n}', 'x'],
    ['cache {\nfoo\n}', 'foo'],
    ['cache {\nconstructor\n}', 'constructor'],
  ])('%j for its arguments', (body, word) => {
    expect(bodyRefusal(body)).toBe(
      `plugin/cache: Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after '${word}'`,
    );
  });
});

describe('prefetch', () => {
  test.each([
    ['prefetch 1', { hits: 1, pauseMs: 60_000, percentage: 10 }],
    ['prefetch 5 1h', { hits: 5, pauseMs: 3_600_000, percentage: 10 }],
    ['prefetch 5 90s 20%', { hits: 5, pauseMs: 90_000, percentage: 20 }],
    ['prefetch 0', { hits: 0, pauseMs: 60_000, percentage: 10 }],
    ['prefetch 5 -1s 90%', { hits: 5, pauseMs: -1000, percentage: 90 }], // Every hit is the first, in CoreDNS, too.
  ])('%j', (line, prefetch) => {
    expect(options(`cache {\n${line}\n}`).prefetch).toEqual(prefetch);
  });

  test.each([
    ['prefetch -1', 'prefetch amount should be positive: -1'],
    ['prefetch x', 'strconv.Atoi: parsing "x": invalid syntax'],
    ['prefetch 5 10', 'time: missing unit in duration "10"'],
    ['prefetch 5 1m 10', "last character of percentage should be `%`, but is: '0'"],
    ['prefetch 5 1m 9%', 'percentage should fall in range [10, 90]: 9'],
    ['prefetch 5 1m 91%', 'percentage should fall in range [10, 90]: 91'],
    ['prefetch 5 1m 10.5%', 'strconv.Atoi: parsing "10.5": invalid syntax'],
  ])('%j is refused', (line, message) => {
    expect(bodyRefusal(`cache {\n${line}\n}`)).toBe(`plugin/cache: ${message}`);
  });

  test.each(['prefetch', 'prefetch 1 1m 10% 5'])('%j is refused for its arguments', (line) => {
    expect(bodyRefusal(`cache {\n${line}\n}`)).toMatch(/Wrong argument count or unexpected line ending/);
  });
});

describe('serve_stale', () => {
  const stale = (line: string) => {
    const all = options(`cache {\n${line}\n}`);
    return [
      all.staleSeconds,
      all.staleVerify ? all.staleVerifyMs : 'immediate',
      all.staleTtlSeconds,
      all.staleRecheckMs,
    ];
  };
  test.each<[string, unknown[]]>([
    ['serve_stale', [3600, 'immediate', 0, 0]],
    ['serve_stale 20m', [1200, 'immediate', 0, 0]],
    ['serve_stale 1500ms', [1, 'immediate', 0, 0]],
    ['serve_stale 0', [0, 'immediate', 0, 0]],
    ['serve_stale 1h immediate', [3600, 'immediate', 0, 0]],
    ['serve_stale 1h verify', [3600, 1800, 0, 0]],
    ['serve_stale 1h VERIFY', [3600, 1800, 0, 0]],
    ['serve_stale 1h verify 100ms', [3600, 100, 0, 0]], // From here on CoreDNS 1.14.
    ['serve_stale 1h verify 0', [3600, 0, 0, 0]],
    ['serve_stale 1h immediate 30s', [3600, 'immediate', 30, 0]],
    ['serve_stale 1h immediate 30s 10s', [3600, 'immediate', 30, 10_000]],
    ['serve_stale 1h verify 100ms 30s 5m', [3600, 100, 30, 300_000]],
    ['serve_stale 1h verify\nserve_stale 2h', [7200, 'immediate', 0, 0]], // Of several the last counts, whole.
  ])('%j', (line, expected) => expect(stale(line)).toEqual(expected));

  test.each([
    ['serve_stale -1s', 'invalid negative duration for serve_stale'],
    ['serve_stale 1', 'time: missing unit in duration "1"'],
    ['serve_stale 1h Now', 'invalid value for serve_stale refresh mode: now'],
    ['serve_stale 1h verify x', 'invalid serve_stale verify timeout: time: invalid duration "x"'],
    ['serve_stale 1h verify -1s', 'invalid negative timeout for serve_stale verify'],
    ['serve_stale 1h immediate x', 'invalid serve_stale response TTL: time: invalid duration "x"'],
    ['serve_stale 1h immediate -1s', 'invalid negative response TTL for serve_stale'],
    ['serve_stale 1h immediate 1500ms', 'serve_stale response TTL must be a whole number of seconds'],
    ['serve_stale 1h immediate 2000000h', 'serve_stale response TTL exceeds the DNS TTL range'],
    ['serve_stale 1h immediate 1s x', 'invalid serve_stale failure recheck: time: invalid duration "x"'],
    ['serve_stale 1h immediate 1s -1s', 'invalid negative failure recheck for serve_stale'],
    ['serve_stale 1h immediate 1s 6m', 'serve_stale failure recheck cannot exceed 5 minutes'],
  ])('%j is refused', (line, message) => {
    expect(bodyRefusal(`cache {\n${line}\n}`)).toBe(`plugin/cache: ${message}`);
  });

  test.each([
    'serve_stale 1h immediate 1s 1s 1s',
    'serve_stale 1h verify 1s 1s 1s 1s',
    'serve_stale 1h\nserve_stale_policy prefer_positive', // CoreDNS 1.14.7 only.
  ])('%j is refused for its arguments', (line) => {
    expect(bodyRefusal(`cache {\n${line}\n}`)).toMatch(/Wrong argument count or unexpected line ending/);
  });
});

/** Values of the table: plain numbers, names of CoreDNS's constants, `30 * time.Second`. */
function seconds(value: unknown): number {
  const constants: Record<string, number> = { minTTL: 5, minNTTL: 5, maxTTL: 3600, maxNTTL: 1800 };
  const { $id, $src } = value as { $id?: string; $src?: string };
  return $id ? constants[$id] : Number.parseInt($src ?? '', 10) * ($src?.includes('Minute') ? 60 : 1);
}

/** `1 * time.Hour` and the like. */
function staleUpTo(value: unknown): number {
  if (typeof value === 'number') return value;
  const source = (value as { $src: string }).$src;
  const unit = source.includes('Hour') ? 3600 : source.includes('Minute') ? 60 : 1;
  return Number.parseInt(/\d+/.exec(source)?.[0] ?? '1', 10) * unit;
}

needs('tables').describe('CoreDNS’s tables', () => {
  const inBlock = (row: Row) => bodyRefusal(`cache {\n${row.input}\n}`);

  test.each(tables('coredns-v1.13.2', 'TestSetup', 'plugin/cache/'))('%j', (row) => {
    const body = row.input as string;
    if (row.shouldErr) {
      expect(bodyRefusal(body)).toMatch(/^plugin\/cache: /);
      return;
    }
    const { success, denial } = options(body);
    const capacity = (value: unknown) => (typeof value === 'number' ? Math.max(1024, value) : 9984);
    expect([success.entriesMax, denial.entriesMax]).toEqual([row.expectedPcap, row.expectedNcap].map(capacity));
    expect([success.ttlSecondsMax, denial.ttlSecondsMax]).toEqual([row.expectedPttl, row.expectedNttl].map(seconds));
    expect([success.ttlSecondsMin, denial.ttlSecondsMin]).toEqual(
      [row.expectedMinPttl, row.expectedMinNttl].map(seconds),
    );
  });

  test.each(tables('coredns-v1.13.2', 'TestServfail'))('servfail: %j', (row) => {
    if (row.shouldErr) expect(inBlock(row)).toMatch(/^plugin\/cache: /);
    else {
      const expected = row.failttl === 0 ? 0 : seconds(row.failttl);
      expect(options(`cache {\n${row.input}\n}`).servfailTtlSeconds).toBe(expected);
    }
  });

  test.each(tables('coredns-v1.13.2', 'TestDisable'))('disable: %j', (row) => {
    if (row.shouldErr) expect(inBlock(row)).toMatch(/^plugin\/cache: /);
    else {
      const { success, denial } = options(`cache {\n${row.input}\n}`);
      expect([success.disabledZones, denial.disabledZones]).toEqual([row.pexcept ?? [], row.nexcept ?? []]);
    }
  });

  test.each(tables('coredns-v1.13.2', 'TestKeepttl'))('keepttl: %j', (row) => {
    expect(inBlock(row) !== undefined).toBe(row.shouldErr);
  });

  test.each(tables('coredns-v1.13.2', 'TestServeStale'))('serve_stale: %j', (row) => {
    if (row.shouldErr) expect(inBlock(row)).toMatch(/^plugin\/cache: /);
    else {
      const { staleSeconds, staleVerify } = options(`cache {\n${row.input}\n}`);
      expect([staleSeconds, staleVerify]).toEqual([staleUpTo(row.staleUpTo), row.verifyStale]);
    }
  });
});
