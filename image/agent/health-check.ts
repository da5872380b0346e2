/**
 * Does /health of our own answer, and how fast? Once a second; a process that is starved of CPU shows it here first.
 * @source CoreDNS plugin/health overloaded.go
 */
import { HEALTH_CHECK_MS, HEALTH_CHECK_TIMEOUT_MS, HEALTH_SLOW_MS } from '../limits';
import type { Counters } from '../observe/counters';
import { formatListenAddress, type ListenAddress } from '../observe/http';
import type { Log } from '../observe/log';
import { SLIM_TIME_BUCKETS } from '../observe/metrics';
import type { Cancel, Clock } from './world';

/** What the check needs. */
export interface HealthCheckAccess {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly log: Log;
  get(url: string, timeoutMs: number): Promise<void>;
}

/** The URL that reaches our own listener: any address of this machine when it listens on all. */
export function healthUrl(address: ListenAddress): string {
  const host = address.host === '' || address.host === '0.0.0.0' || address.host === '::' ? 'localhost' : address.host;
  return `http://${formatListenAddress({ host, port: address.port })}/health`;
}

/** Check from now on, never two at a time. @returns ends it */
export function startHealthCheck(url: string, access: HealthCheckAccess): Cancel {
  const { clock, counters, log } = access;
  const durationSlot = counters.slot('coredns_health_request_duration_seconds');
  const failuresSlot = counters.slot('coredns_health_request_failures_total');
  let asking = false;
  let ended = false;
  const check = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const startMs = clock.now();
    try {
      await access.get(url, HEALTH_CHECK_TIMEOUT_MS);
      const elapsedMs = clock.now() - startMs;
      counters.observe(durationSlot, SLIM_TIME_BUCKETS, elapsedMs / 1000);
      if (elapsedMs > HEALTH_SLOW_MS) {
        log.plugin('health', 'WARNING', `Local health request to "${url}" took more than 1s: ${elapsedMs / 1000}s`);
      }
    } catch (error) {
      if (ended) return; // Its listener was closed under it.
      counters.add(failuresSlot, 1);
      log.plugin('health', 'WARNING', `Local health request to "${url}" failed: ${(error as Error).message}`);
    } finally {
      asking = false;
    }
  };
  const cancel = clock.every(HEALTH_CHECK_MS, () => void check());
  return () => {
    ended = true;
    cancel();
  };
}
