/** Which of a plugin's zones a name lies in. */
import { LABEL_BYTES_MAX } from '../limits';
import { nameToText, textToName } from '../wire/name-text';

/** What is written the same way by everybody: lower-case letters, digits, `-`, `_` and `*`. */
const PLAIN = /^(?:[a-z0-9_*-]{1,63}\.)+$/;

/**
 * A name in the one form that {@link Query.name} has: lower case, final dot, escapes as miekg/dns writes them.
 * @param text as an operator writes it, with or without the final dot
 * @returns undefined when it is no domain name
 */
export function canonicalName(text: string): string | undefined {
  const lower = text.toLowerCase();
  const dotted = lower.endsWith('.') ? lower : `${lower}.`;
  if (PLAIN.test(dotted) && dotted.length < 4 * LABEL_BYTES_MAX) return dotted; // Surely under 255 octets.
  const name = textToName(lower);
  return name && nameToText(name, 0);
}

/** Index behind the first label's dot, or -1 behind the last label. An escaped dot is none. */
function nextLabel(name: string, start: number): number {
  for (let index = start; index < name.length; index++) {
    if (name[index] === '\\') index++;
    else if (name[index] === '.') return index + 1 < name.length ? index + 1 : -1;
  }
  return -1;
}

export class ZoneList {
  private readonly zones: ReadonlySet<string>;
  private readonly hasRoot: boolean;
  private readonly isRootOnly: boolean;

  /** @param zones of a Corefile; what is no name matches nothing */
  constructor(zones: readonly string[]) {
    this.zones = new Set(zones.flatMap((zone) => (zone === '.' ? '.' : (canonicalName(zone) ?? []))));
    this.hasRoot = this.zones.has('.');
    this.isRootOnly = this.hasRoot && this.zones.size === 1;
  }

  /** Is every name in one of the zones? */
  get coversAll(): boolean {
    return this.hasRoot;
  }

  /**
   * The longest zone that is the name or above it, or `''`.
   * @param name as {@link canonicalName} makes it
   * @source coredns plugin/plugin.go Zones.Matches
   */
  find(name: string): string {
    if (this.isRootOnly) return '.';
    for (let start = 0; start >= 0 && this.zones.size > 0; start = nextLabel(name, start)) {
      const zone = start === 0 ? name : name.slice(start);
      if (this.zones.has(zone)) return zone;
    }
    return this.hasRoot ? '.' : '';
  }
}
