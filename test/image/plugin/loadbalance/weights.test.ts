import { WEIGHTS_FILE_CHARACTERS_MAX } from '../../../../image/limits';
import { parseWeights } from '../../../../image/plugin/loadbalance/weights';

test('names, addresses and weights, with comments and blanks between them', () => {
  const text =
    '# all\n\nW1.example\n192.0.2.1 3\n 2001:DB8::1\t255 \nw2.example.\n10.0.0.1 1\nw1.example.\n192.0.2.1 9\n192.0.2.2 4';
  expect(JSON.parse(JSON.stringify(parseWeights(text, 'f')))).toEqual({
    'w1.example.': { '192.0.2.1': 3, '2001:db8::1': 255, '192.0.2.2': 4 },
    'w2.example.': { '10.0.0.1': 1 },
  });
});

// Texts as k8s-dns-node-cache 1.26.8 writes them.
test.each([
  ['192.0.2.1 3', 'missing domain name in weight file f'],
  ['a\n192.0.2.1', 'wrong domain name:"192.0.2.1" in weight file f. (Maybe a missing weight value?)'],
  ['a\nfoo 3', 'wrong IP address:"foo" in weight file f'],
  ['a\n192.0.2.1 256', 'wrong weight value:"256" in weight file f'],
  ['a\n192.0.2.1 0', 'wrong weight value:"0" in weight file f'],
  ['a\n192.0.2.1 -1', 'wrong weight value:"-1" in weight file f'],
  ['a\n192.0.2.1 1 2', 'could not parse weight line:"192.0.2.1 1 2" in weight file f'],
])('%j is refused', (text, message) => {
  expect(() => parseWeights(text, 'f')).toThrow(message);
});

test('names that objects have of their own are names', () => {
  expect(parseWeights('constructor\n192.0.2.1 2\n__proto__\n192.0.2.1 3', 'f')).toMatchObject({
    'constructor.': { '192.0.2.1': 2 },
    '__proto__.': { '192.0.2.1': 3 },
  });
});

test('a file that is too long is refused', () => {
  expect(() => parseWeights('#'.repeat(WEIGHTS_FILE_CHARACTERS_MAX + 1), 'f')).toThrow('too many');
});
