/**
 * Answers from lines in the form of /etc/hosts: the file's first, the block's after them.
 * @source coredns plugin/hosts/hosts.go at v1.13.2; reference coredns-semantics 3.12
 */
import type { MessageToWorker } from '../../agent/messages';
import type { HandlerContext, HandlerFactory, Scratch } from '../../chain/context';
import { type Handler, Step } from '../../chain/plugin';
import type { Query } from '../../chain/query';
import type { Counters } from '../../observe/counters';
import { Class, Rcode, Type } from '../../wire/codes';
import type { ResourceRecord } from '../../wire/message';
import { textToName } from '../../wire/name-text';
import { replyWith } from '../reply';
import { ZoneList } from '../zone-list';
import { type HostsPack, packHosts } from './pack';
import { reverseNameAddress } from './reverse-name';
import type { HostsOptions } from './setup';
import { HostsTable, type HostsTableOptions } from './table';

export class HostsHandler implements Handler {
  readonly name = 'hosts';
  private readonly path: string;
  private readonly ttlSeconds: number;
  private readonly fallthrough: ZoneList;
  private readonly tableOptions: HostsTableOptions;
  private readonly inline: HostsTable;
  private readonly counters: Counters;
  private readonly scratch: Scratch;
  /** What the file says now. */
  private file: HostsTable;

  constructor(options: HostsOptions, context: HandlerContext) {
    this.path = options.path;
    this.ttlSeconds = options.ttlSeconds;
    this.fallthrough = new ZoneList(options.fallthrough);
    this.tableOptions = { zones: new ZoneList(options.zones), reverse: options.reverse };
    this.inline = new HostsTable(packHosts(options.lines.join('\n')), this.tableOptions);
    this.counters = context.counters;
    this.scratch = context.scratch;
    this.file = this.read(context.hostsFile(options.path));
  }

  /** Take a file over as main has read it. Its time is main's to tell, too (agent/hosts-watch.ts). */
  private read(pack: HostsPack): HostsTable {
    const table = new HostsTable(pack, this.tableOptions);
    const slot = this.counters.slot('coredns_hosts_entries', this.path);
    this.counters.set(slot, table.entries + this.inline.entries);
    return table;
  }

  receive(message: MessageToWorker): void {
    if (message.kind === 'hosts' && message.path === this.path) this.file = this.read(message.pack);
  }

  handle(query: Query): Step {
    const { name } = query;
    const { type } = query.view;
    if (type === Type.PTR) return this.answerPointer(query);
    if (this.tableOptions.zones.find(name) === '') return Step.PASS;
    const addresses4 = [...this.file.addresses4(name), ...this.inline.addresses4(name)];
    const addresses6 = [...this.file.addresses6(name), ...this.inline.addresses6(name)];
    if (addresses4.length === 0 && addresses6.length === 0) return this.unknown(query);
    if (type === Type.A) return this.answer(query, Type.A, addresses4);
    if (type === Type.AAAA) return this.answer(query, Type.AAAA, addresses6);
    return this.answer(query, type, []); // The name exists: no data.
  }

  /** The names of an address, of whatever zone the question is; an unknown address always goes on. */
  private answerPointer(query: Query): Step {
    const address = reverseNameAddress(query.name);
    if (address === undefined) return Step.PASS;
    const names = [...this.file.names(address), ...this.inline.names(address)];
    const data = names.flatMap((name) => textToName(name) ?? []);
    return data.length === 0 ? Step.PASS : this.answer(query, Type.PTR, data);
  }

  /** CoreDNS says SERVFAIL and not NXDOMAIN: a denial wants a SOA, and a hosts file has none. */
  private unknown(query: Query): Step {
    return this.fallthrough.find(query.name) === '' ? query.fail(Rcode.SERVFAIL, '') : Step.PASS;
  }

  private answer(query: Query, type: number, datas: readonly Uint8Array[]): Step {
    const name = query.view.key.slice(0, query.view.nameBytes);
    const ttl = this.ttlSeconds;
    const answer = datas.map((data): ResourceRecord => ({ name, type, class: Class.IN, ttl, data }));
    return replyWith(query, this.name, this.scratch, Rcode.NOERROR, { answer, authority: [], additional: [] });
  }
}

/** Make the handler. */
export const handler: HandlerFactory<HostsOptions> = (options, context) => new HostsHandler(options, context);
