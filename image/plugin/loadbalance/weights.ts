/**
 * Files of weights: a line with a name, and under it lines with an address and its weight.
 *
 *   www.example.org
 *   192.0.2.1 3
 *   192.0.2.2 1
 *
 * @source coredns plugin/loadbalance/weighted.go at v1.13.2
 */
import { CorefileError, text } from '../../corefile/errors';
import { formatIp, parseIp } from '../../corefile/ip-address';
import { normalizeName } from '../../corefile/zone-name';
import { WEIGHTS_FILE_CHARACTERS_MAX } from '../../limits';

/** Weights from 1 to 255 by address (as formatIp writes it) by name (lower-case FQDN). Plain data. */
export type WeightedNames = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** 1 to 255 in digits; undefined for anything else. */
function readWeight(word: string): number | undefined {
  const weight = /^[0-9]+$/.test(word) ? Number(word) : 0;
  return weight >= 1 && weight <= 255 ? weight : undefined;
}

/**
 * Read a file's text.
 * @param path for messages
 * @throws CorefileError in CoreDNS's words
 */
export function parseWeights(content: string, path: string): WeightedNames {
  if (content.length > WEIGHTS_FILE_CHARACTERS_MAX)
    throw new CorefileError(text.fileTooLong(path, content.length, WEIGHTS_FILE_CHARACTERS_MAX));
  const names: Record<string, Record<string, number>> = Object.create(null);
  let weights: Record<string, number> | undefined;
  for (const line of content.split('\n')) {
    const words = line.trim().split(/\s+/);
    if (words[0] === '' || words[0].startsWith('#')) continue;
    const address = parseIp(words[0]);
    if (words.length === 1) {
      if (address !== undefined) throw new CorefileError(text.weightName(words[0], path));
      const name = normalizeName(words[0]);
      names[name] ??= Object.create(null);
      weights = names[name];
      continue;
    }
    if (words.length > 2) throw new CorefileError(text.weightLine(line.trim(), path));
    if (address === undefined) throw new CorefileError(text.weightAddress(words[0], path));
    const weight = readWeight(words[1]);
    if (weight === undefined) throw new CorefileError(text.weightValue(words[1], path));
    if (weights === undefined) throw new CorefileError(text.weightNameMissing(path));
    weights[formatIp(address)] ??= weight; // The first of an address counts.
  }
  return names;
}
