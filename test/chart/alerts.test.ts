/** Every alert fires when it should and is silent when it should not, as promtool says; and has a page for 3 a.m. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ALERT_NAMES } from '../../lib/values-alerts';
import { direct, find, temporaryFolder } from '../support/helm';
import { needs } from '../support/needs';
import { ALL, promtool, RULES, tried } from '../support/promtool';
import { CASES, WELL } from './alert-cases';

const PAGES = path.join(__dirname, '../../docs/runbooks');

describe('the cases', () => {
  test.each([...ALERT_NAMES])('%s is seen firing and silent', (name) => {
    const mine = CASES.filter(({ alert }) => alert === name);
    expect(mine.filter(({ fires }) => fires.length > 0).length).toBeGreaterThan(0);
    expect(mine.filter(({ fires }) => fires.length === 0).length).toBeGreaterThan(0);
  });
});

needs('promtool').describe('promtool', () => {
  const folder = temporaryFolder();

  test('finds nothing wrong with the rules', () => {
    const rule = find(direct({ prometheusRule: { enabled: true } }), 'PrometheusRule') as unknown as { spec: object };
    const file = path.join(folder, 'all.json');
    fs.writeFileSync(file, JSON.stringify(rule.spec));
    expect(promtool('check', 'rules', file)).toBe('');
  });

  test.each(CASES)('$alert $title', (one) => {
    expect(tried(folder, one)).toBe('');
  });

  test('every alert is silent where all is well', () => {
    expect(tried(folder, { alert: ALL, title: 'all is well', series: WELL, atMinutes: 45, fires: [] })).toBe('');
  });

  test('complains when an alert does not do as a case says: these tests can fail', () => {
    const firing = CASES.find(({ alert, fires }) => alert === 'NodeLocalDNSPanic' && fires.length > 0);
    expect(firing && tried(folder, { ...firing, fires: [] })).toContain('NodeLocalDNSPanic');
  });
});

describe('the pages', () => {
  test('there is one per alert, and no other', () => {
    const pages = fs.readdirSync(PAGES).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual(ALERT_NAMES.map((name) => `${name}.md`).sort());
  });

  test.each([...ALERT_NAMES])('%s says what it means, what to look at, what to do', (name) => {
    const page = fs.readFileSync(path.join(PAGES, `${name}.md`), 'utf8');
    expect(page.split('\n')[0]).toBe(`# ${name}`);
    const heads = [...page.matchAll(/^## (.*)$/gm)].map(([, head]) => head);
    expect(heads).toEqual(['What it means', 'What to look at', 'What to do']);
    expect(page).toMatch(/```sh\n/);
  });

  test('each is where runbook_url says', () => {
    for (const { alert, annotations } of RULES) expect(annotations.runbook_url).toMatch(`/docs/runbooks/${alert}.md`);
  });
});
