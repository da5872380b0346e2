import { setup } from '../../../../image/plugin/ready/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

test.each([
  ['ready', ':8181'],
  ['ready 127.0.0.1:8181', '127.0.0.1:8181'],
  ['ready {\nmonitor until-ready\n}', ':8181'],
  ['ready [::1]:1 {\nmonitor continuously\nother\n}', '[::1]:1'],
])('%j listens on %s', (body, address) => {
  expect(SETUPS.ready).toBe(setup);
  expect(optionsOf('ready', body)).toEqual({ address });
});

test.each([
  ['ready x', 'address x: missing port in address'],
  ['ready\nready', 'this plugin can only be used once per Server Block'],
  ['ready {\nmonitor x\n}', "Cf:3 - Error during parsing: monitor type 'x' not supported"],
  [
    'ready {\nmonitor\n}',
    "Cf:3 - Error during parsing: Wrong argument count or unexpected line ending after 'monitor'",
  ],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/ready: ${message}`);
});
