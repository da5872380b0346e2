/** Numbers of the process, and the registry that puts them on the page. */
import { readFileSync } from 'node:fs';
import { PROCESS_PROBE, type ProcessProbe, readMaxDescriptors, readVirtualBytes } from '../../../image/observe/process';
import { Registry } from '../../../image/observe/registry';

const PROBE: ProcessProbe = {
  cpuSeconds: () => 1.5,
  residentBytes: () => 4096,
  virtualBytes: () => 8192,
  openDescriptors: () => 7,
  maxDescriptors: () => Number.POSITIVE_INFINITY,
  startSeconds: () => 1_790_000_000.25,
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
    ]),
  );
});

test('a worker that is added is on the page', () => {
  const registry = new Registry({ version: '1', revision: '', runtime: '' }, PROBE);
  registry.add({ values: new Float64Array([0, 5]), series: [{ metric: 'coredns_panics_total', labels: [], slot: 1 }] });
  expect(registry.text()).toContain('\ncoredns_panics_total 5\n');
});

test.each([
  ['Max open files            1024                 524288               files     ', 1024],
  ['Max open files            unlimited            unlimited            files     ', Number.POSITIVE_INFINITY],
  ['Max cpu time              unlimited            unlimited            seconds   ', 0],
  ['', 0],
])('the limit in %j is %p', (limits, expected) => {
  expect(
    readMaxDescriptors(`Limit                     Soft Limit           Hard Limit           Units     \n${limits}\n`),
  ).toBe(expected);
});

test.each([
  ['pages of 4 KiB', '1000 100 50 1 0 60 0', 409_600, 4_096_000],
  ['pages of 4 KiB, memory grown between the two reads', '1000 100 50 1 0 60 0', 500_000, 4_096_000],
  ['pages of 64 KiB', '1000 100 50 1 0 60 0', 6_553_600, 65_536_000],
  ['no /proc', '', 409_600, 0],
])('virtual memory: %s', (_, statm, residentBytes, expected) => {
  expect(readVirtualBytes(statm, residentBytes)).toBe(expected);
});

test('on this machine the numbers are those of the kernel', () => {
  const residentBytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
  expect(PROCESS_PROBE.residentBytes() / residentBytes).toBeCloseTo(1, 0);
  expect(PROCESS_PROBE.virtualBytes()).toBeGreaterThan(residentBytes);
  expect(PROCESS_PROBE.openDescriptors()).toBeGreaterThan(2);
  expect(PROCESS_PROBE.maxDescriptors()).toBeGreaterThan(PROCESS_PROBE.openDescriptors());
  expect(Math.abs(PROCESS_PROBE.startSeconds() - (Date.now() / 1000 - process.uptime()))).toBeLessThan(2);
  expect(PROCESS_PROBE.cpuSeconds()).toBeGreaterThan(0);
});
