/** The one construct users know: checks the whole, then composes the others. */
import { Construct } from 'constructs';
import { CacheConfigMap } from './config-map';
import { CacheDaemonSet } from './daemon-set';
import { guarded, refuse } from './helm/app';
import { both, equals, sharesKey } from './helm/functions';
import { merge } from './helm/values';
import type { Installation, Release } from './installation';
import { CacheAlerts } from './monitoring/alerts';
import { CacheServiceMonitor } from './monitoring/scrape';
import { CacheServiceAccount } from './service-account';
import { MetricsService, UpstreamService } from './services';
import { DEFAULTS, type UserValues, type Values } from './values';

/** What may be said about an installation; everything has a default that works. */
export interface NodeLocalDnsProps {
  /** What differs from the defaults. @default none: the chart's values.yaml */
  readonly values?: UserValues;
  /** Names around the values. @default release `nodelocaldns` in kube-system, managed by cdk8s */
  readonly release?: Partial<Release>;
}

/** The annotations that `metrics.scrapeAnnotations` writes. */
const SCRAPED = { 'prometheus.io/port': '', 'prometheus.io/scrape': '' };
const RELEASE: Release = { name: 'nodelocaldns', namespace: 'kube-system', service: 'cdk8s' };

/** A DNS cache on every node of a cluster: account, Services, ConfigMap, DaemonSet, and what watches them. */
export class NodeLocalDns extends Construct {
  /** The values after defaults. */
  readonly values: Values;
  /** The facts around them, after defaults. */
  readonly release: Release;

  /** @throws RangeError when values cannot work together; the message names them and the repair */
  constructor(scope: Construct, id: string, props: NodeLocalDnsProps = {}) {
    super(scope, id);
    this.values = merge<Values>(DEFAULTS, props.values);
    this.release = { ...RELEASE, ...props.release };
    this.refuseContradictions();
    this.compose({ values: this.values, release: this.release });
  }

  private refuseContradictions(): void {
    this.refuseEqualPorts();
    this.refuseEqualKeys();
    const { upstreamService, fullnameOverride, corefile, extraServerBlocks } = this.values;
    refuse(
      this,
      'names',
      equals(upstreamService.name, fullnameOverride),
      `upstreamService.name and fullnameOverride are both ${upstreamService.name}: they name two Services, rename one`,
    );
    refuse(
      this,
      'corefile',
      both(corefile, extraServerBlocks),
      'corefile and extraServerBlocks are both set, and corefile replaces everything: move the blocks into ' +
        'corefile and leave extraServerBlocks empty',
    );
  }

  private refuseEqualPorts(): void {
    const listeners = Object.entries(this.values.ports);
    for (const [index, [name, port]] of listeners.entries()) {
      for (const [other, otherPort] of listeners.slice(index + 1)) {
        const message =
          `ports.${name} and ports.${other} are both ${port}: each is a listener of its own on the node, set one ` +
          `to another free port`;
        refuse(this, `${name}-${other}`, equals(port, otherPort), message);
      }
    }
  }

  /** Maps that are written into one another: a key twice is YAML that some tools refuse and others read differently. */
  private refuseEqualKeys(): void {
    const { commonLabels, daemonSet, metrics, serviceMonitor, prometheusRule } = this.values;
    const labels = { 'daemonSet.podLabels': daemonSet.podLabels, 'serviceMonitor.labels': serviceMonitor.labels };
    for (const [name, map] of Object.entries({ ...labels, 'prometheusRule.labels': prometheusRule.labels })) {
      const message = `${name} and commonLabels set the same label, which every object has already: remove it from one`;
      refuse(this, name, sharesKey(commonLabels, map), message);
    }
    refuse(
      this,
      'annotations',
      both(metrics.scrapeAnnotations, sharesKey(daemonSet.podAnnotations, SCRAPED)),
      `daemonSet.podAnnotations has ${Object.keys(SCRAPED).join(' or ')}, which metrics.scrapeAnnotations ` +
        `writes: set that to false to write your own`,
    );
  }

  private compose(installation: Installation): void {
    const { values } = installation;
    guarded(this, 'serviceaccount', values.serviceAccount.create, (scope) => {
      new CacheServiceAccount(scope, 'Default', installation);
    });
    guarded(this, 'service-upstream', values.upstreamService.create, (scope) => {
      new UpstreamService(scope, 'Default', installation);
    });
    new MetricsService(this, 'service-metrics', installation);
    new CacheConfigMap(this, 'configmap', installation);
    new CacheDaemonSet(this, 'daemonset', installation);
    guarded(this, 'servicemonitor', values.serviceMonitor.enabled, (scope) => {
      new CacheServiceMonitor(scope, 'Default', installation);
    });
    guarded(this, 'prometheusrule', values.prometheusRule.enabled, (scope) => {
      new CacheAlerts(scope, 'Default', installation);
    });
  }
}
