import { LIFE } from '../../lib/values-life';

/** @source Helm, `helm uninstall --timeout` */
const HELM_PATIENCE_SECONDS = 300;

test('no wait after an uninstall is longer than Helm is patient, with a minute for pods to start', () => {
  expect(LIFE.cleanupOnUninstall.fields?.waitSeconds.schema.maximum).toBe(HELM_PATIENCE_SECONDS - 60);
});

test('pods of which one has to run go where a control plane is the only node, and not to nodes that are down', () => {
  const roles = ['control-plane', 'master'].map((role) => `node-role.kubernetes.io/${role}`);
  const wanted = [
    { key: 'CriticalAddonsOnly', operator: 'Exists' },
    ...roles.map((key) => ({ key, operator: 'Exists', effect: 'NoSchedule' })),
  ];
  for (const { initial } of [LIFE.cleanupOnUninstall, LIFE.helmTest]) expect(initial.tolerations).toEqual(wanted);
});
