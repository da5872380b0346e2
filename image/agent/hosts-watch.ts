/**
 * Hosts files, read by main because a worker never waits for a disk: once before the start, then whenever modification
 * time or size changed, looked at every `reload`; while questions are answered in pieces, for the lease is kept on this thread.
 * @source CoreDNS plugin/hosts hostsfile.go
 */
import { HOSTS_FILE_BYTES_MAX, HOSTS_LINES_PER_TURN } from '../limits';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import { type HostsPack, HostsReading, NO_HOSTS } from '../plugin/hosts/pack';
import type { HostsFile } from './messages';
import type { Cancel, Clock, FileStamp, Files } from './world';

/** A file to watch. */
export interface WatchedHosts {
  readonly path: string;
  /** Milliseconds between two looks; 0 for never. */
  readonly reloadMs: number;
}

/** What watching needs. */
export interface HostsWatchAccess {
  readonly clock: Clock;
  readonly files: Files;
  readonly counters: Counters;
  readonly log: Log;
}

/** A file as it was read last. */
interface Known {
  readonly stamp: FileStamp;
  readonly pack: HostsPack;
}

/** The hosts files of a plan. */
export class HostsWatch {
  private readonly access: HostsWatchAccess;
  private readonly watched: readonly WatchedHosts[];
  private readonly known = new Map<string, Known>();
  private readonly refused = new Map<string, string>();
  private readonly reading = new Set<string>();
  private cancels: Cancel[] = [];
  private isStopped = false;

  /**
   * @param watched each path once; of two intervals for one path the caller gives the shorter
   * @param before of the plan before: what has not changed since is not read again
   */
  constructor(watched: readonly WatchedHosts[], access: HostsWatchAccess, before?: HostsWatch) {
    this.watched = watched;
    this.access = access;
    for (const { path } of watched) {
      const known = before?.known.get(path);
      if (known !== undefined) this.known.set(path, known);
    }
  }

  /** All files, read once, at a stretch. A missing one is empty (the plugin's setup warned): it may come later. */
  readAll(): HostsFile[] {
    return this.watched.map(({ path }) => {
      const stamp = this.access.files.stamp(path);
      if (!this.isKnown(path, stamp)) this.readNow(path, stamp);
      return { path, pack: this.known.get(path)?.pack ?? NO_HOSTS };
    });
  }

  private readNow(path: string, stamp: FileStamp | null): void {
    this.known.delete(path);
    if (stamp === null) return;
    this.attempt(path, () => {
      const reading = this.open(path, stamp);
      reading.step(Number.POSITIVE_INFINITY);
      this.keep(path, stamp, reading.pack());
    });
  }

  /** Look from now on. @param changed gets the new content of a file that changed */
  start(changed: (file: HostsFile) => void): void {
    for (const { path, reloadMs } of this.watched) {
      if (reloadMs > 0) this.cancels.push(this.access.clock.every(reloadMs, () => this.look(path, changed)));
    }
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.cancels.splice(0)) cancel();
  }

  private look(path: string, changed: (file: HostsFile) => void): void {
    const stamp = this.access.files.stamp(path);
    // What a missing file said last stays true.
    if (stamp === null || this.reading.has(path) || this.isKnown(path, stamp)) return;
    this.attempt(path, () => {
      const reading = this.open(path, stamp);
      this.reading.add(path);
      this.readOn(path, reading, () => {
        this.reading.delete(path);
        changed({ path, pack: this.keep(path, stamp, reading.pack()) });
      });
    });
  }

  /** In turns with everything else on the main thread. */
  private readOn(path: string, reading: HostsReading, done: () => void): void {
    if (this.isStopped) return;
    this.attempt(path, () => {
      if (reading.step(HOSTS_LINES_PER_TURN)) this.access.clock.after(0, () => this.readOn(path, reading, done));
      else done();
    });
  }

  private isKnown(path: string, stamp: FileStamp | null): boolean {
    const before = this.known.get(path)?.stamp;
    return stamp !== null && stamp.modifiedMs === before?.modifiedMs && stamp.bytes === before.bytes;
  }

  /** @throws Error when it is too large or cannot be read */
  private open(path: string, { bytes }: FileStamp): HostsReading {
    if (bytes > HOSTS_FILE_BYTES_MAX) throw new Error(`${bytes} bytes, want at most ${HOSTS_FILE_BYTES_MAX}`);
    return new HostsReading(this.access.files.read(path));
  }

  private keep(path: string, stamp: FileStamp, pack: HostsPack): HostsPack {
    this.known.set(path, { stamp, pack });
    this.refused.delete(path);
    const { counters } = this.access;
    counters.set(counters.slot('coredns_hosts_reload_timestamp_seconds'), stamp.modifiedMs / 1000);
    return pack;
  }

  private attempt(path: string, read: () => void): void {
    try {
      read();
    } catch (error) {
      this.reading.delete(path);
      this.warnOnce(path, (error as Error).message);
    }
  }

  /** The same trouble every five seconds is one line. */
  private warnOnce(path: string, reason: string): void {
    if (this.refused.get(path) === reason) return;
    this.refused.set(path, reason);
    this.access.log.plugin('hosts', 'WARNING', `${path} was not read, its last content stays: ${reason}`);
  }
}
