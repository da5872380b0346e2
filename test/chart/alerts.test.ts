/** The PrometheusRule as a whole under promtool, and a page for each alert. What each is about: test/lib/monitoring. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ALERT_NAMES } from '../../lib/values-alerts';
import { direct, find, temporaryFolder } from '../support/helm';
import { needs } from '../support/needs';
import { ALL, promtool, RULES, tried } from '../support/promtool';

const PAGES = path.join(__dirname, '../../docs/runbooks');

/** An hour of a cache that is well. */
const WELL = {
  up: '1x60',
  'nodelocaldns_lease_held{address="169.254.20.10"}': '1x60',
  'nodelocaldns_node_mode_info{link="dummy", firewall="nft"}': '1x60',
  'coredns_dns_responses_total{rcode="NOERROR", plugin="cache"}': '0+500x60',
};

needs('promtool').describe('promtool', () => {
  const folder = temporaryFolder();

  test('finds nothing wrong with the rules', () => {
    const rule = find(direct({ prometheusRule: { enabled: true } }), 'PrometheusRule') as unknown as { spec: object };
    const file = path.join(folder, 'all.json');
    fs.writeFileSync(file, JSON.stringify(rule.spec));
    expect(promtool('check', 'rules', file)).toBe('');
  });

  test('sees every alert silent where all is well', () => {
    expect(tried(folder, { alert: ALL, title: 'all is well', series: WELL, atMinutes: 45, fires: [] })).toBe('');
  });

  test('complains when an alert does not do as a case says: these tests can fail', () => {
    const series = { coredns_panics_total: '0x5 1x20' };
    const said = tried(folder, { alert: 'NodeLocalDNSPanic', title: 'is silent', series, atMinutes: 8, fires: [] });
    expect(said).toMatch(/FAILED.*NodeLocalDNSPanic/s);
  });
});

describe('the pages', () => {
  test('there is one per alert, and no other; the README leads to each', () => {
    const pages = fs.readdirSync(PAGES).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual(ALERT_NAMES.map((name) => `${name}.md`).sort());
    const links = fs.readFileSync(path.join(PAGES, 'README.md'), 'utf8').matchAll(/\]\((\w+\.md)\)/g);
    expect([...links].map(([, file]) => file).sort()).toEqual(pages);
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
