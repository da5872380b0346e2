/** charts/ is what synth writes, always the same. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { synthesized, temporaryFolder } from '../support/helm';

/** Path in the folder to text. */
function contents(folder: string): Record<string, string> {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((file) => path.relative(folder, path.join(file.parentPath ?? file.path, file.name))).sort();
  return Object.fromEntries(paths.map((file) => [file, fs.readFileSync(path.join(folder, file), 'utf8')]));
}

describe('synth', () => {
  const written = contents(synthesized(temporaryFolder()));
  const again = contents(synthesized(temporaryFolder()));

  test('writes the same bytes twice', () => {
    expect(again).toEqual(written);
  });

  test('wrote what is in charts/; if not, run `npm run synth` and commit', () => {
    expect(contents(path.join(__dirname, '../../charts'))).toEqual(written);
  });

  test('names templates as people do', () => {
    expect(Object.keys(written)).toEqual([
      '.helmignore',
      'Chart.yaml',
      'README.md',
      'dashboards/node-local-dns.json',
      'templates/NOTES.txt',
      'templates/_corefile.tpl',
      'templates/_helpers.tpl',
      'templates/checks.yaml',
      'templates/ciliumlocalredirectpolicy.yaml',
      'templates/cleanup-daemonset.yaml',
      'templates/cleanup-job.yaml',
      'templates/configmap.yaml',
      'templates/daemonset.yaml',
      'templates/dashboard.yaml',
      'templates/extra.yaml',
      'templates/grafanadashboard.yaml',
      'templates/networkpolicy.yaml',
      'templates/podmonitor.yaml',
      'templates/prometheusrule.yaml',
      'templates/service-fallback.yaml',
      'templates/service-metrics.yaml',
      'templates/service-upstream.yaml',
      'templates/serviceaccount.yaml',
      'templates/servicemonitor.yaml',
      'templates/test.yaml',
      'templates/verticalpodautoscaler.yaml',
      'values.schema.json',
      'values.yaml',
    ]);
  });

  test('leaves no trace of the machinery in any file', () => {
    for (const text of Object.values(written)) expect(text).not.toMatch(/[⟦⟧]|\[object Object\]|undefined/);
  });

  test('asks nothing of the cluster: `lookup` is empty under helm template and Argo CD', () => {
    for (const text of Object.values(written)) expect(text).not.toMatch(/\{\{[^}]*\blookup\b/);
  });
});
