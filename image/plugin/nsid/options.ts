/** Options of an OPT record as a list. */
import { OPTION_HEADER_BYTES } from '../../wire/edns';

/** Code and data of one option. */
export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

/** The options in an OPT record's data; what is cut short at its end is left out. */
export function optionsOf(data: Uint8Array): EdnsOption[] {
  const options: EdnsOption[] = [];
  for (let at = 0; at + OPTION_HEADER_BYTES <= data.length; ) {
    const code = (data[at] << 8) | data[at + 1];
    const start = at + OPTION_HEADER_BYTES;
    at = start + ((data[at + 2] << 8) | data[at + 3]);
    if (at <= data.length) options.push({ code, data: data.subarray(start, at) });
  }
  return options;
}

/** The same data with this option in the place of those of its code, or behind all others. */
export function withOption(data: Uint8Array, code: number, value: Uint8Array): Uint8Array {
  const options = optionsOf(data);
  const mine = { code, data: value };
  const isThere = options.some((option) => option.code === code);
  const changed = isThere ? options.map((option) => (option.code === code ? mine : option)) : [...options, mine];
  return Uint8Array.from(
    changed.flatMap((option) => {
      const bytes = option.data.length;
      return [option.code >>> 8, option.code & 0xff, bytes >>> 8, bytes & 0xff, ...option.data];
    }),
  );
}
