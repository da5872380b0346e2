import { hostname } from 'node:os';
import { DNSTAP_QUEUE_MAX } from '../../../../image/limits';
import { AGENT_NAME, AGENT_VERSION } from '../../../../image/observe/version';
import { type DnstapOptions, setup } from '../../../../image/plugin/dnstap/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

const DEFAULTS = {
  ...{ full: false, skipVerify: false, identity: hostname(), version: `${AGENT_NAME}-${AGENT_VERSION}`, extra: '' },
  queueMax: 10_000,
};

test.each([
  ['dnstap /run/d.sock', { transport: 'unix', endpoint: '/run/d.sock' }],
  ['dnstap unix:///run/d.sock full', { transport: 'unix', endpoint: '/run/d.sock', full: true }],
  ['dnstap tcp://a:6000 none', { transport: 'tcp', endpoint: 'a:6000' }],
  ['dnstap tcp://a:6000/x?y full 1024 2', { transport: 'tcp', endpoint: 'a:6000', full: true, queueMax: 20_000 }],
  ['dnstap tls://a:6000 full 1 4096', { transport: 'tls', endpoint: 'a:6000', full: true, queueMax: DNSTAP_QUEUE_MAX }],
  ['dnstap x {\nskipverify\nother\n}', { transport: 'unix', endpoint: 'x', skipVerify: true }],
  [
    'dnstap x {\nidentity me\nversion v1\nextra "{name} x"\n}',
    { transport: 'unix', endpoint: 'x', identity: 'me', version: 'v1', extra: '{name} x' },
  ],
])('%j', (body, said) => {
  expect(SETUPS.dnstap).toBe(setup);
  expect(optionsOf<DnstapOptions>('dnstap', body)).toEqual({ taps: [{ ...DEFAULTS, ...said }] });
});

test('several add up', () => {
  const { taps } = optionsOf<DnstapOptions>('dnstap', 'dnstap a {\nidentity i\n}\ndnstap b');
  expect(taps.map(({ endpoint, identity }) => [endpoint, identity])).toEqual([
    ['a', 'i'],
    ['b', hostname()],
  ]);
});

test.each([
  ['dnstap', "Cf:2 - Error during parsing: Wrong argument count or unexpected line ending after 'dnstap'"],
  [
    'dnstap a b c',
    'Cf:2 - Error during parsing: dnstap: invalid MultipleTcpWriteBuf "c": strconv.Atoi: parsing "c": invalid syntax',
  ],
  [
    'dnstap a b 0',
    'Cf:2 - Error during parsing: dnstap: MultipleTcpWriteBuf must be between 1 and 1024 (MiB units): 0',
  ],
  [
    'dnstap a b 1 4097',
    'Cf:2 - Error during parsing: dnstap: MultipleQueue must be between 1 and 4096 (x10k messages): 4097',
  ],
  [
    'dnstap a {\nidentity\n}',
    "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'identity'",
  ],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/dnstap: ${message}`);
});
