/** Runs on a node: asks the cache's /health again and again, and notes when it began and ceased to answer. */
import http from 'node:http';
import { uptimeMs } from '../drill/streams';
import { answerCalls } from '../support/calls';

const INTERVAL_MS = 20;
const PATIENCE_MS = 200;

/** When, in milliseconds of uptime, and whether it answered from then on. */
export interface HealthChange {
  readonly atMs: number;
  readonly isUp: boolean;
}

let changes: HealthChange[] = [];
let timer: NodeJS.Timeout | undefined;

function ask(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = http.get({ host, port, path: '/health', timeout: PATIENCE_MS, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}

function start(host: string, port: number): void {
  changes = [];
  let isUp: boolean | undefined;
  const look = async (): Promise<void> => {
    const atMs = uptimeMs();
    const now = await ask(host, port);
    if (now !== isUp) changes.push({ atMs: now ? uptimeMs() : atMs, isUp: now });
    isUp = now;
    timer = setTimeout(() => void look(), INTERVAL_MS);
  };
  void look();
}

function stop(): readonly HealthChange[] {
  clearTimeout(timer);
  return changes;
}

answerCalls({ start, stop });
