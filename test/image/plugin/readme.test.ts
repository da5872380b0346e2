/** Every plugin's README has the same form, and what it says is so. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS } from '../../../image/observe/metrics';
import { planOf, refusal } from '../../support/corefile';

const FOLDER = join(__dirname, '../../../image/plugin');
const PLUGINS = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => [name, readFileSync(join(FOLDER, name, 'README.md'), 'utf8')]);
const machine = {
  files: { '/etc/resolv.conf': 'nameserver 192.0.2.53\n', '/etc/hosts': '', '/etc/coredns/hosts': '' },
  interfaces: [{ name: 'lo', addresses: ['127.0.0.1', '::1'] }],
};

describe.each(PLUGINS)('%s', (name, readme) => {
  const examples = [...readme.matchAll(/^```corefile\n([\s\S]*?)^```$/gm)].map(([, text]) => text);

  test('has the sections of the form, in order', () => {
    const sections = [...readme.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);
    const form = [name, 'Name', 'Description', 'Syntax', 'Metrics', 'Examples'];
    expect(sections.filter((title) => title !== 'Not yet')).toEqual(form);
    expect(sections.indexOf('Not yet')).toBe(readme.includes('## Not yet') ? form.length : -1);
    expect(readme).toMatch(new RegExp(`^_${name}_ - .+\\.$`, 'm'));
  });

  test('has examples that load and show the plugin', () => {
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      expect(refusal(example, machine)).toBeUndefined();
      const used = planOf(example, machine).blocks.flatMap(({ plugins }) => plugins.map((plugin) => plugin.name));
      expect(used).toContain(name);
    }
  });

  test('names metrics that exist, with their labels', () => {
    for (const [, metric, labels] of readme.matchAll(/`(coredns_[a-z_]+)(?:\{([a-z_, ]+)\})?`/g)) {
      expect(Object.keys(METRICS)).toContain(metric);
      const definition = METRICS[metric as keyof typeof METRICS];
      expect({ metric, labels: labels?.split(', ') ?? [] }).toEqual({ metric, labels: [...definition.labels] });
    }
  });

  test('says of every option its setup knows', () => {
    const sources = readdirSync(join(FOLDER, name)).filter((file) => file === 'setup.ts' || file === 'options.ts');
    const source = sources.map((file) => readFileSync(join(FOLDER, name, file), 'utf8')).join('\n');
    const options = [...source.matchAll(/^ +case '([a-z_]+)':|^ {4}([a-z_]+)\([_a-z]*stanza,/gm)].map(
      ([, a, b]) => a ?? b,
    );
    for (const option of options) expect(readme).toContain(option);
  });
});
