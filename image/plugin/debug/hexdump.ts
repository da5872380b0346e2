/** Messages as hexadecimal text for the log. */

/** Octets per line. */
const LINE_BYTES = 16;
/** Octets that are shown; of a longer message the head says what it is. */
const SHOWN_BYTES_MAX = 512;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/**
 * Lines of `debug: OFFSET OCTETS`, which text2pcap reads; the last one has the offset of the end alone.
 * @source coredns plugin/debug/pcap.go
 */
export function hexdump(bytes: Uint8Array, offset: number, length: number): string[] {
  const shown = Math.min(length, SHOWN_BYTES_MAX);
  const lines: string[] = [];
  for (let start = 0; start < shown; start += LINE_BYTES) {
    const end = Math.min(start + LINE_BYTES, shown);
    let line = `debug: ${hex(start, 6)}`;
    for (let index = start; index < end; index++) line += ` ${hex(bytes[offset + index], 2)}`;
    lines.push(line);
  }
  return [...lines, `debug: ${hex(shown, 6)}`];
}
