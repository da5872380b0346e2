/**
 * Lets clients ask by their address. It stands in front of the cache: an answer that another client brought there is not
 * handed out around it.
 * @source coredns plugin/acl/acl.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { parseIp } from '../../corefile/ip-address';
import { Rcode } from '../../wire/codes';
import { replyWith } from '../reply';
import { ZoneList } from '../zone-list';
import { holds } from './network';
import type { AclAction, AclOptions, AclPolicy } from './setup';

/** Extended errors (RFC 8914 §4.16, §4.18). */
const BLOCKED = 15;
const FILTERED = 17;
const VIEW = ''; // CoreDNS's view plugin is not compiled into node-cache.
const NOTHING = { answer: [], authority: [], additional: [] };
/** Metrics by action. */
const METRICS = {
  block: 'coredns_acl_blocked_requests_total',
  filter: 'coredns_acl_filtered_requests_total',
  drop: 'coredns_acl_dropped_requests_total',
} as const;

class AclHandler implements Handler {
  readonly name = 'acl';
  private readonly rules: readonly { readonly zones: ZoneList; readonly policies: readonly AclPolicy[] }[];
  private readonly context: HandlerContext;

  constructor({ rules }: AclOptions, context: HandlerContext) {
    this.rules = rules.map(({ zones, policies }) => ({ zones: new ZoneList(zones), policies }));
    this.context = context;
  }

  handle(query: Query): Step {
    const [address] = this.context.remoteAddress(query).split('%');
    const bytes = parseIp(address);
    for (const { zones, policies } of this.rules) {
      const zone = zones.find(query.name);
      if (zone === '') continue;
      const { type } = query.view;
      const policy = policies.find(({ types, networks }) => {
        const fits = types === undefined || types.includes(type) || types.includes(0);
        return fits && bytes !== undefined && networks.some((network) => holds(network, bytes));
      });
      // A client without an address is none we know.
      const action = bytes === undefined ? 'block' : policy?.action;
      if (action === 'allow') break;
      if (action !== undefined) return this.deny(query, action, zone);
    }
    const { counters, servers } = this.context;
    counters.add(counters.slot('coredns_acl_allowed_requests_total', servers[query.listener], VIEW), 1);
    return Step.PASS;
  }

  private deny(query: Query, action: Exclude<AclAction, 'allow'>, zone: string): Step {
    const { counters, servers, scratch } = this.context;
    counters.add(counters.slot(METRICS[action], servers[query.listener], zone, VIEW), 1);
    if (action === 'drop') return query.silence();
    query.explain(action === 'block' ? BLOCKED : FILTERED);
    const rcode = action === 'block' ? Rcode.REFUSED : Rcode.NOERROR;
    return replyWith(query, this.name, scratch, rcode, NOTHING, 0);
  }
}

/** Make the handler. */
export const handler: HandlerFactory<AclOptions> = (options, context) => new AclHandler(options, context);
