/**
 * Answers made from the question: the first template that fits makes the records.
 * @source coredns plugin/template/template.go at v1.13.2; reference coredns-semantics 3.19
 */
import type { HandlerContext, HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Rcode, Type } from '../../wire/codes';
import { FLAG_TC, getFlags, RCODE_MASK, setFlags } from '../../wire/header';
import type { ResourceRecord } from '../../wire/message';
import { nameToText } from '../../wire/name-text';
import { type ReplyRecords, replyWith } from '../reply';
import type { LookedUp } from '../rewrite/answer';
import { Lookups } from '../rewrite/lookup';
import { type TemplateFacts, templateData } from './data';
import type { TemplateData } from './evaluate';
import { makeRecord, type TemplateSection } from './record-text';
import { CompiledRule } from './rule';
import type { TemplateOptions, TemplateRule } from './setup';
import type { TemplateText } from './text';

const VIEW = ''; // CoreDNS's view plugin is not compiled into node-cache.

export class TemplateHandler implements Handler {
  readonly name = 'template';
  private readonly rules: readonly CompiledRule[];
  private readonly context: HandlerContext;

  constructor(options: TemplateOptions, context: HandlerContext) {
    this.rules = options.rules.map((rule) => new CompiledRule(rule));
    this.context = context;
  }

  handle(query: Query): Step {
    for (const compiled of this.rules) {
      const zone = compiled.zone(query);
      if (zone === '') continue;
      const facts = compiled.match(query, zone, this.context.remoteAddress(query));
      if (facts !== undefined) return this.answer(query, compiled.rule, facts);
      if (!compiled.passes(query.name)) return query.fail(Rcode.SERVFAIL, '');
    }
    return Step.PASS;
  }

  private answer(query: Query, rule: TemplateRule, facts: TemplateFacts): Step {
    const { counters } = this.context;
    counters.add(counters.slot('coredns_template_matches_total', ...this.labels(query, facts)), 1);
    if (rule.rcode === Rcode.SERVFAIL) return query.fail(Rcode.SERVFAIL, '');
    // A code over 15 takes an OPT record; to a client without EDNS it cannot be told (miekg/dns ErrExtendedRcode).
    if (rule.rcode > RCODE_MASK && query.view.optOffset === 0)
      return query.fail(Rcode.SERVFAIL, 'dns: bad extended rcode');
    const data = templateData(query, facts);
    const answer = this.section(query, 'answer', rule.answer, facts, data);
    const additional = answer && this.section(query, 'additional', rule.additional, facts, data);
    const authority = additional && this.section(query, 'authority', rule.authority, facts, data);
    if (authority === undefined) return Step.FAIL; // section() said why.
    const records = { answer: answer!, additional: additional!, authority };
    const isAddress = query.view.type === Type.A || query.view.type === Type.AAAA;
    if (!isAddress || !records.answer.some(({ type }) => type === Type.CNAME)) return this.reply(query, rule, records);
    return this.followed(query, rule, records);
  }

  private reply(query: Query, rule: TemplateRule, records: ReplyRecords, isTruncated = false): Step {
    if (rule.extendedError >= 0) query.explain(rule.extendedError, rule.extendedErrorText);
    const step = replyWith(query, this.name, this.context.scratch, rule.rcode, records);
    if (isTruncated) setFlags(query.reply, query.replyOffset, getFlags(query.reply, query.replyOffset) | FLAG_TC);
    return step;
  }

  /** Behind each alias stands where it leads, as the server itself answers it. */
  private followed(query: Query, rule: TemplateRule, records: ReplyRecords): Step {
    const answer: ResourceRecord[] = [];
    let isTruncated = false;
    let ended = false;
    let waits = false;
    let step: Step = Step.WAIT;
    const steps = function* (): Generator<string, void, LookedUp> {
      for (const record of records.answer) {
        answer.push(record);
        if (record.type !== Type.CNAME) continue;
        const found = yield nameToText(record.data, 0);
        answer.push(...found.answer);
        isTruncated = found.isTruncated;
      }
    };
    const done = (): void => {
      ended = true;
      step = this.reply(query, rule, { ...records, answer }, isTruncated);
      if (waits) query.resume(step);
    };
    new Lookups(this.context, query, undefined, steps(), done).run();
    waits = !ended;
    return step;
  }

  /** Records of a section in the order of their texts; undefined when one fails: then the query has failed. */
  private section(
    query: Query,
    section: TemplateSection,
    texts: readonly TemplateText[],
    facts: TemplateFacts,
    data: TemplateData,
  ): ResourceRecord[] | undefined {
    const records: ResourceRecord[] = [];
    for (const text of texts) {
      const made = makeRecord(section, text, data);
      if (made.record === undefined) {
        this.countFailure(query, section, text, facts, made.step);
        query.fail(Rcode.SERVFAIL, made.error);
        return undefined;
      }
      records.push(made.record);
    }
    return records;
  }

  private countFailure(
    query: Query,
    section: TemplateSection,
    text: TemplateText,
    facts: TemplateFacts,
    step: 'make' | 'read',
  ): void {
    const { counters } = this.context;
    const metric = step === 'make' ? 'coredns_template_template_failures_total' : 'coredns_template_rr_failures_total';
    counters.add(counters.slot(metric, ...this.labels(query, facts), section, text.source), 1);
  }

  /** server, zone, view, class, type. */
  private labels(query: Query, facts: TemplateFacts): string[] {
    return [this.context.servers[query.listener], facts.zone, VIEW, facts.class, facts.type];
  }
}

/** Make the handler; its expressions are compiled here, once per worker. */
export const handler: HandlerFactory<TemplateOptions> = (options, context) => new TemplateHandler(options, context);
