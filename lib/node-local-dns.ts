/** The one construct users know: checks the whole, then composes the others. */
import { Construct } from 'constructs';
import { CacheAutoscaler } from './autoscaling';
import { CacheRedirectPolicy } from './cilium';
import { withDefaults } from './complete-installation';
import { CacheConfigMap } from './config-map';
import { refuseContradictions } from './contradictions';
import { CacheDaemonSet } from './daemon-set';
import { ExtraManifests } from './extra-manifests';
import { guarded } from './helm/app';
import { both, equals } from './helm/functions';
import { CacheTest } from './helm-test';
import { hasHooks } from './hooks';
import type { Installation, Release } from './installation';
import { hasFallback, hasOwnFlags } from './mode';
import { CacheMonitoring } from './monitoring/monitoring';
import { ClientPolicies } from './network-policy';
import { eachPool, firstPool } from './node-pools';
import { CacheServiceAccount } from './service-account';
import { FallbackService, MetricsService, UpstreamService } from './services';
import { CleanupDaemonSet, CleanupJob, needsCleanup } from './uninstall';
import type { UserValues, Values } from './values';

/** What may be said about an installation; everything has a default that works. */
export interface NodeLocalDnsProps {
  /** What differs from the defaults. @default none: the chart's values.yaml */
  readonly values?: UserValues;
  /** Names around the values. @default release `nodelocaldns` in kube-system, managed by cdk8s */
  readonly release?: Partial<Release>;
}

/** A DNS cache on every node of a cluster: account, Services, ConfigMap, DaemonSet, and what watches them. */
export class NodeLocalDns extends Construct {
  /** The values after defaults. */
  readonly values: Values;
  /** The facts around them, after defaults. */
  readonly release: Release;

  /** @throws RangeError when values cannot work together; the message names them and the repair */
  constructor(scope: Construct, id: string, props: NodeLocalDnsProps = {}) {
    super(scope, id);
    const { values, release } = withDefaults(props);
    this.values = values;
    this.release = release;
    refuseContradictions(this, { values, release });
    this.compose({ values, release });
  }

  private compose(installation: Installation): void {
    const { values } = installation;
    guarded(this, 'serviceaccount', values.serviceAccount.create, (scope) => {
      new CacheServiceAccount(scope, 'Default', installation);
    });
    guarded(this, 'service-upstream', values.upstreamService.create, (scope) => {
      new UpstreamService(scope, 'Default', installation);
    });
    guarded(this, 'service-fallback', both(values.fallbackService.create, hasFallback(values)), (scope) => {
      new FallbackService(scope, 'Default', installation);
    });
    new MetricsService(this, 'service-metrics', installation);
    eachPool(this, 'configmap', installation, (scope, one) => {
      new CacheConfigMap(scope, 'Default', one);
    });
    eachPool(this, 'daemonset', installation, (scope, one) => {
      new CacheDaemonSet(scope, 'Default', one);
    });
    new CacheMonitoring(this, 'Default', installation);
    const { create } = values.cilium.localRedirectPolicy;
    guarded(this, 'ciliumlocalredirectpolicy', both(equals(values.mode, 'cilium-lrp'), create), (scope) => {
      new CacheRedirectPolicy(scope, 'Default', installation);
    });
    eachPool(this, 'verticalpodautoscaler', installation, (inner, one) => {
      guarded(inner, 'Default', one.values.verticalPodAutoscaler.enabled, (scope) => {
        new CacheAutoscaler(scope, 'Default', one);
      });
    });
    guarded(this, 'networkpolicy', values.networkPolicy.enabled, (scope) => {
      new ClientPolicies(scope, 'Default', installation);
    });
    new ExtraManifests(this, 'extra', installation);
    if (hasHooks(installation.release)) this.composeHooks(installation);
  }

  private composeHooks(installation: Installation): void {
    const { values } = installation;
    eachPool(this, 'cleanup-daemonset', installation, (inner, one) => {
      guarded(inner, 'Default', needsCleanup(one.values), (scope) => {
        new CleanupDaemonSet(scope, 'Default', one);
      });
    });
    firstPool(this, 'cleanup-job', installation, needsCleanup, (scope, one) => {
      new CleanupJob(scope, 'Default', one);
    });
    guarded(this, 'test', both(values.helmTest.enabled, hasOwnFlags(values)), (scope) => {
      new CacheTest(scope, 'Default', installation);
    });
  }
}
