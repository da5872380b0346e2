import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler } from '../../../../image/plugin/header/handler';
import { FLAG_AA, FLAG_CD, FLAG_RA, FLAG_RD, getFlags } from '../../../../image/wire/header';
import { answering, HandlerWorld } from '../../../support/query';

const QR = 0x8000;

test.each([
  ['response set ra', QR | FLAG_RD, QR | FLAG_RD | FLAG_RA],
  ['response clear ra', QR | FLAG_RA, QR],
  ['response set aa\nresponse clear aa', QR | FLAG_AA, QR],
  ['response clear rd', QR | FLAG_RD | FLAG_CD, QR | FLAG_CD],
  ['query clear rd', QR | FLAG_RD, QR | FLAG_RD],
])('%j makes answer flags %p to %p', (rules, from, to) => {
  expect(HANDLERS.header).toBe(handler);
  const world = new HandlerWorld(`. {\nheader {\n${rules}\n}\n}`, {}, answering(from, {}));
  expect(world.ask('example.org.').message?.flags).toBe(to);
});

test.each([
  ['query clear rd', FLAG_RD | FLAG_CD, FLAG_CD],
  ['query set rd', 0, FLAG_RD],
  ['query set aa ra', 0, FLAG_AA | FLAG_RA],
  ['response set rd', 0, 0],
])('%j makes question flags %p to %p, for upstreams and for our own answers', (rules, from, to) => {
  const seen: number[] = [];
  const world = new HandlerWorld(`. {\nheader {\n${rules}\n}\n}`, {}, (query) => {
    seen.push(getFlags(query.bytes, query.requestOffset), query.view.flags);
    return query.fail(2, '');
  });
  expect(world.ask('example.org.', { flags: from }).message).toBeUndefined();
  expect(seen).toEqual([to, to]);
});
