/**
 * Keeps the Corefile up to date with its two sources, which are looked at every 10 s:
 *
 *   directory of -basecorefile ─┐
 *                               ├─▶ render ─▶ does it load? ─▶ write to -conf ─▶ reload plugin, or -reloadwithsignal
 *   kube-dns ConfigMap ─────────┘                  │ no
 *                                                  └─▶ say so once, count it, keep the last good one, try again
 *
 * What is wrong is said and counted (errortype "configmap") when it is new, not every 10 s.
 * @source kubernetes/dns cmd/node-cache/app/configmap.go initDNSConfigSync and syncDNSConfig
 */
import { type PillarValues, pillarWarnings, renderPillars } from '../corefile/pillars';
import { CONFIG_RETRY_LOOKS_MAX, CONFIG_SYNC_MS } from '../limits';
import type { Log } from '../observe/log';
import { ConfigSources } from './config-sources';
import type { ClusterDns, CorefileText } from './configuration';
import * as configuration from './configuration';
import type { Settings } from './flags';
import { KUBE_DNS_NONE, type KubeDnsConfig } from './kube-dns';
import { Reports } from './reports';
import type { Cancel, Clock, Files } from './world';

/** What the sync needs of the world. */
export interface ConfigSyncAccess {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly clock: Clock;
  readonly log: Log;
  readonly processId: number;
  /** SIGUSR1 to this process. */
  signalReload(): void;
  /** Load a Corefile and forget it. @throws Error with its first mistake */
  check(corefile: CorefileText): void;
  /** A kind of set-up error for coredns_nodecache_setup_errors_total. */
  countSetupError(type: 'configmap'): void;
  /** For coredns_reload_failed_total: there a Corefile that does not load is found by reload, here before it is written. */
  countFailedReload(): void;
}

/** What becomes of a rendering. `same`: it is what is in use already. */
type Outcome = 'new' | 'same' | 'refused';

/** One per process. */
export class ConfigSync {
  private readonly settings: Settings;
  private readonly access: ConfigSyncAccess;
  private readonly clusterDns: ClusterDns;
  private readonly reports: Reports;
  private readonly sources: ConfigSources;
  /** The part of the ConfigMap that is in use: an older one while the newest does not load. */
  private kubeDnsInUse = KUBE_DNS_NONE;
  private current: CorefileText;
  private isCurrentWritten = true;
  /** What came out last is not in use: tried again, because what it misses may come. */
  private isRefused = false;
  private looksSinceRefusal = 0;
  private isWatching = false;

  constructor(settings: Settings, access: ConfigSyncAccess) {
    this.settings = settings;
    this.access = access;
    this.clusterDns = configuration.clusterDnsOf(settings.upstreamService, access.environment);
    this.reports = new Reports(access.log, () => access.countSetupError('configmap'));
    this.sources = new ConfigSources(settings, access.files, this.reports);
    this.current = configuration.readyCorefile(settings);
  }

  /**
   * The Corefile to start with.
   * When what comes of the template does not load, it is the file that an earlier start left at -conf; when there is none
   * or it does not load either, the template without the ConfigMap; at last what came first, so that the start ends with
   * its mistake.
   * @throws CorefileError when the template needs the cluster's DNS address and nobody knows it
   */
  first(): CorefileText {
    if (!configuration.isRendered(this.settings)) return this.current;
    this.announce();
    this.sources.look();
    const base = this.sources.readBase();
    if (base === null || this.apply(base) !== 'refused') return this.current;
    return this.fallBack(base);
  }

  /** The Corefile to reload: from its file wherever it was written, since somebody may have edited it. */
  latest(): CorefileText {
    return this.isCurrentWritten ? { ...this.current, text: null } : this.current;
  }

  /** Look at both sources every CONFIG_SYNC_MS. With -reloadwithsignal each change ends in a SIGUSR1 to ourselves. */
  watch(): Cancel {
    if (!configuration.isRendered(this.settings)) return () => {};
    this.isWatching = true;
    return this.access.clock.every(CONFIG_SYNC_MS, () => {
      if (this.look() && this.settings.reloadWithSignal) this.signalReload();
    });
  }

  /** @returns true when there is something to reload */
  private look(): boolean {
    const changes = this.sources.look();
    const hasChanged = changes.kubeDns || changes.base;
    if (!hasChanged && !this.isRetryDue()) return false;
    if (hasChanged) this.looksSinceRefusal = 0;
    if (hasChanged) for (const source of ['template', 'rendering']) this.reports.forget(source);
    const base = this.sources.readBase();
    if (base === null) return false;
    const outcome = this.apply(base);
    if (!changes.base) return outcome === 'new';
    // Equal texts may import a file that changed; and a template is not to wait for a ConfigMap that does not load.
    return outcome !== 'refused' || this.applyQuietly(base, this.kubeDnsInUse);
  }

  /** After 10, 20, 40, … s, then at equal distances: a check may ask the network for addresses, and we wait for it. */
  private isRetryDue(): boolean {
    if (!this.isRefused) return false;
    const looks = ++this.looksSinceRefusal;
    return looks % CONFIG_RETRY_LOOKS_MAX === 0 || (looks < CONFIG_RETRY_LOOKS_MAX && (looks & (looks - 1)) === 0);
  }

  private signalReload(): void {
    const { log, processId } = this.access;
    log.info(`Sending reload signal to PID ${processId}`);
    try {
      this.access.signalReload();
    } catch (error) {
      log.error(`Failed to trigger CoreDNS reload: ${(error as Error).message}`);
    }
  }

  private announce(): void {
    const { settings, access } = this;
    const { address, variable, value } = this.clusterDns;
    access.log.info(`Using Corefile ${settings.conf}`);
    access.log.info(`Using Pidfile ${settings.pidfile}`);
    if (address === '') {
      const service = settings.upstreamService;
      const where = `env $${variable} \`${value}\``;
      access.log.warning(`Unable to lookup IP address of Upstream service ${service}, ${where}`);
    }
    if (this.sources.kubeDnsDirectory === '') {
      access.log.info('Skipping kube-dns configmap sync as no directory was specified');
    }
    if (settings.conf === '') {
      access.log.warning('-conf is not given: the Corefile made from -basecorefile is used without being written');
    }
  }

  /** Render with the newest ConfigMap, check, write, use. */
  private apply(base: string): Outcome {
    let text = '';
    try {
      text = this.render(base, this.sources.kubeDns);
      this.isRefused = false;
      if (text === this.current.text) return 'same';
      this.access.check({ file: configuration.corefileName(this.settings), text });
    } catch (error) {
      this.isRefused = true;
      this.refuse((error as Error).message, text);
      return 'refused';
    }
    this.use(base, text, this.sources.kubeDns);
    return 'new';
  }

  /** The same with another ConfigMap than the newest, which was refused. @returns whether it is in use now */
  private applyQuietly(base: string, kubeDns: KubeDnsConfig): boolean {
    const text = this.render(base, kubeDns);
    if (kubeDns === this.sources.kubeDns || !this.loads({ file: configuration.corefileName(this.settings), text }))
      return false;
    const { baseCorefile } = this.settings;
    this.access.log.warning(`${baseCorefile} is used without the newest values of the kube-dns ConfigMap instead`);
    this.use(base, text, kubeDns);
    return true;
  }

  private render(base: string, kubeDns: KubeDnsConfig): string {
    return renderPillars(base, this.pillarValues(kubeDns));
  }

  private pillarValues(kubeDns: KubeDnsConfig): PillarValues {
    const { settings, clusterDns, access } = this;
    const { own, others } = configuration.systemServers(settings, clusterDns, access.files);
    const values = configuration.pillarValues(settings, clusterDns, kubeDns);
    return own.length === 0 ? values : { ...values, systemServers: others };
  }

  private refuse(message: string, text: string): void {
    const { baseCorefile } = this.settings;
    const isNew = this.reports.report('rendering', `Corefile made from ${baseCorefile} is not used: ${message}`);
    if (isNew && text !== '') this.access.log.block('Refused config file:', text);
    if (isNew && this.isWatching) this.access.countFailedReload();
  }

  private use(base: string, text: string, kubeDns: KubeDnsConfig): void {
    const { log } = this.access;
    const values = this.pillarValues(kubeDns);
    for (const warning of pillarWarnings(base, values)) log.warning(warning);
    this.kubeDnsInUse = kubeDns;
    this.current = { file: configuration.corefileName(this.settings), text };
    this.isCurrentWritten = this.write(text);
    const upstreams = kubeDns.upstreamServers.join(' ') || values.systemServers?.join(' ') || '/etc/resolv.conf';
    const count = Object.keys(kubeDns.stubDomains).length;
    log.info(`Updated Corefile with ${count} custom stubdomains and upstream servers ${upstreams}`);
    log.block('Using config file:', text);
  }

  /** On a read-only file system the text is as good without its file. @returns whether it was written */
  private write(text: string): boolean {
    if (!configuration.isWritten(this.settings)) return false;
    try {
      configuration.writeCorefile(this.settings.conf, text, this.access.files);
      return true;
    } catch (error) {
      this.reports.report('-conf', `${(error as Error).message}; used without being written`);
      return false;
    }
  }

  private fallBack(base: string): CorefileText {
    const { settings } = this;
    const left = configuration.readyCorefile(settings);
    if (configuration.isWritten(settings) && this.access.files.exists(settings.conf) && this.loads(left)) {
      this.access.log.warning(`${settings.conf} of an earlier start is used instead`);
      return left;
    }
    if (this.applyQuietly(base, KUBE_DNS_NONE)) return this.current;
    return { file: configuration.corefileName(settings), text: this.render(base, this.sources.kubeDns) };
  }

  private loads(corefile: CorefileText): boolean {
    try {
      this.access.check(corefile);
      return true;
    } catch {
      return false;
    }
  }
}
