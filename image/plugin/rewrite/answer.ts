/**
 * What rules do with an answer.
 * @source coredns plugin/rewrite/reverter.go, name.go, cname_target.go at v1.13.2
 */

import { Type } from '../../wire/codes';
import { RCODE_MASK } from '../../wire/header';
import type { Message, ResourceRecord } from '../../wire/message';
import { nameToText, textToName } from '../../wire/name-text';
import { plainNameEnd } from '../../wire/rdata';
import { readOptions, writeOptions } from './draft';
import { type EdnsRevert, revertOptions } from './edns-change';
import type { NameChange } from './name-test';

/** What is to be done with an answer. */
export type AnswerChange =
  /** Owners, or names in data: undefined leaves one as it is. */
  | { readonly kind: 'name' | 'value'; readonly change: NameChange }
  | { readonly kind: 'ttl'; readonly minSeconds: number; readonly maxSeconds: number }
  | { readonly kind: 'rcode'; readonly from: number; readonly to: number }
  /** Aliases: what they lead to is looked up. */
  | { readonly kind: 'cname'; readonly change: NameChange }
  | { readonly kind: 'option'; readonly revert: EdnsRevert };

type MutableRecord = { -readonly [K in keyof ResourceRecord]: ResourceRecord[K] };

/** What a look-up brought. */
export interface LookedUp {
  readonly answer: readonly ResourceRecord[];
  readonly isTruncated: boolean;
}

/** An answer while it is changed. */
export class AnswerDraft {
  /** All twelve bits of it. */
  rcode: number;
  /** Set when a look-up said whether what it brought is whole. */
  isTruncated: boolean | undefined = undefined;
  answer: MutableRecord[];
  readonly authority: MutableRecord[];
  readonly additional: MutableRecord[];
  /** A name that is none, which a rule has made; '' for none. */
  wrongName = '';

  constructor({ flags, answer, authority, additional }: Message) {
    const copy = (records: readonly ResourceRecord[]) => records.map((record) => ({ ...record }));
    this.answer = copy(answer);
    this.authority = copy(authority);
    this.additional = copy(additional);
    this.rcode = (flags & RCODE_MASK) | (((this.opt?.ttl ?? 0) >>> 24) << 4);
  }

  /** The OPT record, if there is one. */
  get opt(): MutableRecord | undefined {
    return this.additional.find(({ type }) => type === Type.OPT);
  }

  /** @returns the name's octets, or undefined when it is none: then that is noted */
  private wire(name: string): Uint8Array | undefined {
    const wire = textToName(name);
    if (wire === undefined) this.wrongName = name;
    return wire;
  }

  /** Change a record's owner. */
  changeName(record: MutableRecord, change: NameChange): void {
    const changed = change(nameToText(record.name, 0));
    if (changed !== undefined) record.name = this.wire(changed) ?? record.name;
  }

  /** Change the name in a record's data, if its type has one that rules are about. */
  changeValue(record: MutableRecord, change: NameChange): void {
    const start = valueOffset(record);
    if (start < 0) return;
    const changed = change(nameToText(record.data, start));
    const name = changed === undefined ? undefined : this.wire(changed);
    if (name === undefined) return;
    const rest = record.data.subarray(plainNameEnd(record.data, start));
    record.data = Buffer.concat([record.data.subarray(0, start), name, rest]);
  }

  /** Let all aliases lead to `to`, and what was found there follow them. */
  splice(to: string, found: LookedUp): void {
    const target = this.wire(to);
    if (target === undefined) return;
    const aliases = this.answer.filter(({ type }) => type === Type.CNAME);
    for (const alias of aliases) alias.data = target;
    const text = nameToText(target, 0);
    this.answer = [...aliases, ...found.answer.filter(({ name }) => nameToText(name, 0) === text)];
    this.isTruncated = found.isTruncated;
  }
}

/** Where the name is in a record's data; -1 when its type has none that rules are about. */
function valueOffset({ type, data }: ResourceRecord): number {
  if (data.length === 0) return -1;
  switch (type) {
    case Type.CNAME:
    case Type.DNAME:
    case Type.NS:
    case Type.PTR:
    case Type.SOA:
      return 0;
    case Type.MX:
      return 2;
    case Type.SRV:
      return 6;
    case Type.NAPTR: {
      let at = 4;
      for (let strings = 0; strings < 3; strings++) at += 1 + data[at];
      return at;
    }
    default:
      return -1;
  }
}

function changeRecord(draft: AnswerDraft, record: MutableRecord, change: AnswerChange): void {
  if (change.kind === 'name') draft.changeName(record, change.change);
  else if (change.kind === 'value') draft.changeValue(record, change.change);
  else if (change.kind === 'ttl') record.ttl = Math.min(Math.max(record.ttl, change.minSeconds), change.maxSeconds);
}

/**
 * What is no matter of single records. CoreDNS does it for each record once, which shows when one rule's outcome is
 * another's beginning; it does nothing to an answer without any (fixed in CoreDNS 1.14).
 */
function changeWhole(draft: AnswerDraft, changes: readonly AnswerChange[], records: number): void {
  for (let times = Math.max(1, records); times > 0; times--) {
    for (const change of changes) {
      if (change.kind === 'rcode' && draft.rcode === change.from) draft.rcode = change.to;
      const { opt } = draft;
      if (change.kind === 'option' && opt !== undefined) {
        opt.data = writeOptions(revertOptions(readOptions(opt.data), [change.revert]));
      }
    }
  }
}

/**
 * Change an answer, the last rule first. OPT records have no TTL and no owner to change.
 * @param changes in the order of the rules
 * @yields names to look up; wants what was found there
 */
export function* changeAnswer(draft: AnswerDraft, changes: readonly AnswerChange[]): Generator<string, void, LookedUp> {
  const backwards = [...changes].reverse();
  const records = draft.answer.length + draft.authority.length + draft.additional.length;
  for (const section of [draft.authority, draft.answer, draft.additional]) {
    for (const record of section) {
      if (record.type === Type.OPT) continue;
      for (const change of backwards) {
        if (change.kind !== 'cname') changeRecord(draft, record, change);
        else if (record.type === Type.CNAME) {
          const to = change.change(nameToText(record.data, 0));
          if (to !== undefined) draft.splice(to, yield to);
        }
      }
    }
  }
  changeWhole(
    draft,
    backwards.filter(({ kind }) => kind === 'rcode' || kind === 'option'),
    records,
  );
}
