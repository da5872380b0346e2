/**
 * Answers the questions of class CH by which servers are told apart.
 * @source RFC 4892; coredns plugin/chaos/chaos.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory, Scratch } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { Random } from '../../kernel/random';
import { Class, Rcode, Type } from '../../wire/codes';
import { questionName, replyWith } from '../reply';
import type { ChaosOptions } from './setup';

class ChaosHandler implements Handler {
  readonly name = 'chaos';
  private readonly options: ChaosOptions;
  private readonly scratch: Scratch;
  private readonly random: Random;

  constructor(options: ChaosOptions, { scratch, random }: HandlerContext) {
    this.options = options;
    this.scratch = scratch;
    this.random = random;
  }

  handle(query: Query): Step {
    const { view } = query;
    if (view.class !== Class.CH || view.type !== Type.TXT) return Step.PASS;
    const texts = this.texts(query.name);
    if (texts === undefined) return Step.PASS;
    const name = questionName(query);
    const answer = texts.map((text) => {
      const data = Uint8Array.of(text.length, ...Buffer.from(text, 'latin1'));
      return { name, type: Type.TXT, class: Class.CH, ttl: 0, data };
    });
    return replyWith(query, this.name, this.scratch, Rcode.NOERROR, { answer, authority: [], additional: [] }, 0);
  }

  private texts(name: string): readonly string[] | undefined {
    const { version, authors, host } = this.options;
    switch (name) {
      case 'version.bind.':
      case 'version.server.':
        return [version];
      case 'hostname.bind.':
      case 'id.server.':
        return [host];
      case 'authors.bind.':
        return this.shuffled(authors);
      default:
        return undefined;
    }
  }

  private shuffled(authors: readonly string[]): readonly string[] {
    const order = [...authors];
    for (let index = order.length - 1; index > 0; index--) {
      const other = this.random.below(index + 1);
      [order[index], order[other]] = [order[other], order[index]];
    }
    return order;
  }
}

/** Make the handler. */
export const handler: HandlerFactory<ChaosOptions> = (options, context) => new ChaosHandler(options, context);
