/**
 * Which signal does what, as caddy has it, because DaemonSets, init scripts and people rely on it.
 *
 *   SIGTERM  drain, then 0 (3 or 4 when a step failed)      SIGHUP   nothing: terminals send it
 *   SIGINT   the same; a second one ends at once with 2     SIGUSR1  reload
 *   SIGQUIT  ends at once with 0, pidfile removed           SIGUSR2  nothing: upgrades are the DaemonSet's
 *
 * @source coredns/caddy sigtrap.go, sigtrap_posix.go
 */
import type { Log } from '../observe/log';

/** `process`, or a test's stand-in. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
}

/** What a signal may ask of the process. */
export interface SignalActions {
  /** Drain and stop; resolves with the exit code. Called once. */
  stop(): Promise<number>;
  /** Load the Corefile anew. @param reason the signal's name, for the log */
  reload(reason: string): Promise<void>;
  /** What must not stay behind when the process ends at once. */
  abandon(): void;
  /** End the process. */
  exit(code: number): void;
}

/** Listen to all signals of the table. */
export function trapSignals(source: SignalSource, actions: SignalActions, log: Log): void {
  let stopping = false;
  let interrupts = 0;
  const stop = (text: string): void => {
    if (stopping) return;
    stopping = true;
    log.info(text);
    void actions.stop().then((code) => actions.exit(code));
  };
  source.on('SIGTERM', () => stop('SIGTERM: Shutting down servers then terminating'));
  source.on('SIGINT', () => {
    interrupts++;
    if (interrupts > 1) {
      log.info('SIGINT: Force quit');
      actions.abandon();
      actions.exit(2);
      return;
    }
    stop('SIGINT: Shutting down');
  });
  source.on('SIGQUIT', () => {
    log.info('SIGQUIT: Quitting process immediately');
    actions.abandon();
    actions.exit(0);
  });
  source.on('SIGUSR1', () => void actions.reload('SIGUSR1'));
  source.on('SIGHUP', () => {});
  source.on('SIGUSR2', () => {});
}
