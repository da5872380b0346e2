import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { httpPost } from '../../../image/agent/http-post';

let server: Server;
let url = '';
const seen: { request: IncomingMessage; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      seen.push({ request, body });
      response.writeHead(request.url === '/bad' ? 503 : 202).end('x'.repeat(100_000));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('JSON is posted, and the status is the result', async () => {
  expect(await httpPost(`${url}/api/v2/spans`, '[{"ü":1}]')).toBe(202);
  expect(await httpPost(`${url}/bad`, '[]')).toBe(503);
  const [{ request, body }] = seen;
  expect([request.method, request.url, request.headers['content-type'], body]).toEqual([
    ...['POST', '/api/v2/spans', 'application/json', '[{"ü":1}]'],
  ]);
});

test.each([['http://127.0.0.1:1/'], ['http://'], ['foo']])('nobody at %s is an error', async (target) => {
  await expect(httpPost(target, '[]')).rejects.toThrow();
});
