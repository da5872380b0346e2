/** Blocks that say the same, and blocks that do not. */
import { readCorefile } from '../../../lib/migrate/corefile-text';
import { readZone, type ZoneReading } from '../../../lib/migrate/zone-reading';

function read(body: string): ZoneReading {
  return readZone(readCorefile(`. {\n${body}\n}`)![0]);
}

describe('readZone', () => {
  test.each([
    ['cache', 'cache {\n  success 9984 3600\n  denial 9984 1800\n}'],
    ['cache 30', 'cache {\n  denial 9984 30\n  success 9984 30\n}'],
    ['cache 30 {\n}', 'cache 30'],
    ['cache {\n success 9984 30 5\n}', 'cache {\n success 9984 30\n}'],
    ['cache {\n prefetch 2\n}', 'cache {\n prefetch 2 60s 10%\n}'],
    ['cache {\n prefetch 1 1h 50%\n}', 'cache {\n prefetch 1 60m 50%\n}'],
    ['cache {\n serve_stale\n}', 'cache {\n serve_stale 1h immediate\n}'],
    ['cache {\n serve_stale 24h verify\n}', 'cache {\n serve_stale 86400s verify 1800ms 0s 0s\n}'],
    ['cache {\n servfail 1m30s\n}', 'cache {\n servfail 90s\n}'],
    ['forward . 1.1.1.1 {\n expire 10s\n max_fails 2\n policy random\n}', 'forward . 1.1.1.1'],
    ['forward . 1.1.1.1 {\n health_check 0.5s\n}', 'forward . 1.1.1.1 {\n}'],
    ['log', 'log . {\n class all\n}'],
    ['prometheus :9253\nhealth a:1', 'health a:1\nprometheus :9253'],
  ])('%j is %j', (one, other) => {
    expect(read(one).zone).toEqual(read(other).zone);
    expect(read(one).lost).toEqual([]);
  });

  test.each([
    ['cache', ''],
    ['cache 30', 'cache 31'],
    ['cache {\n serve_stale\n}', 'cache {\n serve_stale 1h verify\n}'],
    ['cache {\n keepttl\n}', 'cache'],
    ['forward . 1.1.1.1', 'forward . 1.1.1.1 {\n force_tcp\n}'],
    ['forward . 1.1.1.1 1.0.0.1', 'forward . 1.0.0.1 1.1.1.1'],
    ['log', ''],
    ['template IN AAAA {\n rcode NOERROR\n}', ''],
  ])('%j is not %j', (one, other) => {
    expect(read(one).zone).not.toEqual(read(other).zone);
  });

  test('what no value says is left for extraPlugins', () => {
    const reading = read('errors\nloadbalance\nlog example.org\ntemplate ANY A {\n rcode NXDOMAIN\n}');
    expect(reading.extra.map(({ name }) => name)).toEqual(['loadbalance', 'log', 'template']);
    expect(reading.plain).toEqual(['errors']);
    expect(reading.lost).toEqual([]);
  });

  test('a lame duck is of the process', () => {
    expect(read('health :8080 {\n lameduck 1m\n}')).toMatchObject({ health: ':8080', lameduckSeconds: 60, lost: [] });
  });

  test('what neither a value nor a line beside the others can say is lost', () => {
    expect(read('cache 30 example.org').lost).toEqual(['cache 30 example.org']);
    expect(read('cache {\n frobnicate\n}').lost).toEqual(['cache { frobnicate }']);
    expect(read('forward example.org 1.1.1.1').lost).toEqual(['forward example.org 1.1.1.1']);
    expect(read('forward . 1.1.1.1\nforward . 1.0.0.1').lost).toEqual(['forward . 1.0.0.1']);
    expect(read('forward . 1.1.1.1 {\n tls a b\n}').lost).toHaveLength(1);
    expect(read('health {\n lameduck soon\n}').lost).toEqual(['health lameduck soon']);
  });
});
