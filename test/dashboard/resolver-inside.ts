/** Runs in the namespace of a server: a resolver of the network, which knows every name and takes its time for it. */
import dgram from 'node:dgram';
import net from 'node:net';
import { answerCalls } from '../support/calls';

const HEADER_BYTES = 12;
/** A name of 64 octets and more is not asked here. */
const LENGTH_BITS = 0x3f;
const [A, AAAA] = [1, 28];
const [NOERROR, SERVFAIL, NXDOMAIN] = [0, 2, 3];
const TTL_SECONDS = 3600;

/** Name, type and class of the one question. */
function questionOf(query: Buffer): Buffer {
  let end = HEADER_BYTES;
  while (query[end] !== 0) end += 1 + (query[end] & LENGTH_BITS);
  return query.subarray(HEADER_BYTES, end + 5);
}

/** A record for A and AAAA, NXDOMAIN for names with a number of five figures and for other types. */
function answerTo(query: Buffer, failShare: number): Buffer {
  const question = questionOf(query);
  const type = question.readUInt16BE(question.length - 4);
  const isKnown = (type === A || type === AAAA) && !/x\d{5}/.test(question.toString('latin1'));
  const code = Math.random() < failShare ? SERVFAIL : isKnown ? NOERROR : NXDOMAIN;
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  if (code !== NOERROR) return Buffer.concat([header, question]);
  header.writeUInt16BE(1, 6);
  const record = Buffer.alloc(HEADER_BYTES + (type === A ? 4 : 16), 7);
  record.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  record.writeUInt16BE(type, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(TTL_SECONDS, 6);
  record.writeUInt16BE(record.length - HEADER_BYTES, 10);
  return Buffer.concat([header, question, record]);
}

const settings = { meanMs: 0, failShare: 0 };

/** Times of a network: most near the mean, some far above. */
function delayMs(): number {
  return -Math.log(1 - Math.random()) * settings.meanMs * 0.7 + settings.meanMs * 0.3;
}

function listen(port: number): Promise<void> {
  const udp = dgram.createSocket('udp4', (query, { address, port: from }) => {
    setTimeout(() => udp.send(answerTo(query, settings.failShare), from, address), delayMs());
  });
  const tcp = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      for (let at = 0; at + 2 <= bytes.length; at += 2 + bytes.readUInt16BE(at)) {
        const answer = answerTo(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)), settings.failShare);
        const size = Buffer.alloc(2);
        size.writeUInt16BE(answer.length, 0);
        setTimeout(() => socket.writable && socket.write(Buffer.concat([size, answer])), delayMs());
      }
    });
  });
  tcp.listen(port);
  return new Promise((resolve) => udp.bind(port, resolve));
}

answerCalls({
  listen: async (port: number, meanMs: number) => {
    settings.meanMs = meanMs;
    await listen(port);
  },
  set: (meanMs: number, failShare: number) => Object.assign(settings, { meanMs, failShare }),
});
