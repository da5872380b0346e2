/** `loadbalance [round_robin | weighted FILE { reload DURATION }] { prefer CIDR… }` */
import type { Controller, Draft } from '../../corefile/controller';
import { fileErrorText } from '../../corefile/environment';
import { CorefileError, text } from '../../corefile/errors';
import { formatDuration, parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { type Network, parseNetwork } from '../acl/network';
import { parseWeights, type WeightedNames } from './weights';

/** A file of weights. */
export interface WeightFile {
  readonly path: string;
  /** Time between two looks at the file; 0 is never. @default 30000 */
  readonly reloadMs: number;
  /** What it said when the Corefile was read; null when it could not be opened. */
  readonly names: WeightedNames | null;
}

/** What `loadbalance` says. */
export interface LoadbalanceOptions {
  /** Addresses stand first as often as their weights say; undefined for a random order. */
  readonly weighted: WeightFile | undefined;
  /** Addresses in these networks come first, in the order of the networks. */
  readonly prefer: readonly Network[];
}

const RELOAD_MS = 30_000;

function readReload(controller: Controller): number {
  const values = controller.remainingArguments();
  if (values.length < 1) throw controller.error(text.loadbalanceReloadNothing);
  if (values.length > 1) throw controller.error(text.loadbalanceReloadMany);
  let duration: bigint;
  try {
    duration = parseDuration(values[0]);
  } catch {
    throw controller.error(text.loadbalanceReload(values[0]));
  }
  if (duration < 0n) throw controller.error(text.loadbalanceReloadNegative(values[0]));
  return toMilliseconds(duration);
}

/** @returns null when the file is not there and will be looked for again */
function readNames(controller: Controller, path: string, reloadMs: number): WeightedNames | null {
  let content: string;
  try {
    content = controller.environment.readFile(path);
  } catch (error) {
    const cause = fileErrorText(error, path);
    if (cause.startsWith('read ')) throw new CorefileError(cause); // It was opened: a directory.
    if (reloadMs === 0) throw new CorefileError(text.weightFileOpen);
    controller.warn(text.weightFileMissing(formatDuration(BigInt(reloadMs) * 1_000_000n)));
    return null;
  }
  return parseWeights(content, path);
}

function readWeighted(controller: Controller, words: readonly string[]): WeightFile {
  if (words.length < 1) throw controller.error(text.loadbalanceFileNothing);
  if (words.length > 1) throw controller.error(text.loadbalanceFileMany);
  const [path] = words;
  let reloadMs = RELOAD_MS;
  while (controller.nextBlock()) {
    if (controller.value !== 'reload') throw controller.error(text.unknownProperty(controller.value));
    reloadMs = readReload(controller);
  }
  return { path, reloadMs, names: readNames(controller, path, reloadMs) };
}

function readPolicy(controller: Controller, [policy, ...words]: readonly string[], options: Draft<LoadbalanceOptions>) {
  if (policy === 'weighted') {
    options.weighted = readWeighted(controller, words);
    options.prefer = [];
    return;
  }
  if (policy !== undefined && policy !== 'round_robin') throw new CorefileError(text.loadbalancePolicy(policy));
  if (words.length > 0) throw controller.error(text.loadbalanceProperty(policy));
  options.weighted = undefined;
}

/**
 * Reads `loadbalance`; of several the last policy counts.
 * @throws CorefileError
 * @source coredns plugin/loadbalance/setup.go at v1.13.2
 */
export function setup(controller: Controller): LoadbalanceOptions {
  const options: Draft<LoadbalanceOptions> = { weighted: undefined, prefer: [] };
  while (controller.next()) {
    readPolicy(controller, controller.remainingArguments(), options);
    while (controller.nextBlock()) {
      if (controller.value !== 'prefer') throw controller.error(text.unknownProperty(controller.value));
      for (const value of controller.remainingArguments()) {
        const network = parseNetwork(value);
        if (network === undefined) throw controller.error(text.loadbalanceNetwork(value, text.cidrAddress(value)));
        options.prefer = [...options.prefer, network];
      }
    }
  }
  return options;
}
