import { type HeaderOptions, setup } from '../../../../image/plugin/header/setup';
import { SETUPS } from '../../../../image/plugin/setups';
import { FLAG_AA, FLAG_RA, FLAG_RD } from '../../../../image/wire/header';
import { bodyRefusal, optionsOf } from '../../../support/corefile';

const options = (body: string) => optionsOf<HeaderOptions>('header', body);

test('rules add up, and of contrary ones the last wins', () => {
  expect(SETUPS.header).toBe(setup);
  const none = { set: 0, clear: 0 };
  expect(options('header {\nresponse set ra aa\nquery clear RD\n}')).toEqual({
    query: { set: 0, clear: FLAG_RD },
    response: { set: FLAG_RA | FLAG_AA, clear: 0 },
  });
  expect(options('header {\nresponse set ra\nresponse clear ra\n}').response).toEqual({ set: 0, clear: FLAG_RA });
  expect(options('header {\nresponse clear ra\nresponse set ra\n}')).toEqual({
    query: none,
    response: { set: FLAG_RA, clear: 0 },
  });
});

test('of several the first with a rule counts', () => {
  expect(options('header a {\n}\nheader {\nquery set rd\n}\nheader {\nquery set aa\n}').query.set).toBe(FLAG_RD);
});

test.each([
  ['header {\nfoo\n}', 'invalid selector=foo should be query or response'],
  ['header {\nquery\n}', 'no flag action provided'],
  ['header {\nquery set\n}', 'invalid length for flags, at least one should be provided'],
  ['header {\nquery foo rd\n}', 'unknown flag action=foo, should be set or clear'],
  ['header {\nquery set constructor\n}', 'unknown/unsupported flag=constructor'],
])('%j is refused', (body, message) => {
  expect(bodyRefusal(body)).toBe(`plugin/header: setting up rule: ${message}`);
});

test('no rule at all is refused', () => {
  expect(bodyRefusal('header')).toMatch(/Wrong argument count or unexpected line ending after 'header'$/);
});
