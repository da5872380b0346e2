/** The link of this process on its node: made at the start, put back when somebody takes from it, removed at the end. */
import { NODE_ROUTES_MS } from '../limits';
import { LinkError } from '../node/link-error';
import type { Log } from '../observe/log';
import type { SETUP_ERROR_TYPES } from '../observe/metrics';
import type { NodePorts } from './node-ports';
import { Repairs } from './node-repairs';
import type { Cancel, Clock } from './world';

/** What keeping it needs. */
export interface NodeLinkAccess {
  /** Not opened before it is needed. */
  readonly ports: Pick<NodePorts, 'link'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Addresses that it should have. */
  addresses(): readonly string[];
  /** Does another process serve it, too? Its addresses are not ours to take. */
  isShared(): boolean;
  /** Something was made, or made again. */
  repaired(): void;
  /** It is not as it should be. @param type label of coredns_nodecache_setup_errors_total */
  failed(type: (typeof SETUP_ERROR_TYPES)[number]): void;
}

/** One per process. */
export class NodeLink {
  readonly name: string;
  private readonly access: NodeLinkAccess;
  private readonly repairs: Repairs;
  private isFirst = true;
  /** There was none at some time, and this process made one. */
  private wasMade = false;
  /** Its addresses when this process first looked; null: there was none. */
  private before: readonly string[] | null = null;
  private hasLooked = false;
  private cancelForget: Cancel = () => {};

  constructor(name: string, access: NodeLinkAccess) {
    const { clock, log } = access;
    this.name = name;
    this.access = access;
    this.repairs = new Repairs({
      ...{ clock, log },
      mended: `Interface ${name} is as it should be again`,
      failure: (message) => `Error checking dummy device ${name}: ${message}`,
      repair: async () => this.putBack(),
      failed: () => this.failed(),
    });
  }

  /** See to it now, before this returns; a failure is said, counted and tried again. */
  ensure(): void {
    void this.repairs.now();
  }

  /** The same in a moment, unless one that failed is to be tried again anyway. */
  ensureSoon(): void {
    this.repairs.soon();
  }

  /** No more repairs. */
  stop(): Promise<void> {
    this.cancelForget();
    return this.repairs.stop();
  }

  /** @throws LinkError */
  remove(): void {
    const { addresses, log, ports } = this.access;
    if (ports.link.remove(this.name, addresses())) log.info(`Removed interface - ${this.name}`);
  }

  /** As it was before this process came. @throws LinkError */
  undo(): void {
    if (this.wasMade) this.remove();
    else if (this.before !== null) {
      const gone = this.access.ports.link.dropFormer(this.name, this.before);
      if (gone.length > 0) this.access.log.info(`Interface ${this.name} has the addresses of before again`);
    }
  }

  /** @throws LinkError */
  private putBack(): void {
    const { addresses, isShared, ports } = this.access;
    const { name } = this;
    let isNew = false;
    try {
      const found = ports.link.addressesOf(name);
      isNew = found === null;
      if (!this.hasLooked) this.before = found;
      this.hasLooked = true;
      const former = isNew || isShared() ? [] : ports.link.dropFormer(name, addresses());
      this.changed([...former, ...ports.link.ensure(name, addresses())], isNew);
    } catch (error) {
      this.changed(error instanceof LinkError ? error.done : [], isNew);
      throw error;
    }
    this.isFirst = false;
  }

  /** @param isNew there was none before: one that is there now was made by this process */
  private changed(done: readonly string[], isNew: boolean): void {
    this.wasMade ||= isNew && done.length > 0;
    for (const line of done) {
      this.access.log.info(line);
      this.access.repaired();
    }
    if (done.length > 0 && this.access.addresses().some((address) => address.includes(':'))) this.forgetRoutesSoon();
  }

  private forgetRoutesSoon(): void {
    const { clock, ports } = this.access;
    this.cancelForget();
    this.cancelForget = clock.after(NODE_ROUTES_MS, () => {
      try {
        ports.link.forgetRoutes(this.name);
      } catch {
        // No socket, or no such device any more: the next ensure says so.
      }
    });
  }

  private failed(): void {
    if (this.isFirst) this.access.failed('interface_add'); // The Go agent counts a first failure in both.
    this.isFirst = false;
    this.access.failed('interface_check');
  }
}
