import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { guarded, HelmApp, refuse, saidOf } from '../../../lib/helm/app';
import { standIn } from '../../../lib/helm/token';
import { temporaryFolder } from '../../support/helm';

const folder = temporaryFolder();
const on = standIn<boolean>('.Values.on', 'scalar');
const port = standIn<number>('.Values.port', 'scalar');
let apps = 0;

/** What an app writes: `build` makes its constructs below one scope. */
function written(build: (scope: Construct) => void): (file: string) => string {
  const outdir = path.join(folder, `app-${apps++}`);
  const app = new HelmApp({ files: { 'Chart.yaml': 'name: x\n' }, outdir });
  build(new Construct(new Chart(app, 'chart'), 'whole'));
  app.synth();
  return (file) => fs.readFileSync(path.join(outdir, file), 'utf8');
}

const config = (scope: Construct, id: string) =>
  new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { labels: { a: 'b' }, name: 'n' } });

describe('a HelmApp', () => {
  test('writes the files it is given', () => {
    expect(written(() => {})('Chart.yaml')).toBe('name: x\n');
  });

  test('writes a template per construct, the name first', () => {
    const read = written((scope) => config(new Construct(scope, 'config'), 'Resource'));
    expect(read('templates/config.yaml')).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "n"\n  labels:\n    a: b\n',
    );
  });

  test('says what a construct finds wrong with itself', () => {
    const build = (scope: Construct) => scope.node.addValidation({ validate: () => ['no address'] });
    expect(() => written(build)).toThrow('no address');
  });

  test('leaves the key order of others alone afterwards', () => {
    written((scope) => config(scope, 'config'));
    expect(process.env.CDK8S_DISABLE_SORT).toBeUndefined();
  });
});

describe('guarded', () => {
  test('stands in the template where Helm decides', () => {
    const read = written((scope) => guarded(scope, 'config', on, (inner) => config(inner, 'Default')));
    expect(read('templates/config.yaml')).toMatch(/^\{\{- if \.Values\.on \}\}\napiVersion[\s\S]*\{\{- end \}\}\n$/);
  });

  test('builds or does not build where the value is plain', () => {
    const read = written((scope) => {
      guarded(scope, 'yes', true, (inner) => config(inner, 'Default'));
      guarded(scope, 'no', false, () => {
        throw new Error('built');
      });
    });
    expect(read('templates/yes.yaml')).not.toContain('{{');
    expect(() => read('templates/no.yaml')).toThrow('ENOENT');
  });
});

describe('refuse', () => {
  test('throws the message at once where the value is plain', () => {
    written((scope) => {
      expect(() => refuse(scope, 'a', true, 'port 53 is taken')).toThrow(new RangeError('port 53 is taken'));
      expect(() => refuse(scope, 'b', false, 'no')).not.toThrow();
    });
  });

  test('is a check of the chart where Helm decides, with the values in the message', () => {
    const read = written((scope) => refuse(scope, 'a', on, `port ${port} is 100% "taken"`));
    expect(read('templates/checks.yaml')).toBe(
      '{{- if .Values.on }}\n{{- fail (printf "port %v is 100%% \\"taken\\"" .Values.port) }}\n{{- end }}\n',
    );
  });

  test('says whose values they are, where a scope above knows', () => {
    const read = written((scope) => {
      const pool = standIn<string>('.Pool', 'string');
      const inner = new Construct(saidOf(scope, 'plain', 'in a: '), 'deeper');
      expect(() => refuse(inner, 'x', true, 'no')).toThrow(new RangeError('in a: no'));
      refuse(saidOf(scope, 'templated', `${pool}: `), 'y', on, 'no');
    });
    expect(read('templates/checks.yaml')).toContain('{{- fail (printf "%v: no" .Pool) }}');
  });
});
