/**
 * Lets plugins behind it leave notes on a query that others read.
 * @source coredns plugin/metadata/metadata.go at v1.13.2
 */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { ZoneList } from '../zone-list';
import type { MetadataOptions } from './setup';

class MetadataHandler implements Handler {
  readonly name = 'metadata';
  private readonly zones: ZoneList;

  constructor({ zones }: MetadataOptions) {
    this.zones = new ZoneList(zones);
  }

  handle(query: Query): Step {
    if (this.zones.find(query.name) !== '') query.metadata = new Map();
    return Step.PASS;
  }
}

/** Make the handler. */
export const handler: HandlerFactory<MetadataOptions> = (options) => new MetadataHandler(options);
