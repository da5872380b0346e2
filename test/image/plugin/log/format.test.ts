import { type FormatPiece, parseFormat } from '../../../../image/plugin/log/format';
import { COMBINED_FORMAT } from '../../../../image/plugin/log/setup';
import { type Row, tables } from '../../../support/coredns-tables';
import { needs } from '../../../support/needs';

/** Text as it is, the others in braces with their kind: short enough to compare at a glance. */
const short = (pieces: readonly FormatPiece[]) =>
  pieces.map((piece) =>
    piece.kind === 'text' ? piece.text : piece.kind === 'metadata' ? ['/', piece.name] : [piece.name],
  );

test.each([
  ['', []],
  ['a', ['a']],
  ['{name}', [['{name}']]],
  ['{{name}}', ['{', ['{name}'], '}']],
  ['{ {name} {rcode} }', ['{ ', ['{name}'], ' ', ['{rcode}'], ' }']],
  ['{Name}', ['{Name}'], 'case matters'],
  ['{>ID}', ['{>ID}'], 'here, too'],
  ['{when}', ['{when}'], 'unknown'],
  ['a{/x/y}b', ['a', ['/', 'x/y'], 'b'], 'metadata'],
  ['{', ['{']],
  ['}{type}', ['}', ['{type}']]],
] as [string, unknown[], string?][])('%j is taken apart as %j %s', (format, pieces) => {
  expect(short(parseFormat(format))).toEqual(pieces);
});

test('all of the combined format’s braces are known', () => {
  const texts = parseFormat(COMBINED_FORMAT).filter(({ kind }) => kind === 'text');
  expect(texts.map((piece) => (piece.kind === 'text' ? piece.text : '')).join('')).not.toContain('{');
});

type Node = { _0: string; _1: { $id: string } };
const joined = (pieces: readonly unknown[]) => JSON.stringify(pieces);

/** The row's nodes in the form of {@link short}; texts next to each other as one: whether they are is nobody's business. */
function nodesOf(row: Row): unknown[] {
  const nodes = Object.entries((row['Expected'] ?? {}) as Record<string, Node>).sort(
    ([a], [b]) => Number(a.slice(1)) - Number(b.slice(1)),
  );
  return merged(
    nodes.map(([, { _0: value, _1: kind }]) =>
      kind.$id === 'typeLiteral' ? value : kind.$id === 'typeMetadata' ? ['/', value] : [value],
    ),
  );
}

function merged(pieces: readonly unknown[]): unknown[] {
  const result: unknown[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (typeof piece === 'string' && typeof last === 'string') result[result.length - 1] = last + piece;
    else result.push(piece);
  }
  return result;
}

needs('tables').describe('CoreDNS’s table TestParseFormat', () => {
  test.each(tables('coredns-v1.13.2', 'TestParseFormat').map((row) => [String(row['Format']), row] as const))(
    '%j',
    (format, row) => {
      expect(joined(merged(short(parseFormat(format))))).toBe(joined(nodesOf(row)));
    },
  );
});
