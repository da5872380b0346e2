import { direct } from '../support/helm';

test('objects of the user stand as they are beside those of the chart', () => {
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' }, stringData: { a: '{{ .Values.b }}' } };
  expect(direct({ extraManifests: [object] })).toContainEqual(object);
  expect(direct({}).filter(({ kind }) => kind === 'Secret')).toEqual([]);
});
