import { fallthroughZones } from '../../../image/plugin/zones';
import { type Row, tables } from '../../support/coredns-tables';
import { optionsOf, planOf } from '../../support/corefile';
import { needs } from '../../support/needs';

test('fallthrough without zones is for all names', () => {
  expect(fallthroughZones([])).toEqual(['.']);
  expect(fallthroughZones(['A', '10.0.0.0/8', 'a..b'])).toEqual(['a.', '10.in-addr.arpa.']);
});

needs('tables').describe('CoreDNS’s table of zones', () => {
  test.each(
    tables('coredns-v1.13.2', 'TestOriginsFromArgsOrServerBlock').filter((row: Row) => !/utf-8/.test(String(row.name))),
  )('$name', (row) => {
    const [key = 'x'] = (row.serverblock as string[] | null) ?? [];
    const names = (row.args as string[] | null) ?? [];
    const [block] = planOf(`${key} {\n cache ${names.join(' ')}\n}`).blocks;
    const { zones } = block.plugins[0].options as { zones: string[] };
    // CoreDNS's function sees a network as its first zone only; by then the key has become one zone each.
    expect(names.length > 0 ? zones : zones.slice(0, 1)).toEqual(row.expected);
  });
});

test('the block’s zones are meant when none is named', () => {
  expect(optionsOf<{ zones: string[] }>('cache', 'cache').zones).toEqual(['example.org.']);
});
