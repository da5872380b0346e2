/**
 * Questions that wait for an upstream, so that an equal one can wait with them instead of being asked again: fifty equal
 * misses cost one upstream question, and an attacker gets one chance to guess instead of fifty (CVE-2023-28454).
 *
 * Equal means: the same name (any case), type, class, flags, EDNS and options. What differs in a way an upstream could see
 * is asked on its own.
 */
import { assert } from '../assert';
import { NameHash } from '../memory/hash';
import type { QueryView } from '../wire/question';

/** What is compared of a question, and where equal ones are put. */
export interface PendingQuestion {
  readonly bytes: Uint8Array;
  readonly requestOffset: number;
  readonly view: QueryView;
  readonly followers: PendingQuestion[];
}

/** Positive 30-bit keys stay small integers in a Map. */
const KEY_MASK = 0x3fffffff;

export class Pending<Question extends PendingQuestion> {
  private readonly leaders = new Map<number, Question>();
  private readonly hash: NameHash;

  constructor(hash: NameHash) {
    this.hash = hash;
  }

  /** Questions that are being asked. */
  get count(): number {
    return this.leaders.size;
  }

  /** Key of a question. @param scope what else must be the same: upstreams and transport */
  key(question: Question, scope: number): number {
    const { view } = question;
    const name = this.hash.name(view.key, view.nameBytes, view.labelStarts, view.labelCount);
    return NameHash.question(name, view.type, view.class, scope) & KEY_MASK;
  }

  /** Wait with an equal question. @returns false when there is none: ask it */
  follow(question: Question, key: number): boolean {
    const leader = this.leaders.get(key);
    if (leader === undefined || leader === question || !isEqual(leader, question)) return false;
    leader.followers.push(question);
    return true;
  }

  /** The question is being asked. Of two different ones with the same key only the first can be joined. */
  lead(question: Question, key: number): void {
    assert(question.followers.length === 0);
    if (!this.leaders.has(key)) this.leaders.set(key, question);
  }

  /** Its answer is here, or will not come. @returns who waited with it; the list is the caller's until it returns */
  release(question: Question, key: number): Question[] {
    if (this.leaders.get(key) === question) this.leaders.delete(key);
    return question.followers as Question[];
  }
}

function isEqual(leader: PendingQuestion, question: PendingQuestion): boolean {
  const [left, right] = [leader.view, question.view];
  if (left.messageBytes !== right.messageBytes || left.nameBytes !== right.nameBytes) return false;
  for (let index = 0; index < left.nameBytes; index++) if (left.key[index] !== right.key[index]) return false;
  if (!sameBytes(leader, question, 2, 12)) return false; // Flags and counts; the id differs.
  return sameBytes(leader, question, left.questionEnd - 4, left.messageBytes);
}

function sameBytes(left: PendingQuestion, right: PendingQuestion, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    if (left.bytes[left.requestOffset + index] !== right.bytes[right.requestOffset + index]) return false;
  }
  return true;
}
