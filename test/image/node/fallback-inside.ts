/** Runs in a test's network namespace: a small DNS server on port 53, one that forges, and the product's question to either. */
import { createSocket } from 'node:dgram';
import { askServer } from '../../../image/node/fallback';
import { Type } from '../../../image/wire/codes';
import { FLAG_TC } from '../../../image/wire/header';
import { decodeMessage } from '../../../image/wire/message';
import { textToName } from '../../../image/wire/name-text';
import { answerCalls } from '../../support/calls';
import { encodeSays, type Says } from '../../support/resolver';
import { type Script, ScriptedUpstream } from '../../support/scripted-upstream';

const ANSWERS: Record<string, Record<number, Says>> = {
  'two.test.': {
    [Type.A]: { answer: ['@ 9 A 10.244.1.2', '@ 7 A 10.244.2.2'] },
    [Type.AAAA]: { answer: ['@ 7 AAAA fd00::2'] },
  },
  'alias.test.': { [Type.A]: { answer: ['@ 60 CNAME two.test.', 'two.test. 3 A 10.244.1.2'] } },
  'none.test.': { [Type.A]: {} },
  'long.test.': { [Type.A]: { flags: FLAG_TC, answer: ['@ 5 A 10.244.1.2'] } },
  'missing.test.': { [Type.A]: { rcode: 'NXDOMAIN' } },
};
const script: Script = (name, query) => ANSWERS[name]?.[query.question!.type];

/** Sends our question back, the right answer under another id, and an answer to another question. */
async function forge(address: string): Promise<void> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const query = decodeMessage(bytes, 0, bytes.length)!;
    const { question, id } = query;
    const says: Says = { answer: ['@ 7 A 192.0.2.66'] };
    const other = { ...question!, name: textToName('other.test')! };
    for (const forged of [
      { ...query, id: id ^ 1 },
      { ...query, question: other },
    ]) {
      socket.send(encodeSays(says, forged), from.port, from.address);
    }
    socket.send(bytes, from.port, from.address);
    socket.send(bytes.subarray(0, 5), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(53, address, resolve));
}

answerCalls({
  serve: () => new ScriptedUpstream(script).start(53),
  forge,
  ask: askServer,
});
