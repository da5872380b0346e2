/**
 * Hosts files, read by main because a worker never waits for a disk: once before the start, then whenever modification
 * time or size changed, looked at every `reload`.
 * @source CoreDNS plugin/hosts hostsfile.go
 */
import { HOSTS_FILE_BYTES_MAX } from '../limits';
import type { Counters } from '../observe/counters';
import type { Log } from '../observe/log';
import { NO_HOSTS, packHosts } from '../plugin/hosts/pack';
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

/** The hosts files of a plan. */
export class HostsWatch {
  private readonly access: HostsWatchAccess;
  private readonly watched: readonly WatchedHosts[];
  private readonly stamps = new Map<string, FileStamp>();
  private readonly refused = new Map<string, string>();
  private cancels: Cancel[] = [];

  /** @param watched each path once; of two intervals for one path the caller gives the shorter */
  constructor(watched: readonly WatchedHosts[], access: HostsWatchAccess) {
    this.watched = watched;
    this.access = access;
  }

  /** Read all files once. A missing one is empty (the plugin's setup warned): it may come later. */
  readAll(): HostsFile[] {
    return this.watched.map(({ path }) => this.readChanged(path) ?? { path, pack: NO_HOSTS });
  }

  /** Look from now on. @param changed gets the new content of a file that changed */
  start(changed: (file: HostsFile) => void): void {
    for (const { path, reloadMs } of this.watched) {
      if (reloadMs === 0) continue;
      const look = (): void => {
        const file = this.readChanged(path);
        if (file !== null) changed(file);
      };
      this.cancels.push(this.access.clock.every(reloadMs, look));
    }
  }

  stop(): void {
    for (const cancel of this.cancels.splice(0)) cancel();
  }

  /** @returns null when the file is as before, missing (what it said last stays true), too large or unreadable */
  private readChanged(path: string): HostsFile | null {
    const stamp = this.access.files.stamp(path);
    if (stamp === null) return null;
    const before = this.stamps.get(path);
    if (before?.modifiedMs === stamp.modifiedMs && before.bytes === stamp.bytes) return null;
    try {
      if (stamp.bytes > HOSTS_FILE_BYTES_MAX)
        throw new Error(`${stamp.bytes} bytes, want at most ${HOSTS_FILE_BYTES_MAX}`);
      const pack = packHosts(this.access.files.read(path));
      this.stamps.set(path, stamp);
      this.refused.delete(path);
      const { counters } = this.access;
      counters.set(counters.slot('coredns_hosts_reload_timestamp_seconds'), stamp.modifiedMs / 1000);
      return { path, pack };
    } catch (error) {
      this.warnOnce(path, (error as Error).message);
      return null;
    }
  }

  /** The same trouble every five seconds is one line. */
  private warnOnce(path: string, reason: string): void {
    if (this.refused.get(path) === reason) return;
    this.refused.set(path, reason);
    this.access.log.plugin('hosts', 'WARNING', `${path} was not read, its last content stays: ${reason}`);
  }
}
