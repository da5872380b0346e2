import { joinHostPort, portNumber, splitHostPort } from '../../../image/corefile/go-host-port';

describe('splitHostPort', () => {
  test.each([
    ['127.0.0.1:53', '127.0.0.1', '53'],
    [':9253', '', '9253'],
    ['[::1]:8080', '::1', '8080'],
    ['[fe80::1%eth0]:53', 'fe80::1%eth0', '53'],
    ['localhost:a', 'localhost', 'a'],
    ['[]:1', '', '1'],
    [':', '', ''],
  ])('%s', (address, host, port) => {
    expect(splitHostPort(address)).toEqual({ host, port });
  });

  test.each([
    ['127.0.0.1', 'address 127.0.0.1: missing port in address'],
    ['[::1]', 'address [::1]: missing port in address'],
    ['[::1]53', 'address [::1]53: missing port in address'],
    [':x:y', 'address :x:y: too many colons in address'],
    ['::1', 'address ::1: too many colons in address'],
    ['[::1]:5:3', 'address [::1]:5:3: too many colons in address'],
    ['[::1:53', "address [::1:53: missing ']' in address"],
    ['a[b:53', "address a[b:53: unexpected '[' in address"],
    ['a]b:53', "address a]b:53: unexpected ']' in address"],
  ])('%s is refused', (address, message) => {
    expect(() => splitHostPort(address)).toThrow(message);
  });
});

test('joinHostPort puts brackets around colons', () => {
  expect(joinHostPort('::1', 53)).toBe('[::1]:53');
  expect(joinHostPort('', 53)).toBe(':53');
});

test.each([
  ['0', 0],
  ['65535', 65535],
  ['65536', undefined],
  ['-1', undefined],
  ['dns', undefined],
  ['', undefined],
])('portNumber(%j) is %p', (text, port) => {
  expect(portNumber(text)).toBe(port);
});
