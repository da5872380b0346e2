import { hostname } from 'node:os';
import { setup } from '../../../../image/plugin/nsid/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test.each([
  ['nsid', hostname()],
  ['nsid ps0', 'ps0'],
  ['nsid "tf 2"', 'tf 2'],
  ['nsid a b  c', 'a b c'],
  ['nsid ""', ''],
])('%j says %p', (body, data) => {
  expect(SETUPS.nsid).toBe(setup);
  expect(optionsOf('nsid', body)).toEqual({ data });
});

test.each([['nsid\nnsid'], ['nsid {\nx\n}']])('%j is refused', (body) => {
  expect(bodyRefusal(body)).toBe('plugin/nsid: this plugin can only be used once per Server Block');
});
