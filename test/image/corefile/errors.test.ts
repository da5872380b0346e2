import { machineEnvironment } from '../../../image/corefile/environment';
import { CorefileError, positionedText } from '../../../image/corefile/errors';
import { loadPlan } from '../../../image/corefile/load';

/** What an operator reads. */
function said(corefile: string): string {
  const environment = machineEnvironment(() => undefined);
  try {
    loadPlan(corefile, { file: 'Corefile', dnsPort: 53, environment });
  } catch (error) {
    return positionedText(error as CorefileError);
  }
  throw new Error('expected a Corefile that is refused');
}

describe('every refusal says where, also where CoreDNS does not', () => {
  test.each([
    ['a.test {\n  forward . dns.goggle\n}', 'Corefile:2 - plugin/forward: not an IP address or file: "dns.goggle"'],
    [
      'a.test {\n  forward . 1.1.1.1\n}\nb.test {\n  cache 0\n}',
      'Corefile:5 - plugin/cache: cache TTL can not be zero or negative: 0',
    ],
    [
      'a.test {\n  dnssec\n}',
      "Corefile:2 - no action found for directive 'dnssec' with server type 'dns' (missing a plugin?)",
    ],
    ['foo..bar {\n  log\n}', 'Corefile:1 - error inspecting server blocks: '],
    ['a.test:70000 {\n  log\n}', 'Corefile:1 - '],
    ['a.test {\n  log\n}\na.test {\n  log\n}', 'Corefile:4 - cannot serve dns://a.test.:53 - it is already defined'],
    ['a.test {\n  forward . 1.1.1.1:0\n}', "Corefile:2 - plugin/forward: upstream '1.1.1.1:0'"],
  ])('%j', (corefile, expected) => {
    expect(said(corefile).slice(0, expected.length)).toBe(expected);
  });

  test('once: what says it itself is left as it is', () => {
    expect(said('a.test {\n  forwad . 1.1.1.1\n}')).toBe(
      "Corefile:2 - Error during parsing: Unknown directive 'forwad'",
    );
    expect(positionedText(new CorefileError('no place known'))).toBe('no place known');
  });
});
