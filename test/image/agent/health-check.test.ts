/** The process asks its own /health. */
import { healthUrl, startHealthCheck } from '../../../image/agent/health-check';
import { HEALTH_CHECK_TIMEOUT_MS } from '../../../image/limits';
import { Registry } from '../../../image/observe/registry';
import { FakeWorld, fakeLog } from '../../support/fake-world';

function make(): {
  world: FakeWorld;
  registry: Registry;
  log: ReturnType<typeof fakeLog>;
  metric: (name: string) => number;
} {
  const registry = new Registry({ version: '1', revision: '', runtime: '' });
  const log = fakeLog();
  log.log.startRunning();
  const metric = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(registry.text())?.[1]);
  return { world: new FakeWorld(), registry, log, metric };
}

describe('the check of /health', () => {
  test.each([
    [{ host: '', port: 8080 }, 'http://localhost:8080/health'],
    [{ host: '0.0.0.0', port: 8080 }, 'http://localhost:8080/health'],
    [{ host: '::', port: 8080 }, 'http://localhost:8080/health'],
    [{ host: '169.254.20.10', port: 8080 }, 'http://169.254.20.10:8080/health'],
    [{ host: 'fd00::10', port: 8080 }, 'http://[fd00::10]:8080/health'],
  ])('%j is asked at %s', (address, url) => {
    expect(healthUrl(address)).toBe(url);
  });

  test('counts how long each answer took, once a second', async () => {
    const { world, registry, log, metric } = make();
    world.getMs = 2;
    startHealthCheck('http://localhost:8080/health', { ...world, counters: registry.counters, log: log.log });
    await world.clock.pass(3_500);
    expect(metric('coredns_health_request_duration_seconds_count')).toBe(3);
    expect(metric('coredns_health_request_duration_seconds_sum')).toBeCloseTo(0.006, 9);
    expect(metric('coredns_health_request_failures_total')).toBe(0);
    expect(log.late).toEqual([]);
  });

  test('warns when it takes more than a second, and never asks twice at a time', async () => {
    const { world, registry, log, metric } = make();
    world.getMs = 2_500;
    startHealthCheck('http://localhost:8080/health', { ...world, counters: registry.counters, log: log.log });
    await world.clock.pass(3_600);
    expect(metric('coredns_health_request_duration_seconds_count')).toBe(1);
    expect(log.late).toEqual([
      '[WARNING] plugin/health: Local health request to "http://localhost:8080/health" took more than 1s: 2.5s\n',
    ]);
  });

  test('counts failures, time-outs among them', async () => {
    const { world, registry, log, metric } = make();
    world.getError = 'connect ECONNREFUSED 127.0.0.1:8080';
    startHealthCheck('http://localhost:8080/health', { ...world, counters: registry.counters, log: log.log });
    await world.clock.pass(1_000);
    world.getMs = HEALTH_CHECK_TIMEOUT_MS + 1;
    await world.clock.pass(4_000);
    expect(metric('coredns_health_request_failures_total')).toBe(2);
    expect(log.late[0]).toBe(
      '[WARNING] plugin/health: Local health request to "http://localhost:8080/health" failed: connect ECONNREFUSED 127.0.0.1:8080\n',
    );
  });

  test('says nothing about the answer it gave up when it was ended', async () => {
    const { world, registry, log, metric } = make();
    world.getMs = 100;
    world.getError = 'socket hang up';
    const end = startHealthCheck('http://x/health', { ...world, counters: registry.counters, log: log.log });
    await world.clock.pass(1_000);
    end();
    await world.clock.pass(10_000);
    expect(log.late).toEqual([]);
    expect(metric('coredns_health_request_failures_total')).toBe(0);
  });
});
