/**
 * What CoreDNS's prometheus plugin counts of one zone on one listener. Slots are looked up once and kept, so that counting
 * a query is a handful of additions: no string, no map, no allocation.
 */
import { assert } from '../../assert';
import type { Counters } from '../../observe/counters';
import { SIZE_BUCKETS, TIME_BUCKETS } from '../../observe/metrics';
import { rcodeText, TYPE_LABELS, typeLabelIndex } from '../../wire/codes';

/** The zone label of what no zone took. */
export const ZONE_DROPPED = 'dropped';

const PROTOCOLS = ['udp', 'tcp'];
const FAMILIES = ['1', '2'];
const RCODES = 24;
const VIEW = ''; // CoreDNS's view plugin is not compiled into node-cache.

export class ZoneMeter {
  private readonly counters: Counters;
  private readonly server: string;
  private readonly zone: string;
  /** By protocol, family and type label; 0 = not made yet. */
  private readonly requests = new Int32Array(PROTOCOLS.length * FAMILIES.length * TYPE_LABELS.length);
  /** By plugin and rcode. */
  private readonly responses = new Map<string, Int32Array>();
  private readonly requestSizes = new Int32Array(PROTOCOLS.length);
  private readonly responseSizes = new Int32Array(PROTOCOLS.length);
  private doRequests = 0;
  private durations = 0;
  private lastWriter = '';
  private lastResponses: Int32Array = new Int32Array(RCODES);

  /** @param server label of the listener @param zone FQDN, or {@link ZONE_DROPPED} */
  constructor(counters: Counters, server: string, zone: string) {
    this.counters = counters;
    this.server = server;
    this.zone = zone;
    this.responses.set('', this.lastResponses);
  }

  /**
   * Count a query and its answer.
   * @param protocol 0 UDP, 1 TCP
   * @param family 1 IPv4, 2 IPv6
   * @param writer plugin that wrote the answer, '' for the server itself
   * @param responseBytes 0 when there was none
   */
  count(
    protocol: number,
    family: number,
    type: number,
    doBit: number,
    requestBytes: number,
    rcode: number,
    writer: string,
    responseBytes: number,
  ): void {
    assert((protocol === 0 || protocol === 1) && (family === 1 || family === 2));
    const { counters } = this;
    const typeIndex = typeLabelIndex(type);
    const request = (protocol * FAMILIES.length + family - 1) * TYPE_LABELS.length + typeIndex;
    if (this.requests[request] === 0) this.makeRequest(request, protocol, family, typeIndex);
    counters.values[this.requests[request]] += 1;
    if (doBit !== 0) this.countDo();
    counters.observe(this.requestSizes[protocol], SIZE_BUCKETS, requestBytes);
    counters.observe(this.responseSizes[protocol], SIZE_BUCKETS, responseBytes);
    const responses = writer === this.lastWriter ? this.lastResponses : this.responsesOf(writer);
    if (responses[rcode] === 0) responses[rcode] = this.makeResponse(rcode, writer);
    counters.values[responses[rcode]] += 1;
  }

  /** Count how long `times` queries took, from their arrival to their answer. */
  took(seconds: number, times = 1): void {
    this.counters.observe(this.durations, TIME_BUCKETS, seconds, times);
  }

  private makeRequest(request: number, protocol: number, family: number, typeIndex: number): void {
    const { counters, server, zone } = this;
    const proto = PROTOCOLS[protocol];
    const type = TYPE_LABELS[typeIndex];
    this.requests[request] = counters.slot(
      'coredns_dns_requests_total',
      server,
      zone,
      VIEW,
      proto,
      FAMILIES[family - 1],
      type,
    );
    this.requestSizes[protocol] = counters.slot('coredns_dns_request_size_bytes', server, zone, VIEW, proto);
    this.responseSizes[protocol] = counters.slot('coredns_dns_response_size_bytes', server, zone, VIEW, proto);
    this.durations = counters.slot('coredns_dns_request_duration_seconds', server, zone, VIEW);
  }

  private countDo(): void {
    if (this.doRequests === 0) {
      this.doRequests = this.counters.slot('coredns_dns_do_requests_total', this.server, this.zone, VIEW);
    }
    this.counters.values[this.doRequests] += 1;
  }

  private responsesOf(writer: string): Int32Array {
    let responses = this.responses.get(writer);
    if (responses === undefined) {
      responses = new Int32Array(RCODES);
      this.responses.set(writer, responses); // As many as there are plugins.
    }
    this.lastWriter = writer;
    this.lastResponses = responses;
    return responses;
  }

  private makeResponse(rcode: number, writer: string): number {
    return this.counters.slot('coredns_dns_responses_total', this.server, this.zone, VIEW, rcodeText(rcode), writer);
  }
}
