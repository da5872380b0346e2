/** What is known of the configuration that runs, and of the last one that could not: for the command `status`. */
import { createHash } from 'node:crypto';

/** As `status --json` shows it. */
export interface ConfigStatus {
  /** The file's name in messages. */
  readonly file: string;
  /** SHA-512 of what it says (corefile/fingerprint.ts): the value of coredns_reload_version_info and of the log. */
  readonly sha512: string;
  /** When it was loaded, RFC 3339. */
  readonly loadedAt: string;
  /** The last reload that failed since then; null for none. */
  readonly failedReload: { readonly at: string; readonly reason: string } | null;
}

/** A Corefile as the agent has it. */
interface Loaded {
  readonly file: string;
  readonly text: string | null;
}

/** Asks for a Corefile's SHA-512. */
export type Fingerprint = (corefile: Loaded) => string;

/** One per process. */
export class ConfigHistory {
  private readonly fingerprint: Fingerprint;
  private readonly now: () => Date;
  private current: ConfigStatus | null = null;

  /** @param fingerprint may throw: then the text's own hash is shown */
  constructor(fingerprint: Fingerprint, now: () => Date = () => new Date()) {
    this.fingerprint = fingerprint;
    this.now = now;
  }

  /** It runs from now on. */
  loaded(corefile: Loaded): void {
    const { file } = corefile;
    const loadedAt = this.now().toISOString();
    this.current = { file, sha512: this.hash(corefile), loadedAt, failedReload: null };
  }

  /** A reload is tried. @returns what `change` gives or throws */
  async follow(corefile: Loaded, change: Promise<void>): Promise<void> {
    try {
      await change;
    } catch (error) {
      const failedReload = { at: this.now().toISOString(), reason: (error as Error).message };
      if (this.current !== null) this.current = { ...this.current, failedReload };
      throw error;
    }
    this.loaded(corefile);
  }

  /** Null before the first one is loaded. */
  get status(): ConfigStatus | null {
    return this.current;
  }

  private hash(corefile: Loaded): string {
    try {
      return this.fingerprint(corefile);
    } catch {
      return createHash('sha512')
        .update(corefile.text ?? '')
        .digest('hex');
    }
  }
}
