/** One server block: a zone's values to lines, in the order of the manifest of Kubernetes. */
import { eachObject, type Lines, verbatim, when } from '../helm/control';
import { inline, join } from '../helm/functions';
import { include, type NamedLines } from '../helm/named-lines';
import { standIn } from '../helm/token';
import { type Field, groupExpressions } from '../helm/values';
import type { Values } from '../values';
import { ZONE } from '../values-corefile';
import { CONSOLIDATED } from '../values-zones';
import { cacheLines } from './cache';
import { forwardLines } from './forward';
import { LOCAL } from './pillars';

type Zone = Values['zones']['cluster'];

/** A server block. */
export interface ServerBlock {
  /** Its keys, `cluster.local:53`, separated by blanks. */
  readonly names: string;
  /** What it keeps, whom it asks, what it writes. */
  readonly zone: Zone;
  /** Who is asked where the zone's values name nobody: pillars.ts. */
  readonly upstream: string;
  /** Whether the image knows options of CoreDNS 1.14. */
  readonly isOwnImage: boolean;
  /** host:port of /metrics; the host empty for all addresses. */
  readonly metrics: string;
  /** The user's hosts: where there are some, the snippet `hosts` is imported. @default none */
  readonly hosts?: Values['hosts'];
  /** A rule of `rewrite`. @default none */
  readonly rewrite?: string;
  /** Files with more lines, a pattern of `import`. @default none */
  readonly overrides?: string;
  /** host:port of /health; in one block only, because it is one listener. @default none */
  readonly health?: string;
  /** How long a pod that is told to stop goes on, in seconds. @default 0 */
  readonly lameduckSeconds?: number;
}

function errorsLines({ consolidate }: Zone['errors']): Lines {
  return when<Lines>(
    consolidate,
    [
      '    errors {',
      eachObject(
        consolidate,
        CONSOLIDATED,
        '$counted',
        ({ pattern, seconds, level }): Lines => `            consolidate ${seconds}s "${pattern}" ${level}`,
      ),
      '    }',
    ],
    '    errors',
  );
}

function logLines({ enabled, classes, format }: Zone['log']): Lines {
  const head = `    log${inline(format, ` . "${format}"`)}`;
  const lines = when<Lines>(classes, [`${head} {`, `            class ${join(classes, ' ')}`, '    }'], head);
  return when<Lines>(enabled, lines);
}

/** Answers to questions for IPv6 addresses, where there are to be none. */
export const NO_IPV6: Lines = ['    template IN AAAA {', '            rcode NOERROR', '    }'];

function healthLines(health: string | undefined, lameduckSeconds: number | undefined): Lines {
  const lameduck = [`    health ${health} {`, `            lameduck ${lameduckSeconds}s`, '    }'];
  return when<Lines>(health, when<Lines>(lameduckSeconds, lameduck, `    health ${health}`));
}

/** The block, as a template that is written once. */
export const SERVER_BLOCK: NamedLines<ServerBlock> = {
  name: 'nodelocaldns.serverBlock',
  sentence: 'A server block: the values of a zone, in the order of the manifest of Kubernetes.',
  inside: {
    names: standIn('$names', 'string'),
    zone: groupExpressions(ZONE as Field<Zone>, '$zone'),
    upstream: standIn('$upstream', 'string'),
    isOwnImage: standIn('$isOwnImage', 'scalar'),
    metrics: standIn('$metrics', 'string'),
    hosts: standIn('$hosts', 'tree'),
    rewrite: standIn('$rewrite', 'string'),
    overrides: standIn('$overrides', 'string'),
    health: standIn('$health', 'string'),
    lameduckSeconds: standIn('$lameduckSeconds', 'scalar'),
  },
  lines: ({ names, zone, upstream, isOwnImage, metrics, ...more }) => [
    `${names} {`,
    errorsLines(zone.errors),
    logLines(zone.log),
    cacheLines(zone.cache, isOwnImage),
    '    reload',
    '    loop',
    `    bind ${LOCAL}`,
    when<Lines>(more.rewrite, `    rewrite ${more.rewrite}`),
    when<Lines>(zone.suppressAAAA, NO_IPV6),
    when<Lines>(more.hosts, '    import hosts'),
    forwardLines(zone.forward, upstream),
    `    prometheus ${metrics}`,
    healthLines(more.health, more.lameduckSeconds),
    verbatim(zone.extraPlugins, undefined, 4),
    when<Lines>(more.overrides, `    import ${more.overrides}`),
    '}',
  ],
};

/** The lines of a server block. */
export function serverBlock(block: ServerBlock): Lines {
  return include(SERVER_BLOCK, block);
}
