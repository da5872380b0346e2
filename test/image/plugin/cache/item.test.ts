import { isTruncated, ReplyKind, replyKind, ttlMin } from '../../../../image/plugin/cache/item';
import { typeByName } from '../../../../image/wire/codes';
import { FLAG_TC } from '../../../../image/wire/header';
import type { Message } from '../../../../image/wire/message';
import { textToName } from '../../../../image/wire/name-text';
import { RecordWalk, walkRecords } from '../../../../image/wire/record';
import { encodeSays, optRecord, type Says } from '../../../support/resolver';

const SOA = 'test. 300 IN SOA a. b. 1 2 3 4 60';
const DO = 0x8000;
/** 2024-01-01 00:00:00 UTC. */
const NOW = 1_704_067_200;
/** A signature over a type, valid between two times `YYYYMMDDhhmmss`: its text form is not known here. */
function signature(inception: string, expiration: string, covered = 1): string {
  const seconds = (time: string): number =>
    Date.parse(time.replace(/(....)(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z')) / 1000;
  const data = Buffer.alloc(26);
  data.writeUInt16BE(covered, 0);
  data.writeUInt32BE(seconds(expiration) % 2 ** 32, 8);
  data.writeUInt32BE(seconds(inception) % 2 ** 32, 12);
  data.write('\x04test\0sig', 18, 'latin1');
  return `@ 60 IN RRSIG \\# ${data.length} ${data.toString('hex')}`;
}
const VALID = signature('20231201000000', '20240201000000');

function walked(says: Says, type = 'A'): { bytes: Uint8Array; walk: RecordWalk; number: number } {
  const number = typeByName(type)!;
  const query = { id: 1, question: { name: textToName('www.test.')!, type: number, class: 1 } } as Message;
  const bytes = encodeSays(says, query);
  const walk = new RecordWalk();
  expect(walkRecords(bytes, 0, bytes.length, walk)).toBe(true);
  return { bytes, walk, number };
}

const kindNames = Object.keys(ReplyKind);
function kindOf(says: Says, type?: string, now = NOW): string {
  const { bytes, walk, number } = walked(says, type);
  return kindNames[replyKind(bytes, 0, walk, number, now)];
}

type KindRow = [string, Says, string, string?];
const A = ['@ 60 IN A 192.0.2.1'];
const ALIAS = ['@ 60 IN CNAME target.test.'];

describe('kinds of answers, in the order in which CoreDNS tells them apart', () => {
  const rows: KindRow[] = [
    ['a transfer is never kept', { answer: A }, 'OTHER', 'AXFR'],
    ['nor an incremental one', { answer: A }, 'OTHER', 'IXFR'],
    ['a NOTIFY is never kept', { answer: A, flags: 4 << 11 }, 'OTHER'],
    ['an UPDATE is never kept', { flags: 5 << 11 }, 'OTHER'],
    ['records: an answer', { answer: A }, 'NO_ERROR'],
    ['records with a SOA beside them: an answer', { answer: A, authority: [SOA] }, 'NO_ERROR'],
    ['an alias and its target: an answer', { answer: [...ALIAS, 'target.test. 60 IN A 192.0.2.1'] }, 'NO_ERROR'],
    ['an alias asked for: an answer', { answer: ALIAS }, 'NO_ERROR', 'CNAME'],
    ['an alias asked for by ANY: an answer', { answer: ALIAS }, 'NO_ERROR', 'ANY'],
    ['no record but a SOA: no data', { authority: [SOA] }, 'NO_DATA'],
    ['the name does not exist, with SOA', { rcode: 'NXDOMAIN', authority: [SOA] }, 'NAME_ERROR'],
    ['the name does not exist, without SOA: nobody says for how long', { rcode: 'NXDOMAIN' }, 'OTHER'],
    ['a SOA in another section says nothing', { rcode: 'NXDOMAIN', additional: [SOA] }, 'OTHER'],
    ['SERVFAIL', { rcode: 'SERVFAIL' }, 'SERVER_ERROR'],
    ['NOTIMP', { rcode: 'NOTIMP' }, 'SERVER_ERROR'],
    ['SERVFAIL with records', { rcode: 'SERVFAIL', answer: A }, 'SERVER_ERROR'],
    ['name servers of a zone below: a delegation', { authority: ['test. 60 IN NS ns.test.'] }, 'DELEGATION'],
    ['nothing at all', {}, 'NO_ERROR'],
    ['records beside nothing', { additional: A }, 'NO_ERROR'],
    ['REFUSED is never kept', { rcode: 'REFUSED' }, 'OTHER'],
    ['nor FORMERR', { rcode: 'FORMERR' }, 'OTHER'],
    ['nor YXDOMAIN', { rcode: 'YXDOMAIN', answer: A }, 'OTHER'],
  ];
  test.each(rows)('%s', (_, says, kind, ...[type]) => expect(kindOf(says, type)).toBe(kind));
});

describe('deviations on purpose from CoreDNS 1.13, as later versions do it', () => {
  const rows: KindRow[] = [
    [
      'an alias to a name that does not exist is not kept',
      { rcode: 'NXDOMAIN', answer: ALIAS, authority: [SOA] },
      'ALIAS',
    ],
    ['an alias that leads nowhere is not kept', { answer: ALIAS }, 'ALIAS'],
    ['a signed one neither', { answer: [...ALIAS, signature('20231201000000', '20240201000000', 5)] }, 'ALIAS'],
    ['nor one by DNAME', { answer: ['test. 60 IN DNAME other.', ...ALIAS] }, 'ALIAS'],
    ['an alias that leads nowhere, with SOA: no data', { answer: ALIAS, authority: [SOA] }, 'NO_DATA'],
  ];
  test.each(rows)('%s', (_, says, kind, ...[type]) => expect(kindOf(says, type)).toBe(kind));
});

describe('signatures outside their time', () => {
  const dated = (line: string): Says => ({ answer: [...A, line], additional: [optRecord(1232, DO)] });
  test.each<KindRow>([
    ['valid now', dated(VALID), 'NO_ERROR'],
    ['no longer valid', dated(signature('20231101000000', '20231231235959')), 'OTHER'],
    ['not yet valid', dated(signature('20240101000001', '20240201000000')), 'OTHER'],
    ['from its first second …', dated(signature('20240101000000', '20240201000000')), 'NO_ERROR'],
    ['… to its last', dated(signature('20231201000000', '20240101000000')), 'NO_ERROR'],
    [
      'without DO in the answer nobody looks',
      { answer: [...A, signature('20231101000000', '20231231235959')], additional: [optRecord(1232)] },
      'NO_ERROR',
    ],
    ['nor without OPT', { answer: [...A, signature('20231101000000', '20231231235959')] }, 'NO_ERROR'],
    [
      'also beside a denial',
      { authority: [SOA, signature('20231101000000', '20231231235959')], additional: [optRecord(1232, DO)] },
      'OTHER',
    ],
  ])('%s', (_, says, kind) => expect(kindOf(says)).toBe(kind));

  test('times are serial numbers: 2106 is no cliff', () => {
    const afterTheTurn = 2 ** 32 + 1000;
    expect(kindOf(dated(signature('21060207062000', '21060207065000')), 'A', afterTheTurn)).toBe('NO_ERROR');
    expect(kindOf(dated(VALID), 'A', afterTheTurn)).toBe('OTHER');
  });
});

describe('the smallest TTL', () => {
  test.each<[string, Says, number]>([
    [
      'over all three sections',
      {
        answer: ['@ 90 IN A 192.0.2.1'],
        authority: ['test. 70 IN NS ns.test.'],
        additional: ['ns.test. 80 IN A 192.0.2.2'],
      },
      70,
    ],
    ['the OPT is no record with a TTL', { answer: ['@ 90 IN A 192.0.2.1'], additional: [optRecord(1232, 0)] }, 90],
    ['zero is one', { answer: ['@ 90 IN A 192.0.2.1', '@ 0 IN A 192.0.2.2'] }, 0],
    ['the top bit means zero', { answer: ['@ 2147483648 IN A 192.0.2.1'] }, 0],
    ['the largest below it', { answer: ['@ 2147483647 IN A 192.0.2.1'] }, 2147483647],
    ['no records', {}, 5],
    ['an OPT only', { additional: [optRecord(1232)] }, 5],
  ])('%s', (_, says, seconds) => {
    const { bytes, walk } = walked(says);
    expect(ttlMin(bytes, walk, 5)).toBe(seconds);
  });
});

test('an answer that was cut says so', () => {
  expect(isTruncated(walked({ answer: A }).bytes, 0)).toBe(false);
  expect(isTruncated(walked({ answer: A, flags: FLAG_TC }).bytes, 0)).toBe(true);
});
