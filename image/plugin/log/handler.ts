/**
 * Writes a line for every answer of the chosen names and classes.
 * @source coredns plugin/log/log.go at v1.13.2; reference coredns-semantics 3.9
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { RecordWalk, walkRecords } from '../../wire/record';
import { ZoneList } from '../zone-list';
import { type FormatPiece, parseFormat } from './format';
import { formatQuery } from './line';
import { replyClass } from './reply-class';
import type { LogClass, LogOptions, LogRule } from './setup';

interface Rule {
  readonly zones: ZoneList;
  readonly pieces: readonly FormatPiece[];
  readonly classes: ReadonlySet<LogClass>;
}

function compile({ zone, format, classes }: LogRule): Rule {
  return { zones: new ZoneList([zone]), pieces: parseFormat(format), classes: new Set(classes) };
}

/** Address in a server label such as `dns://[fd00::1]:53`; of a wildcard socket it is `::`, as Go prints it. */
export function localAddress(server: string): string {
  return /^dns:\/\/\[?(.*?)\]?:\d+$/.exec(server)?.[1] || '::';
}

/** Used by one walk of one query at a time. */
const WALK = new RecordWalk();

export class LogHandler implements Handler {
  readonly name = 'log';
  private readonly rules: readonly Rule[];
  private readonly locals: readonly string[];
  private readonly context: HandlerContext;

  constructor(options: LogOptions, context: HandlerContext) {
    this.rules = options.rules.map(compile);
    this.locals = context.servers.map(localAddress);
    this.context = context;
  }

  handle(): Step {
    return Step.PASS;
  }

  /** The first rule for the name decides, even when its classes do not fit. */
  leave(query: Query): void {
    const rule = this.rules.find(({ zones }) => zones.find(query.name) !== '');
    if (rule === undefined) return;
    if (!rule.classes.has('all') && !rule.classes.has(this.classOf(query))) return;
    const { context } = this;
    const line = formatQuery(rule.pieces, query, {
      remote: context.remoteAddress(query),
      remotePort: context.remotePort(query),
      local: this.locals[query.listener],
      durationMs: context.clock.now() - query.receivedAtMs,
    });
    context.log.line('INFO', line);
  }

  /** What nobody answered is an error, as is what cannot be read. */
  private classOf({ reply, replyOffset, replyBytes, view }: Query): LogClass {
    if (replyBytes === 0 || !walkRecords(reply, replyOffset, replyBytes, WALK)) return 'error';
    return replyClass(reply, WALK, view.type, Date.now() / 1000);
  }
}

/** Make the handler. */
export const handler: HandlerFactory<LogOptions> = (options, context) => new LogHandler(options, context);
