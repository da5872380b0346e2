/** Plain manifests, by function and by the command that README names. */
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { manifests } from '../../../lib/chart/manifests';
import { byName, direct, parsed, temporaryFolder } from '../../support/helm';

const ROOT = path.join(__dirname, '../../..');
const folder = temporaryFolder();

/** The command of `npm run manifests`, without npm. */
function run(...parameters: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = path.join(ROOT, 'node_modules/.bin/tsx');
  return spawnSync(program, ['lib/command.ts', 'manifests', ...parameters], { cwd: ROOT, encoding: 'utf8' });
}

describe('manifests', () => {
  test('are the objects of the constructs', () => {
    const values = { serviceMonitor: { enabled: true } };
    const release = { name: 'nodelocaldns', service: 'cdk8s', chart: undefined };
    expect(byName(parsed(manifests({ values })))).toEqual(byName(direct(values, release)));
  });

  test('are refused with the name of the value that is wrong', () => {
    const values = { zones: { cluster: { cache: { sucess: {} } } } } as never;
    expect(() => manifests({ values })).toThrow('zones.cluster.cache.sucess is not known: did you mean success?');
  });
});

describe('npm run manifests', () => {
  test('takes values files, the later over the earlier, and a namespace', () => {
    fs.writeFileSync(path.join(folder, 'a.yaml'), 'clusterDomain: a.example\nlocalIPs: [fd00::10]\n');
    fs.writeFileSync(path.join(folder, 'b.yaml'), 'clusterDomain: b.example\n');
    const files = ['-f', path.join(folder, 'a.yaml'), '-f', path.join(folder, 'b.yaml')];
    const { stdout, status } = run(...files, '-n', 'dns');
    expect(status).toBe(0);
    expect(stdout).toContain('b.example:53 {');
    expect(stdout).toContain('- -localip=fd00::10');
    expect(new Set(parsed(stdout).map(({ metadata }) => metadata.namespace))).toEqual(new Set(['dns']));
  });

  test('ends with one line and status 1 when they are wrong', () => {
    fs.writeFileSync(path.join(folder, 'wrong.yaml'), 'ports: {health: 9253}\n');
    expect(run('-f', path.join(folder, 'wrong.yaml'))).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^ports\.health and ports\.metrics are both 9253: [^\n]*\n$/),
    });
  });
});
