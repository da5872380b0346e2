import { Rcode } from '../../../../image/wire/codes';
import { FLAG_QR } from '../../../../image/wire/header';
import { tables } from '../../../support/coredns-tables';
import { needs } from '../../../support/needs';
import { answering, HandlerWorld } from '../../../support/query';

const TIMEOUT = 'read udp 10.0.0.1:4242->10.0.0.2:53: i/o timeout';

/** A block with `errors` whose questions all fail with `errors.text`. */
function failing(block = 'errors', rcode: number = Rcode.SERVFAIL) {
  const inner = { text: TIMEOUT };
  const world = new HandlerWorld(`. {\n${block}\n}`, {}, (query) => query.fail(rcode, inner.text));
  return { world, inner };
}

test('an error is a line with code, name and type', () => {
  const { world } = failing();
  const outcome = world.ask('Example.ORG.', { type: 'AAAA' });
  expect(world.lines).toEqual([`[ERROR] plugin/errors: 2 example.org. AAAA: ${TIMEOUT}`]);
  expect(outcome).toMatchObject({ rcode: 'SERVFAIL', error: TIMEOUT });
});

test('a type without a name is written as such', () => {
  const { world } = failing('errors', Rcode.REFUSED);
  world.ask('.', { type: 'TYPE999' });
  expect(world.lines).toEqual([`[ERROR] plugin/errors: 5 . TYPE999: ${TIMEOUT}`]);
});

test('answers and failures without an error are no lines', () => {
  const answered = new HandlerWorld('. {\nerrors\n}', {}, answering(FLAG_QR | Rcode.NXDOMAIN, {}));
  answered.ask('a.');
  const refused = new HandlerWorld('. {\nerrors\n}', {}, (query) => query.fail(Rcode.REFUSED, ''));
  refused.ask('a.');
  expect([...answered.lines, ...refused.lines]).toEqual([]);
});

const CONSOLIDATE = 'errors {\nconsolidate 5m "i/o timeout$" warning\nconsolidate 30s ^read\n}';

test('errors that match are counted, and told when their time is over', () => {
  const { world, inner } = failing(CONSOLIDATE);
  for (let count = 0; count < 3; count++) world.ask('a.');
  world.pass(299_000);
  expect(world.lines).toEqual([]);
  world.pass(1_100);
  expect(world.lines).toEqual(["[WARNING] plugin/errors: 3 errors like 'i/o timeout$' occurred in last 5m0s"]);
  inner.text = 'read: connection refused'; // The second expression's, with its own time and level.
  world.ask('a.');
  world.pass(31_000);
  expect(world.lines.slice(1)).toEqual(["[ERROR] plugin/errors: 1 errors like '^read' occurred in last 30s"]);
});

test('with show_first the first is written, and a summary only when others follow', () => {
  const { world } = failing('errors {\nconsolidate 1m timeout info show_first\n}');
  const first = `[INFO] plugin/errors: 2 a. A: ${TIMEOUT}`;
  world.ask('a.');
  expect(world.lines).toEqual([first]);
  world.pass(61_000);
  expect(world.lines).toEqual([first]);
  world.ask('a.');
  world.ask('a.');
  world.pass(61_000);
  const summary = "[INFO] plugin/errors: 2 errors like 'timeout' occurred in last 1m0s";
  expect(world.lines).toEqual([first, first, summary]);
});

test('later errors do not put the summary off', () => {
  const { world } = failing(CONSOLIDATE);
  world.ask('a.');
  world.pass(200_000);
  world.ask('a.');
  world.pass(100_100);
  expect(world.lines).toEqual(["[WARNING] plugin/errors: 2 errors like 'i/o timeout$' occurred in last 5m0s"]);
});

test('counting begins anew with the next error, not with the summary', () => {
  const { world } = failing(CONSOLIDATE);
  world.ask('a.');
  world.pass(300_100);
  world.pass(300_100);
  expect(world.lines).toHaveLength(1);
  world.ask('a.');
  world.pass(200_000);
  expect(world.lines).toHaveLength(1);
  world.pass(100_100);
  expect(world.lines).toHaveLength(2);
});

test('errors that match nothing are lines as ever', () => {
  const { world, inner } = failing(CONSOLIDATE);
  inner.text = 'EOF';
  world.ask('a.');
  expect(world.lines).toEqual(['[ERROR] plugin/errors: 2 a. A: EOF']);
});

test('the end of the worker tells what was counted; what comes later is a line', () => {
  const { world } = failing(CONSOLIDATE);
  world.ask('a.');
  world.ask('a.');
  world.close();
  expect(world.lines).toEqual(["[WARNING] plugin/errors: 2 errors like 'i/o timeout$' occurred in last 5m0s"]);
  world.ask('a.');
  world.pass(600_000);
  expect(world.lines.slice(1)).toEqual([`[ERROR] plugin/errors: 2 a. A: ${TIMEOUT}`]);
});

needs('tables').describe('CoreDNS’s tables', () => {
  const rows = tables('coredns-v1.13.2', 'TestLogPattern');
  test.each(rows.map((row) => [row['name'], row['want'] as string]))('TestLogPattern: %s is %s', (name, want) => {
    const { world, inner } = failing(
      `errors {\nconsolidate 2s ^error.*!$ ${String(name).split(' ')[0].replace('warn', 'warning')}\n}`,
    );
    inner.text = 'error no good!';
    for (let count = 0; count < 4; count++) world.ask('example.org.');
    world.pass(2_100);
    expect(world.lines).toEqual([want]);
  });

  const testErrors = tables('coredns-v1.13.2', 'TestErrors', 'errors_test');
  test.each(testErrors.map((row) => [row['expectedErr'] === null, row] as const))(
    'TestErrors: no error is %s',
    (isFine, row) => {
      const code = (row['expectedCode'] as { $id: string }).$id === 'dns.RcodeNotAuth' ? Rcode.NOTAUTH : Rcode.NOERROR;
      const { world, inner } = failing('errors', code);
      inner.text = isFine ? '' : 'test error';
      world.ask('example.org.');
      expect(world.lines).toEqual(isFine ? [] : ['[ERROR] plugin/errors: 9 example.org. A: test error']);
    },
  );
});
