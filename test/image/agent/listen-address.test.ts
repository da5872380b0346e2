/** Addresses of HTTP listeners as Go reads them. */
import { parseListenAddress } from '../../../image/agent/listen-address';

test.each([
  [':9253', '', 9253],
  ['0.0.0.0:9353', '0.0.0.0', 9353],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['[::1]:9253', '::1', 9253],
  ['localhost:9153', 'localhost', 9153],
])('%s', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
  ['127.0.0.1', 'address 127.0.0.1: missing port in address'],
  ['::1:9253', 'address ::1:9253: too many colons in address'],
  ['[::1]', 'address [::1]: missing port in address'],
  ['127.0.0.1:99999', 'address 127.0.0.1:99999: invalid port'],
  ['127.0.0.1:', 'address 127.0.0.1:: invalid port'],
  ['localhost:http', 'address localhost:http: invalid port'],
])('%s is refused in Go words', (text, message) => {
  expect(() => parseListenAddress(text)).toThrow(message);
});
