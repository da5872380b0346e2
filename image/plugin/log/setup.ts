/** `log [NAMES…] [FORMAT] { class success|denial|error|all … }` */
import type { Controller } from '../../corefile/controller';
import { CorefileError, text } from '../../corefile/errors';
import { normalizeName } from '../../corefile/zone-name';

const CLASSES = ['all', 'success', 'denial', 'error'] as const;
/** Kind of an answer, as the log tells them apart. */
export type LogClass = (typeof CLASSES)[number];

/** One rule; the first whose zone matches a name decides. */
export interface LogRule {
  /** Names at or below it, normalized. */
  readonly zone: string;
  /** Line with placeholders; `{common}` and `{combined}` are already replaced. */
  readonly format: string;
  /** @default all */
  readonly classes: readonly LogClass[];
}

/** What `log` says. */
export interface LogOptions {
  readonly rules: readonly LogRule[];
}

/** CoreDNS's `{common}`, also the default. */
export const COMMON_FORMAT =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" ' +
  '{rcode} {>rflags} {rsize} {duration}';
/** CoreDNS's `{combined}`. */
export const COMBINED_FORMAT = `${COMMON_FORMAT} "{>opcode}"`;

/** Names and format of one `log`. A single argument is a name even if it has braces. */
function readLine(controller: Controller): { names: string[]; format: string } {
  const names = controller.remainingArguments();
  if (names.length === 0) return { names: ['.'], format: COMMON_FORMAT };
  const last = names[names.length - 1];
  if (names.length === 1 || !last.includes('{')) return { names, format: COMMON_FORMAT };
  const format = last.split('{common}').join(COMMON_FORMAT).split('{combined}').join(COMBINED_FORMAT);
  return { names: names.slice(0, -1), format };
}

function classOf(name: string): LogClass {
  const found = CLASSES.find((candidate) => candidate === name);
  if (found === undefined) throw new CorefileError(text.logClass(name));
  return found;
}

function readClasses(controller: Controller): LogClass[] {
  const classes = new Set<LogClass>();
  while (controller.nextBlock()) {
    if (controller.value !== 'class') throw controller.argumentError();
    for (const name of controller.arguments(1, Number.POSITIVE_INFINITY)) classes.add(classOf(name));
  }
  return classes.size === 0 ? ['all'] : [...classes];
}

/**
 * Reads `log`; several in a block add rules.
 * @throws CorefileError
 * @source coredns plugin/log/setup.go at v1.13.2
 */
export function setup(controller: Controller): LogOptions {
  const rules: LogRule[] = [];
  while (controller.next()) {
    const { names, format } = readLine(controller);
    const classes = readClasses(controller);
    for (const name of names) rules.push({ zone: normalizeName(name), format, classes });
  }
  return { rules };
}
