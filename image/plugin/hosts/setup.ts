/** `hosts [FILE [ZONES…]] { LINES; ttl SECONDS; reload DURATION; no_reverse; fallthrough [ZONES…] }` */
import type { Controller, Draft } from '../../corefile/controller';
import { type Environment, fileErrorText, type PathKind } from '../../corefile/environment';
import { text } from '../../corefile/errors';
import { parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { integerOrNothing } from '../../corefile/go-integer';
import { fallthroughZones, zonesOrBlock } from '../zones';

/** What `hosts` says. The file itself is read later, and again whenever it changes. */
export interface HostsOptions {
  /** File in the form of /etc/hosts; it need not exist. @default /etc/hosts */
  readonly path: string;
  /** Names at or below these are answered, normalized. @default the block's zones */
  readonly zones: readonly string[];
  /** Lines of the block, in the form of the file's; they come after the file's. */
  readonly lines: readonly string[];
  /** TTL of the answers. @default 3600 */
  readonly ttlSeconds: number;
  /** Time between two looks at the file; 0 is never. @default 5000 */
  readonly reloadMs: number;
  /** Answer PTR questions from the same lines. @default true */
  readonly reverse: boolean;
  /** Zones whose unknown names go to the next plugin, normalized. @default none: unknown names are SERVFAIL */
  readonly fallthrough: readonly string[];
}

type HostsDraft = Draft<HostsOptions> & { lines: string[] };

function kindOf(path: string, environment: Environment, controller: Controller): PathKind {
  try {
    return environment.pathKind(path);
  } catch (error) {
    const cause = fileErrorText(error, path).replace(/^open /, 'stat ');
    throw controller.error(text.hostsAccess(path, cause));
  }
}

function readPath(path: string, controller: Controller): string {
  const kind = kindOf(path, controller.environment, controller);
  if (kind === 'missing') controller.warn(text.hostsMissing(path));
  if (kind === 'directory') controller.warn(text.hostsDirectory(path));
  return path;
}

function readTtl(controller: Controller): number {
  const [value] = controller.remainingArguments();
  if (value === undefined) throw controller.error(text.hostsTtlNothing);
  const seconds = integerOrNothing(value);
  if (seconds === undefined) throw controller.error(text.hostsTtlText);
  if (seconds <= 0 || seconds > 65535) throw controller.error(text.hostsTtlRange);
  return seconds;
}

function readReload(controller: Controller): number {
  const values = controller.remainingArguments();
  if (values.length !== 1) throw controller.error(text.hostsReloadNothing);
  let duration: bigint;
  try {
    duration = parseDuration(values[0]);
  } catch {
    throw controller.error(text.hostsReloadText(values[0]));
  }
  if (duration < 0n) throw controller.error(text.hostsReloadNegative(values[0]));
  return toMilliseconds(duration);
}

function readOption(controller: Controller, options: HostsDraft): void {
  switch (controller.value) {
    case 'fallthrough':
      options.fallthrough = fallthroughZones(controller.remainingArguments());
      return;
    case 'no_reverse':
      options.reverse = false;
      return;
    case 'ttl':
      options.ttlSeconds = readTtl(controller);
      return;
    case 'reload':
      options.reloadMs = readReload(controller);
      return;
    default:
      // Any other word begins a line of the file, but only before `fallthrough`.
      if (options.fallthrough.length > 0) throw controller.error(text.unknownProperty(controller.value));
      options.lines.push([controller.value, ...controller.remainingArguments()].join(' '));
  }
}

/**
 * Reads `hosts`.
 * @throws CorefileError
 * @source coredns plugin/hosts/setup.go
 */
export function setup(controller: Controller): HostsOptions {
  const options: HostsDraft = {
    path: '/etc/hosts',
    zones: [],
    lines: [],
    ttlSeconds: 3600,
    reloadMs: 5000,
    reverse: true,
    fallthrough: [],
  };
  controller.once(() => {
    const [path, ...names] = controller.remainingArguments();
    if (path !== undefined) options.path = readPath(path, controller);
    options.zones = zonesOrBlock(names, controller);
    while (controller.nextBlock()) readOption(controller, options);
  });
  return options;
}
