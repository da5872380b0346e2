/**
 * Writes what went wrong below, or counts it and writes a summary.
 * @source coredns plugin/errors/errors.go at v1.13.2; reference coredns-semantics 3.4
 */
import type { HandlerContext, HandlerFactory, WorkerLog } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { typeText } from '../../wire/codes';
import { Consolidation } from './consolidation';
import type { ErrorsOptions } from './setup';

export class ErrorsHandler implements Handler {
  readonly name = 'errors';
  private readonly log: WorkerLog;
  private readonly consolidations: readonly Consolidation[];

  constructor(options: ErrorsOptions, context: HandlerContext) {
    this.log = context.log;
    this.consolidations = options.consolidate.map((one) => new Consolidation(one, context));
  }

  handle(): Step {
    return Step.PASS;
  }

  leave(query: Query): void {
    const { error, name, rcode, view } = query;
    if (error === '') return;
    const consolidation = this.consolidations.find((one) => one.matches(error));
    const level = consolidation === undefined ? 'ERROR' : consolidation.count();
    if (level === undefined) return;
    this.log.plugin(this.name, level, `${rcode} ${name} ${typeText(view.type)}: ${error}`);
  }

  close(): void {
    for (const one of this.consolidations) one.close();
  }
}

/** Make the handler. */
export const handler: HandlerFactory<ErrorsOptions> = (options, context) => new ErrorsHandler(options, context);
