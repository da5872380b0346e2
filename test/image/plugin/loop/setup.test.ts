import { bodyRefusal, planOf } from '../../../support/corefile';

const options = (text: string) => planOf(text).blocks[0].plugins.find(({ name }) => name === 'loop')?.options;

test('the probe goes to the first address bound, whatever the file’s order', () => {
  expect(options('cluster.local:1053 b {\n loop\n bind 127.0.0.2 127.0.0.1\n}')).toEqual({
    zone: 'cluster.local.',
    address: '127.0.0.2',
    port: 1053,
  });
});

test('and to this host without bind', () => {
  expect(options('. {\n loop\n}')).toEqual({ zone: '.', address: '', port: 53 });
});

test.each([
  ['loop x', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'x'"],
  ['loop\nloop', 'this plugin can only be used once per Server Block'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/loop: ${message}`);
});
