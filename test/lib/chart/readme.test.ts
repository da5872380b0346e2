import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHART } from '../../../lib/chart/facts';
import { readme } from '../../../lib/chart/readme';
import { FIELDS } from '../../../lib/values';
import { anchors } from '../../docs/pages';

test('the chart says all of its values', () => {
  for (const name of Object.keys(FIELDS)) expect(readme()).toMatch(new RegExp(`^\\| \`${name}[.\`]`, 'm'));
});

test('what other charts have and this one does not is found from it', () => {
  const [, file, anchor] = readme().match(/\[the list\]\((.*)#(.*)\)/) ?? [];
  const name = file.replace(`${CHART.repository}/blob/main/`, '');
  const text = fs.readFileSync(path.join(__dirname, '../../..', name), 'utf8');
  expect([...anchors({ file: name, text })]).toContain(anchor);
});

test('pages it leads to are there', () => {
  const pages = [...readme().matchAll(/\]\((https:[^)#]*)/g)].map(([, page]) => page);
  const files = pages.map((page) => page.replace(`${CHART.repository}/blob/main/`, ''));
  expect(files.length).toBeGreaterThan(4);
  expect(files.filter((file) => !fs.existsSync(path.join(__dirname, '../../..', file)))).toEqual([]);
});
