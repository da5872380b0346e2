/**
 * The two directories a Corefile is made from: the template's, and the kube-dns ConfigMap's. What is wrong with one is
 * reported when it is new, and what was good before stays.
 */
import { basename, dirname, resolve } from 'node:path';
import { type DirectoryContent, readConfigDirectory } from './config-directory';
import { isWritten, readTemplate } from './configuration';
import type { Settings } from './flags';
import { KUBE_DNS_NONE, type KubeDnsConfig, readKubeDnsConfig } from './kube-dns';
import type { Reports } from './reports';
import type { Files } from './world';

/** Where the manifest mounts the kube-dns ConfigMap when -kubednscm is not given. */
const KUBE_DNS_DIRECTORY = '/etc/kube-dns';

/** What a look found. */
export interface Changes {
  /** There are other values than before; wrong ones are none. */
  readonly kubeDns: boolean;
  /** Any file beside the template changed: the Corefile may import it. */
  readonly base: boolean;
}

/** One per process. */
export class ConfigSources {
  /** The last good values of the ConfigMap. */
  kubeDns: KubeDnsConfig = KUBE_DNS_NONE;
  /** Empty when there is none. */
  readonly kubeDnsDirectory: string;
  private readonly settings: Settings;
  private readonly files: Files;
  private readonly reports: Reports;
  private kubeDnsVersion = '';
  private baseVersion = '';

  constructor(settings: Settings, files: Files, reports: Reports) {
    this.settings = settings;
    this.files = files;
    this.reports = reports;
    this.kubeDnsDirectory = settings.kubeDnsDirectory || (files.exists(KUBE_DNS_DIRECTORY) ? KUBE_DNS_DIRECTORY : '');
  }

  /** Read both directories. */
  look(): Changes {
    return { kubeDns: this.readKubeDns(), base: this.readBaseDirectory() };
  }

  /** The template. @returns null when there is none: then a ready Corefile is expected at -conf */
  readBase(): string | null {
    try {
      const base = readTemplate(this.settings.baseCorefile, this.files);
      this.reports.forget('template');
      return base;
    } catch (error) {
      this.reports.report('template', (error as Error).message);
      return null;
    }
  }

  private readKubeDns(): boolean {
    if (this.kubeDnsDirectory === '') return false;
    const content = this.readDirectory('kube-dns', this.kubeDnsDirectory);
    if (content === null || content.version === this.kubeDnsVersion) return false;
    this.kubeDnsVersion = content.version;
    this.reports.forget('kube-dns values');
    try {
      this.kubeDns = readKubeDnsConfig(content.files, (path) => this.files.exists(path));
      return true;
    } catch (error) {
      this.reports.report('kube-dns values', (error as Error).message);
      return false;
    }
  }

  private readBaseDirectory(): boolean {
    const { baseCorefile, conf } = this.settings;
    const directory = dirname(baseCorefile);
    const hasOurs = isWritten(this.settings) && resolve(dirname(conf)) === resolve(directory);
    const content = this.readDirectory('node-local-dns', directory, hasOurs ? basename(conf) : '');
    if (content === null || content.version === this.baseVersion) return false;
    this.baseVersion = content.version;
    return true;
  }

  private readDirectory(name: string, path: string, ignored = ''): DirectoryContent | null {
    const source = `${name} directory`;
    try {
      const content = readConfigDirectory(path, this.files, ignored);
      this.reports.forget(source);
      return content;
    } catch (error) {
      this.reports.report(source, `Failed to sync ${name} config directory ${path}, err: ${(error as Error).message}`);
      return null;
    }
  }
}
