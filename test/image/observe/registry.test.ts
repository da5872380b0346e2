/** The page of a process: main and its workers together. */
import type { ProcessProbe } from '../../../image/observe/process';
import { Registry } from '../../../image/observe/registry';

const PROBE: ProcessProbe = {
  cpuSeconds: () => 1.5,
  residentBytes: () => 4096,
  virtualBytes: () => 8192,
  openDescriptors: () => 7,
  maxDescriptors: () => Number.POSITIVE_INFINITY,
  startSeconds: () => 1_790_000_000.25,
  virtualBytesMax: () => 2 ** 64,
  networkBytes: () => ({ received: 10, sent: 20 }),
};

test('the page has the build, the five set-up errors at 0 and the process', () => {
  const page = new Registry({ version: '1.2.3', revision: '', runtime: 'node24.1.0' }, PROBE).text().split('\n');
  expect(page).toEqual(
    expect.arrayContaining([
      'coredns_build_info{version="1.2.3",revision="",goversion="node24.1.0"} 1',
      'coredns_nodecache_setup_errors_total{errortype="configmap"} 0',
      'coredns_nodecache_setup_errors_total{errortype="interface_add"} 0',
      'coredns_nodecache_setup_errors_total{errortype="interface_check"} 0',
      'coredns_nodecache_setup_errors_total{errortype="iptables"} 0',
      'coredns_nodecache_setup_errors_total{errortype="iptables_lock"} 0',
      'process_cpu_seconds_total 1.5',
      'process_resident_memory_bytes 4096',
      'process_virtual_memory_bytes 8192',
      'process_open_fds 7',
      'process_max_fds +Inf',
      'process_start_time_seconds 1790000000.25',
      'process_virtual_memory_max_bytes 18446744073709552000',
      'process_network_receive_bytes_total 10',
      'process_network_transmit_bytes_total 20',
    ]),
  );
});

test('a worker that is added is on the page', () => {
  const registry = new Registry({ version: '1', revision: '', runtime: '' }, PROBE);
  registry.add({ values: new Float64Array([0, 5]), series: [{ metric: 'coredns_panics_total', labels: [], slot: 1 }] });
  expect(registry.text()).toContain('\ncoredns_panics_total 5\n');
});

test('of many Corefiles that were tried the page has the last', () => {
  const registry = new Registry({ version: '1', revision: '', runtime: '' }, PROBE);
  for (let time = 0; time < 100_000; time++) registry.showReload(String(time));
  const lines = registry.text().match(/^coredns_reload_version_info.*$/gm);
  expect(lines).toEqual(['coredns_reload_version_info{hash="sha512",value="99999"} 1']);
  expect(registry.text()).toContain('\nnodelocaldns_series_dropped_total 0\n');
});
