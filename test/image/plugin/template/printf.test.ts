import { formatIsKnown, sprintf } from '../../../../image/plugin/template/printf';

// What Go 1.26 prints is in expressions.json; here is what no expression there reaches.
test.each([
  ['%300d', [1n], 255],
  ['%0255d', [-1n], 255],
])('%s is no wider than any text of a record', (format, given, length) => {
  expect(sprintf(format, given)).toHaveLength(length);
});

test.each(['%d %s %v %q %x %X %o %b %c %t %%', 'no verb', '%5.2s|%-5d|%+d', '%'])('%j is known', (format) => {
  expect(formatIsKnown(format)).toBe(true);
});

test.each(['%U', '%e', '%*d', '%[1]d', '%T', '%5.2f'])('%j is not', (format) => {
  expect(formatIsKnown(format)).toBe(false);
});
