/** The world of a command in memory: what it wrote, and files and keys that the test brings. */
import type { CommandWorld } from '../../../image/commands/command';

export class FakeCommandWorld implements CommandWorld {
  environment: Record<string, string | undefined> = {};
  out = '';
  errors = '';
  isTerminal = false;
  columns = 80;
  rows = 24;
  readonly files: Record<string, string> = {};
  private listener: (key: string) => void = () => {};

  write(text: string): void {
    this.out += text;
  }

  complain(text: string): void {
    this.errors += text;
  }

  size(): { columns: number; rows: number } {
    return { columns: this.columns, rows: this.rows };
  }

  keys(listener: (key: string) => void): () => void {
    this.listener = listener;
    return () => {
      this.listener = () => {};
    };
  }

  /** Somebody presses it. */
  press(key: string): void {
    this.listener(key);
  }

  readFile(path: string): string {
    const text = this.files[path];
    if (text === undefined) throw Object.assign(new Error('missing'), { code: 'ENOENT', syscall: 'open', path });
    return text;
  }
}
