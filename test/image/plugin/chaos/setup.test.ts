import { hostname } from 'node:os';
import { AGENT_NAME, AGENT_VERSION } from '../../../../image/observe/version';
import { setup } from '../../../../image/plugin/chaos/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { optionsOf } from '../../../support/corefile';

const host = hostname();

test.each([
  ['chaos', { version: `${AGENT_NAME}-${AGENT_VERSION}`, authors: [AGENT_NAME] }],
  ['chaos v2', { version: 'v2', authors: [AGENT_NAME] }],
  ['chaos v3 "Zoe A" Bo Bo', { version: 'v3', authors: ['Bo', 'Zoe A'] }],
  ['chaos ""', { version: '', authors: [AGENT_NAME] }],
  ['chaos v\nchaos w', { version: 'v', authors: [AGENT_NAME] }],
])('%j', (body, said) => {
  expect(SETUPS.chaos).toBe(setup);
  expect(optionsOf('chaos', body)).toEqual({ ...said, host });
});

test('texts end at 255 octets', () => {
  const { version, authors } = optionsOf<ReturnType<typeof setup>>(
    'chaos',
    `chaos ${'v'.repeat(300)} ${'é'.repeat(300)}`,
  );
  expect(version).toBe('v'.repeat(255));
  expect(authors[0]).toHaveLength(255);
});
