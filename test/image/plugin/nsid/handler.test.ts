import { HANDLERS } from '../../../../image/plugin/handlers';
import { handler } from '../../../../image/plugin/nsid/handler';
import { withOption } from '../../../../image/plugin/nsid/options';
import { Type } from '../../../../image/wire/codes';
import { Option } from '../../../../image/wire/edns';
import { answering, HandlerWorld } from '../../../support/query';
import { packetOf } from '../recorded/ask';

const opt = (data: Uint8Array) => ({ name: Uint8Array.of(0), type: Type.OPT, class: 1400, ttl: 0, data });
const nothing = new Uint8Array(0);

/** Data of the OPT records of the answer, as hex. */
function optData(question: string, additional: Parameters<typeof answering>[1]['additional'] = []): string[] {
  const world = new HandlerWorld('. {\nnsid node\n}', {}, answering(0x8000, { additional }));
  const records = world.send(packetOf(question)).message?.additional ?? [];
  return records.filter(({ type }) => type === Type.OPT).map(({ data }) => Buffer.from(data).toString('hex'));
}

test('RFC 5001: who asks is told', () => {
  expect(HANDLERS.nsid).toBe(handler);
  expect(optData('example.org. A udp=1232 option=3:')).toEqual(['000300046e6f6465']);
});

test('options of the upstream stay, its NSID does not', () => {
  const theirs = withOption(withOption(nothing, Option.NSID, Buffer.from('other')), 15, Uint8Array.of(0, 3));
  expect(optData('example.org. A udp=1232 option=3:', [opt(theirs)])).toEqual(['000300046e6f6465000f00020003']);
});

test.each([['example.org. A'], ['example.org. A udp=1232'], ['example.org. A udp=1232 option=10:0102030405060708']])(
  '%s is not',
  (question) => {
    expect(optData(question)).toEqual([]);
  },
);

test('an answer of all octets there are is left alone', () => {
  const full = { name: Uint8Array.of(0), type: Type.TXT, class: 1, ttl: 0, data: new Uint8Array(65_483) };
  const world = new HandlerWorld('. {\nnsid node\n}', {}, answering(0x8000, { answer: [full] }, 65_535));
  expect(world.send(packetOf('example.org. A udp=1232 option=3:')).message).toMatchObject({ additional: [] });
});
