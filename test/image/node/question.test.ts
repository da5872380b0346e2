/** One question to a server over UDP, over real sockets on loopback (ports 21210-21212). */
import { createSocket, type Socket } from 'node:dgram';
import { exchange, type QuestionError } from '../../../image/node/question';

const PORT = 21210;
const servers: Socket[] = [];

/** A server that sends these packets for each one that comes. */
async function server(answers: readonly Uint8Array[], port = PORT): Promise<void> {
  const socket = createSocket('udp4');
  servers.push(socket);
  socket.on('message', (_packet, from) => {
    for (const answer of answers) socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
}

afterEach(async () => {
  for (const socket of servers.splice(0)) await new Promise<void>((resolve) => socket.close(resolve));
});

const question = { packet: Uint8Array.of(1), address: '127.0.0.1', port: PORT, withinMs: 500 };

test('the first packet that is accepted is the answer', async () => {
  await server([Uint8Array.of(8), Uint8Array.of(9), Uint8Array.of(9, 9)]);
  const answer = await exchange({ ...question, accepts: ([first]) => first === 9 });
  expect([...answer]).toEqual([9]);
});

test('without one it fails in time, with nobody there at once', async () => {
  await server([Uint8Array.of(8)]);
  const silent = exchange({ ...question, withinMs: 30, accepts: () => false });
  await expect(silent).rejects.toThrow('no answer within 30 ms');
  const nobody = exchange({ ...question, port: PORT + 1, accepts: () => true }).catch(
    (error: QuestionError) => error.code,
  );
  expect(await nobody).toBe('ECONNREFUSED');
});

test('an address to which the system has no way, or sends nothing, is a failure like others', async () => {
  const refused = exchange({ ...question, address: '255.255.255.255', accepts: () => true });
  await expect(refused).rejects.toMatchObject({ code: 'EACCES' });
});
