/** The constructs for use in one's own cdk8s app; README.md beside this file shows how. */
export { CacheAutoscaler } from './autoscaling';
export { CacheRedirectPolicy } from './cilium';
export { completeInstallation } from './complete-installation';
export { CacheConfigMap } from './config-map';
export { corefile, type ServerBlock, serverBlock } from './corefile';
export { CacheDaemonSet } from './daemon-set';
export type { Installation, Release } from './installation';
export { CacheAlerts } from './monitoring/alerts';
export { dashboard } from './monitoring/dashboard';
export { CacheDashboard, CacheGrafanaDashboard } from './monitoring/dashboard-objects';
export { CacheMonitoring } from './monitoring/monitoring';
export { CachePodMonitor, CacheServiceMonitor } from './monitoring/scrape';
export { ClientPolicies } from './network-policy';
export { NodeLocalDns, type NodeLocalDnsProps } from './node-local-dns';
export { CacheServiceAccount } from './service-account';
export { FallbackService, MetricsService, UpstreamService } from './services';
export { DEFAULTS, type UserValues, type Values } from './values';
export type { NodePool, PoolValues } from './values-node-pools';
