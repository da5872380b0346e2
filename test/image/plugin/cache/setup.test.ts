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

  test.each(['prefetch 1 1h 50%', 'serve_stale'])('%s is refused for now, with its line', (line) => {
    const [name] = line.split(' ');
    expect(bodyRefusal(`cache {\nsuccess 1\n${line}\n}`)).toMatch(
      new RegExp(`^plugin/cache: Cf:4 - Error during parsing: option '${name}' is one that k8s-dns-node-cache has`),
    );
  });
});

/** Values of the table: plain numbers, names of CoreDNS's constants, `30 * time.Second`. */
function seconds(value: unknown): number {
  const constants: Record<string, number> = { minTTL: 5, minNTTL: 5, maxTTL: 3600, maxNTTL: 1800 };
  const { $id, $src } = value as { $id?: string; $src?: string };
  return $id ? constants[$id] : Number.parseInt($src ?? '', 10) * ($src?.includes('Minute') ? 60 : 1);
}

needs('tables').describe('CoreDNS’s tables', () => {
  const inBlock = (row: Row) => bodyRefusal(`cache {\n${row.input}\n}`);

  test.each(tables('coredns-v1.13.2', 'TestSetup', 'plugin/cache/'))('%j', (row) => {
    const body = row.input as string;
    if (row.shouldErr || body.includes('prefetch')) {
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

  test.each(tables('coredns-v1.13.2', 'TestServeStale'))('serve_stale is refused whatever follows: %j', (row) => {
    expect(inBlock(row)).toMatch(/option 'serve_stale'/);
  });
});
