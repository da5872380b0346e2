/**
 * Takes authority and additional records off answers that answer. Denials need their SOA and referrals their servers: they
 * stay whole.
 * @source coredns plugin/minimal/minimal.go at v1.13.2
 */
import type { HandlerFactory } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import { Type } from '../../wire/codes';
import { Section, setCount } from '../../wire/header';
import { RecordWalk, recordType, walkRecords } from '../../wire/record';
import { replyClass } from '../log/reply-class';
import type { MinimalOptions } from './setup';

/** Used by one answer at a time. */
const WALK = new RecordWalk();

/** No answer, and servers to ask instead. */
function isReferral(bytes: Uint8Array): boolean {
  if (WALK.answerCount > 0) return false;
  for (let index = 0; index < WALK.authorityCount; index++) {
    if (recordType(WALK, bytes, index) === Type.NS) return true;
  }
  return false;
}

class MinimalHandler implements Handler {
  readonly name = 'minimal';

  handle(): Step {
    return Step.PASS;
  }

  leave(query: Query): void {
    const { reply, replyOffset, replyBytes, view } = query;
    if (replyBytes > 0) query.writer = this.name; // CoreDNS's label `plugin`: the outermost one that writes it.
    if (replyBytes === 0 || !walkRecords(reply, replyOffset, replyBytes, WALK)) return;
    if (replyClass(reply, WALK, view.type, Date.now() / 1000) !== 'success' || isReferral(reply)) return;
    setCount(reply, replyOffset, Section.AUTHORITY, 0);
    setCount(reply, replyOffset, Section.ADDITIONAL, 0);
    // Names point backwards, so what is cut off was pointed at by nothing that stays.
    query.replyBytes = WALK.answerCount === 0 ? WALK.recordsStart : WALK.recordEnds[WALK.answerCount - 1];
  }
}

/** Make the handler. */
export const handler: HandlerFactory<MinimalOptions> = () => new MinimalHandler();
