import type { Query } from '../../../../image/chain/query';
import { BufsizeHandler } from '../../../../image/plugin/bufsize/handler';
import { QueryView, readQuery } from '../../../../image/wire/question';
import { HandlerWorld, questionPacket } from '../../../support/query';

/** The size that stands in the question behind bufsize, and the one in its view. */
function sizesBehind(line: string, packet: Uint8Array): number[] {
  let sizes: number[] = [];
  const world = new HandlerWorld(`. {\n${line}\n}`, {}, (query: Query) => {
    const view = new QueryView();
    readQuery(query.bytes, query.requestOffset, query.view.messageBytes, view);
    sizes = [view.udpSize, query.view.udpSize];
    return query.fail(2, '');
  });
  expect(world.handlers[0]).toBeInstanceOf(BufsizeHandler);
  world.send(packet);
  return sizes;
}

test.each([
  ['bufsize 600', 4096, 600],
  ['bufsize 600', 601, 600],
  ['bufsize 600', 600, 600],
  ['bufsize 600', 100, 100],
  ['bufsize', 65535, 1232],
])('%s: a question that takes %p goes on with %p', (line, asked, size) => {
  expect(sizesBehind(line, questionPacket('example.org.', { udpSize: asked }))).toEqual([size, size]);
});

test('a question without EDNS stays as it is', () => {
  expect(sizesBehind('bufsize 512', questionPacket('example.org.'))).toEqual([512, 512]);
});

test('an OPT record whose owner is not the root is changed at its own place', () => {
  const packet = questionPacket('example.org.', { udpSize: 4096 });
  const owner = Uint8Array.of(1, 97, 0);
  const at = packet.length - 11;
  const odd = Uint8Array.of(...packet.subarray(0, at), ...owner, ...packet.subarray(at + 1));
  expect(sizesBehind('bufsize 600', odd)).toEqual([600, 600]);
});
