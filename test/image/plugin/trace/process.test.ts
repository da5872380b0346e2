/** trace of the process as it ships, with a collector. */
import { createServer } from 'node:http';
import { ask } from '../../../support/dns-client';
import { serve } from '../../../support/served';

test('spans reach the collector while the process runs, and the last ones when it stops', async () => {
  const spans: { name: string; kind?: string; tags?: Record<string, string> }[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      if (request.url === '/api/v2/spans') spans.push(...JSON.parse(body));
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(26531, '127.0.0.1', resolve));
  const { stop } = await serve(`.:26530 {
    bind 127.0.0.1
    trace 127.0.0.1:26531 {
        zipkin_max_batch_interval 100ms
    }
    errors
    whoami
}
`);
  await ask({ name: 'first.example', port: 26530 });
  for (let times = 0; times < 100 && spans.length === 0; times++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(spans.map(({ name }) => name)).toEqual(['whoami', 'errors', 'servedns']);
  await ask({ name: 'last.example', port: 26530, over: 'tcp' });
  await stop();
  const last = spans.at(-1);
  expect(last).toMatchObject({
    kind: 'SERVER',
    tags: { 'coredns.io/name': 'last.example.', 'coredns.io/proto': 'tcp' },
  });
  await new Promise((resolve) => collector.close(resolve));
}, 30_000);
