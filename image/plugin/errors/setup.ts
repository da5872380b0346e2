/** `errors [stdout] { stacktrace; consolidate DURATION REGEXP [LEVEL] [show_first] }` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { formatDuration, parseDuration, toMilliseconds } from '../../corefile/go-duration';
import { checkRegexp } from '../regexp';

const LEVELS = ['warning', 'error', 'info', 'debug'] as const;
/** Level a summary is logged at. */
export type ConsolidateLevel = (typeof LEVELS)[number];

/** Errors that are counted instead of printed. */
export interface ConsolidateOptions {
  /** RE2 expression searched in the error's text. */
  readonly pattern: string;
  /** Time from the first error to the summary. */
  readonly periodMs: number;
  /** The same as Go prints it, for the summary: `5m0s`. */
  readonly periodText: string;
  /** @default error */
  readonly level: ConsolidateLevel;
  /** The error that starts the time is written, and a summary only when others follow. Of CoreDNS 1.14. @default false */
  readonly showFirst: boolean;
}

/** What `errors` says. */
export interface ErrorsOptions {
  /** Accepted for compatibility: where a panic happened is always logged. @default false */
  readonly stacktrace: boolean;
  /** The first that matches an error counts it. @default none */
  readonly consolidate: readonly ConsolidateOptions[];
}

/** Run `parse`; what it throws gets the position. */
function located<T>(controller: Controller, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof CorefileError ? controller.error(error.message) : error;
  }
}

/** What may stand behind the expression. @source coredns plugin/errors/setup.go at v1.14.7 */
function readManner(words: readonly string[], controller: Controller): Pick<ConsolidateOptions, 'level' | 'showFirst'> {
  let level: ConsolidateLevel | undefined;
  let showFirst = false;
  for (const word of words) {
    const named = LEVELS.find((name) => name === word);
    if (named === undefined && word !== 'show_first') throw controller.error(text.errorsLevel(word));
    if (named !== undefined && level !== undefined) throw controller.error(text.errorsLevels);
    if (named !== undefined && showFirst) throw controller.error(text.errorsLevelLate);
    level ??= named;
    showFirst ||= named === undefined;
  }
  return { level: level ?? 'error', showFirst };
}

function readConsolidate(controller: Controller): ConsolidateOptions {
  const [duration, expression, ...words] = controller.arguments(2, 4);
  const period = located(controller, () => parseDuration(duration));
  const pattern = located(controller, () => checkRegexp(expression));
  const manner = readManner(words, controller);
  return { pattern, periodMs: toMilliseconds(period), periodText: formatDuration(period), ...manner };
}

/**
 * Reads `errors`.
 * @throws CorefileError
 * @source coredns plugin/errors/setup.go at v1.13.2
 */
export function setup(controller: Controller): ErrorsOptions {
  const consolidate: ConsolidateOptions[] = [];
  let stacktrace = false;
  controller.once(() => {
    const [output] = controller.arguments(0, 1);
    if (output !== undefined && output !== 'stdout') throw controller.error(text.errorsFile(output));
    while (controller.nextBlock()) {
      if (controller.value === 'stacktrace') stacktrace = true;
      else if (controller.value === 'consolidate') consolidate.push(readConsolidate(controller));
      else throw controller.syntaxError(text.errorsField(controller.value));
    }
  });
  return { stacktrace, consolidate };
}
