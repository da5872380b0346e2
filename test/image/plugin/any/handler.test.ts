import { handler } from '../../../../image/plugin/any/handler';
import { HANDLERS } from '../../../../image/plugin/handlers';
import { HandlerWorld } from '../../../support/query';

const world = new HandlerWorld('. {\nany\n}', {}, (query) => query.fail(5, ''));

test('RFC 8482: all types are one HINFO, under the name as it was asked for', () => {
  expect(HANDLERS.any).toBe(handler);
  expect(world.ask('Example.ORG.', { type: 'ANY' })).toMatchObject({
    rcode: 'NOERROR',
    writer: 'any',
    isAuthoritative: false,
    answer: ['Example.ORG. 8482 IN HINFO "ANY obsoleted" "See RFC 8482"'],
  });
});

test.each([['A'], ['AAAA'], ['MX'], ['TXT'], ['CNAME'], ['HINFO']])('%s goes on', (type) => {
  expect(world.ask('example.org.', { type }).rcode).toBe('REFUSED');
});
