import { Counters, type Series } from '../../../../image/observe/counters';
import { SIZE_BUCKETS, TIME_BUCKETS } from '../../../../image/observe/metrics';
import { ZONE_DROPPED, ZoneMeter } from '../../../../image/plugin/prometheus/meter';
import { Rcode, Type, typeByName } from '../../../../image/wire/codes';

const UDP = 0;
const TCP = 1;

/** A meter and what it counted: `metric{labels} value`, histograms as `count/sum`. */
function metered(zone = 'test.'): { meter: ZoneMeter; counted(): string[]; values: Float64Array } {
  const values = new Float64Array(8192);
  const series: Series[] = [];
  const meter = new ZoneMeter(new Counters(values, (one) => void series.push(one)), 'dns://:53', zone);
  const read = ({ metric, slot }: Series): string => {
    const bounds = metric.endsWith('_bytes') ? SIZE_BUCKETS : metric.endsWith('_seconds') ? TIME_BUCKETS : undefined;
    if (bounds === undefined) return String(values[slot]);
    const count = values.slice(slot, slot + bounds.length + 1).reduce((sum, bucket) => sum + bucket, 0);
    return `${count}/${values[slot + bounds.length + 1]}`;
  };
  const counted = (): string[] =>
    series
      .filter(({ metric }) => metric.startsWith('coredns_dns_'))
      .map((one) => `${one.metric.slice('coredns_dns_'.length)}{${one.labels.join()}} ${read(one)}`);
  return { meter, counted, values };
}

test('one query is these series, with these labels', () => {
  const { meter, counted } = metered();
  meter.count(UDP, 1, Type.A, 1, 40, Rcode.NXDOMAIN, 'forward', 100);
  meter.took(0.25);
  expect(counted().sort()).toEqual([
    'do_requests_total{dns://:53,test.,} 1',
    'request_duration_seconds{dns://:53,test.,} 1/0.25',
    'request_size_bytes{dns://:53,test.,,udp} 1/40',
    'requests_total{dns://:53,test.,,udp,1,A} 1',
    'response_size_bytes{dns://:53,test.,,udp} 1/100',
    'responses_total{dns://:53,test.,,NXDOMAIN,forward} 1',
  ]);
});

test.each<[string, string]>([
  ['A', 'A'],
  ['AAAA', 'AAAA'],
  ['HTTPS', 'HTTPS'],
  ['ANY', 'ANY'],
  ['CAA', 'other'], // Not in CoreDNS's list: nobody can make series by asking.
  ['TYPE65280', 'other'],
])('type %s is counted as %s', (type, label) => {
  const { meter, counted } = metered();
  meter.count(UDP, 1, typeByName(type) ?? Number(type.slice(4)), 0, 40, 0, '', 40);
  expect(counted()).toContain(`requests_total{dns://:53,test.,,udp,1,${label}} 1`);
});

test('protocols and families are told apart; sizes by protocol; answers by code and plugin', () => {
  const { meter, counted } = metered();
  meter.count(UDP, 1, Type.A, 0, 40, Rcode.NOERROR, 'cache', 50);
  meter.count(UDP, 2, Type.A, 0, 41, Rcode.NOERROR, 'forward', 60);
  meter.count(TCP, 2, Type.A, 0, 42, Rcode.SERVFAIL, '', 0);
  meter.count(TCP, 2, Type.AAAA, 0, 43, Rcode.NOERROR, 'cache', 70);
  const lines = counted();
  for (const line of [
    'requests_total{dns://:53,test.,,udp,1,A} 1',
    'requests_total{dns://:53,test.,,udp,2,A} 1',
    'requests_total{dns://:53,test.,,tcp,2,A} 1',
    'requests_total{dns://:53,test.,,tcp,2,AAAA} 1',
    'request_size_bytes{dns://:53,test.,,udp} 2/81',
    'request_size_bytes{dns://:53,test.,,tcp} 2/85',
    'response_size_bytes{dns://:53,test.,,udp} 2/110',
    'response_size_bytes{dns://:53,test.,,tcp} 2/70',
    'responses_total{dns://:53,test.,,NOERROR,cache} 2',
    'responses_total{dns://:53,test.,,NOERROR,forward} 1',
    'responses_total{dns://:53,test.,,SERVFAIL,} 1',
  ])
    expect(lines).toContain(line);
  expect(lines.some((line) => line.startsWith('do_requests'))).toBe(false);
});

test('every code up to BADCOOKIE has its name', () => {
  const { meter, counted } = metered();
  for (let rcode = 0; rcode < 24; rcode++) meter.count(UDP, 1, Type.A, 0, 40, rcode, 'template', 40);
  const codes = counted().flatMap((line) => /^responses_total\{.*,([^,]+),template\} 1$/.exec(line)?.[1] ?? []);
  expect(new Set(codes).size).toBe(24);
  expect(codes).toEqual(expect.arrayContaining(['NOERROR', 'REFUSED', 'BADSIG', 'BADCOOKIE']));
});

test('a duration is counted for several queries at once', () => {
  const { meter, counted } = metered();
  for (let index = 0; index < 64; index++) meter.count(UDP, 1, Type.A, 0, 40, 0, 'cache', 40);
  meter.took(0.5, 64);
  expect(counted()).toContain('request_duration_seconds{dns://:53,test.,} 64/32');
});

test('series are made once, however much is counted', () => {
  const { meter, counted } = metered(ZONE_DROPPED);
  for (let index = 0; index < 1000; index++) {
    meter.count(index & 1, 1, index, 0, 40, Rcode.REFUSED, index % 3 === 0 ? 'a' : '', 40);
    meter.took(0.001);
  }
  const lines = counted();
  expect(lines.every((line) => line.includes('{dns://:53,dropped,'))).toBe(true);
  expect(lines.filter((line) => line.startsWith('responses_total'))).toEqual([
    'responses_total{dns://:53,dropped,,REFUSED,a} 334',
    'responses_total{dns://:53,dropped,,REFUSED,} 666',
  ]);
  expect(lines.length).toBe(new Set(lines.map((line) => line.split('}')[0])).size);
});
