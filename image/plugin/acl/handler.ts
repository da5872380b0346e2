/**
 * Lets clients ask by their address. It stands in front of the cache: an answer that another client brought there is not
 * handed out around it. Since `rewrite` comes later, the question it will make is judged here, too: else a name that is
 * rewritten would open what is closed (CVE-2026-26017).
 * @source coredns plugin/acl/acl.go at v1.13.2
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { parseIp } from '../../corefile/ip-address';
import { Rcode } from '../../wire/codes';
import { replyWith } from '../reply';
import { QuestionRules } from '../rewrite/question';
import type { RewriteOptions } from '../rewrite/setup';
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

/** What is done to a question that may not go on, and the zone whose policy says so. */
interface Denial {
  readonly action: Exclude<AclAction, 'allow'>;
  readonly zone: string;
}

class AclHandler implements Handler {
  readonly name = 'acl';
  private readonly rules: readonly { readonly zones: ZoneList; readonly policies: readonly AclPolicy[] }[];
  private readonly context: HandlerContext;
  /** Those of the block's `rewrite`; undefined when it has none. */
  private readonly rewriting: QuestionRules | undefined;

  constructor({ rules }: AclOptions, context: HandlerContext) {
    this.rules = rules.map(({ zones, policies }) => ({ zones: new ZoneList(zones), policies }));
    this.context = context;
    const rewrite = context.block.plugins.find(({ name }) => name === 'rewrite');
    this.rewriting = rewrite && new QuestionRules((rewrite.options as RewriteOptions).rules);
  }

  handle(query: Query): Step {
    const [address] = this.context.remoteAddress(query).split('%');
    const bytes = parseIp(address);
    const denial = this.judge(query.name, query.view.type, bytes) ?? this.judgeRewritten(query, bytes);
    if (denial !== undefined) return this.deny(query, denial);
    const { counters, servers } = this.context;
    counters.add(counters.slot('coredns_acl_allowed_requests_total', servers[query.listener], VIEW), 1);
    return Step.PASS;
  }

  /** @param bytes the client's address; one without is none we know, and is blocked. @returns undefined when it may go on */
  private judge(name: string, type: number, bytes: Uint8Array | undefined): Denial | undefined {
    for (const { zones, policies } of this.rules) {
      const zone = zones.find(name);
      if (zone === '') continue;
      if (bytes === undefined) return { action: 'block', zone };
      const policy = policies.find(({ types, networks }) => {
        const fits = types === undefined || types.includes(type) || types.includes(0);
        return fits && networks.some((network) => holds(network, bytes));
      });
      if (policy?.action === 'allow') return undefined;
      if (policy !== undefined) return { action: policy.action, zone };
    }
    return undefined;
  }

  private judgeRewritten(query: Query, bytes: Uint8Array | undefined): Denial | undefined {
    const draft = this.rewriting?.rewrite(query, this.context)?.draft;
    return draft && this.judge(draft.nameText, draft.type, bytes);
  }

  private deny(query: Query, { action, zone }: Denial): Step {
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
