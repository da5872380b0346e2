/** The pages of `pprof`: profiles of main and of the first worker, one at a time and for a bounded time. */
import { PROFILE_CPU_SECONDS, PROFILE_HEAP_SECONDS, PROFILE_LATE_MS, PROFILE_SECONDS_MAX } from '../limits';
import type { Page, Route } from '../observe/http';
import { type ProfileKind, Profiler } from '../observe/profiler';
import type { MessageToWorker } from './messages';
import type { AddressFact } from './plan-facts';
import type { Clock } from './world';

/** What the pages need. */
export interface ProfilesAccess {
  readonly clock: Clock;
  /** Of the process, as started. */
  readonly commandLine: readonly string[];
  /** To the worker that is looked at. */
  post(message: MessageToWorker): void;
}

const ROOT = '/debug/pprof';
const TEXT = 'text/plain; charset=utf-8';

const problem = (status: number, what: string): Page => ({ status, contentType: TEXT, body: `${what}\n` });

/** Seconds asked for, or undefined when they are none or too many. */
function secondsOf(parameters: URLSearchParams, usual: number): number | undefined {
  const text = parameters.get('seconds') ?? String(usual);
  const seconds = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= PROFILE_SECONDS_MAX ? seconds : undefined;
}

/** One per process. */
export class Profiles {
  private readonly access: ProfilesAccess;
  private readonly main = new Profiler();
  private busy = false;
  private kind: ProfileKind = 'cpu';
  /** Who waits for the worker's profile. */
  private settle: ((page: Page) => void) | undefined;

  constructor(access: ProfilesAccess) {
    this.access = access;
  }

  /** All paths on one address. */
  routes({ address, origin }: AddressFact): Route[] {
    const page = (path: string, make: Route['page']): Route => ({
      address,
      origin,
      path: `${ROOT}${path}`,
      page: make,
    });
    return [
      page('', () => ({ status: 302, contentType: TEXT, body: '', location: `${ROOT}/` })),
      page('/', () => index()),
      page('/cmdline', () => ({ contentType: TEXT, body: this.access.commandLine.join('\0') })),
      page('/profile', (parameters) => this.take('cpu', parameters, PROFILE_CPU_SECONDS)),
      page('/heap', (parameters) => this.take('heap', parameters, PROFILE_HEAP_SECONDS)),
    ];
  }

  private async take(kind: ProfileKind, parameters: URLSearchParams, usual: number): Promise<Page> {
    const seconds = secondsOf(parameters, usual);
    if (seconds === undefined) return problem(400, `seconds must be a whole number from 1 to ${PROFILE_SECONDS_MAX}`);
    const thread = parameters.get('thread') ?? 'worker';
    if (thread !== 'worker' && thread !== 'main') return problem(400, 'thread must be worker or main');
    if (this.busy) return problem(409, 'another profile is being taken: try again when it is done');
    this.busy = true;
    try {
      return await (thread === 'main' ? this.takeMain(kind, seconds) : this.takeWorker(kind, seconds));
    } finally {
      this.busy = false;
    }
  }

  private async takeMain(kind: ProfileKind, seconds: number): Promise<Page> {
    try {
      this.main.start(kind);
      await this.wait(seconds * 1000);
      return profile(kind, this.main.stop());
    } catch (error) {
      return problem(500, (error as Error).message);
    }
  }

  private async takeWorker(kind: ProfileKind, seconds: number): Promise<Page> {
    const { clock, post } = this.access;
    return new Promise((resolve) => {
      const cancelStop = clock.after(seconds * 1000, () => post({ kind: 'profile-stop' }));
      const overdueMs = seconds * 1000 + PROFILE_LATE_MS;
      const cancelLate = clock.after(overdueMs, () => this.settle?.(problem(500, 'the worker gave no profile')));
      this.settle = (page) => {
        cancelStop();
        cancelLate();
        this.settle = undefined;
        resolve(page);
      };
      this.kind = kind;
      post({ kind: 'profile-start', what: kind });
    });
  }

  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.access.clock.after(ms, resolve));
  }

  /** The worker's answer. @param error why there is none; '' when there is one */
  receive(text: string, error: string): void {
    this.settle?.(error === '' ? profile(this.kind, text) : problem(500, error));
  }
}

function profile(kind: ProfileKind, body: string): Page {
  return { contentType: 'application/json', body, fileName: `nodelocaldns.${kind}profile` };
}

function index(): Page {
  const rows = [
    ['profile?seconds=10', 'where the worker spends its time: a V8 CPU profile'],
    ['profile?seconds=10&amp;thread=main', 'the same of the main thread'],
    ['heap?seconds=10', 'who allocated what the worker holds: a V8 sampling heap profile'],
    ['heap?seconds=10&amp;thread=main', 'the same of the main thread'],
    ['cmdline', 'how the process was started'],
  ].map(([path, what]) => `<li><a href="${path}">${path}</a>: ${what}</li>`);
  const body = `<!doctype html><title>${ROOT}/</title><h1>${ROOT}/</h1><ul>${rows.join('')}</ul>\n`;
  return { contentType: 'text/html; charset=utf-8', body };
}
