/**
 * Flows of connection tracking as netlink messages: the question for those to one address, and what is read of an answer.
 * A flow is two tuples, as asked and as answered; nat is what makes the second another than the first turned round.
 * @source <linux/netfilter/nfnetlink_conntrack.h>, net/netfilter/nf_conntrack_netlink.c
 */
import { AF_INET, AF_INET6 } from '../kernel/libc';
import {
  AttributeWalk,
  type MessageWalk,
  MessageWriter,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
} from '../kernel/netlink-message';

/** Subsystem in the upper half of a message's type. */
const NFNL_SUBSYS_CTNETLINK = 1;
const IPCTNL_MSG_CT_NEW = 0;
const IPCTNL_MSG_CT_GET = 1;
const IPCTNL_MSG_CT_DELETE = 2;
/** nfgenmsg: family 1, version 1, resource 2. */
const STRUCT_BYTES = 4;
const IPPROTO_UDP = 17;

// Attributes of a flow, of its tuples, of their addresses and ports; all numbers in them are in network order.
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_ZONE = 18;
const CTA_FILTER = 25;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V4_DST = 2;
const CTA_IP_V6_SRC = 3;
const CTA_IP_V6_DST = 4;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_DST_PORT = 3;
const CTA_FILTER_ORIG_FLAGS = 1;
/** Compare the protocol and the port asked: bits of nf_internals.h. */
const FILTER_FLAGS = (1 << 3) | (1 << 5);
/** Without it some attributes are not read by kernels from 5.2 on. */
const NLA_F_NESTED = 0x8000;

/** What is known of a flow; addresses as octets of the message, valid as long as it is. */
export interface Flow {
  readonly protocol: number;
  readonly askedPort: number;
  /** Whom the client asked. */
  readonly asked: Uint8Array;
  /** Who answers it, and where the answer goes to. */
  readonly answering: Uint8Array;
  readonly answered: Uint8Array;
}

function header(type: number, flags: number, isIpv6: boolean): MessageWriter {
  const message = new MessageWriter((NFNL_SUBSYS_CTNETLINK << 8) | type, NLM_F_REQUEST | flags);
  return message
    .u8(isIpv6 ? AF_INET6 : AF_INET)
    .u8(0)
    .u16(0);
}

/**
 * Ask for all UDP flows of a family to a port. Kernels before 5.8 do not know the filter and tell of all flows there are;
 * addresses are not in it, because by those of IPv6 some kernels leave out what fits (6.18: it compares the wrong way round).
 */
export function flowsRequest(isIpv6: boolean, port: number): Uint8Array {
  return header(IPCTNL_MSG_CT_GET, NLM_F_DUMP, isIpv6)
    .nest(CTA_TUPLE_ORIG | NLA_F_NESTED, (tuple) => {
      tuple.nest(CTA_TUPLE_PROTO | NLA_F_NESTED, (protocol) =>
        protocol.attribute(CTA_PROTO_NUM, [IPPROTO_UDP]).attribute(CTA_PROTO_DST_PORT, [port >> 8, port & 255]),
      );
    })
    .nest(CTA_FILTER | NLA_F_NESTED, (filter) => filter.attribute(CTA_FILTER_ORIG_FLAGS, [FILTER_FLAGS, 0, 0, 0]))
    .finish();
}

/** Delete the flow that a message tells of, and no later one between the same ends. */
export function deleteFlowRequest({ bytes, payload, end }: MessageWalk): Uint8Array {
  const request = header(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, bytes[payload] === AF_INET6);
  const walk = new AttributeWalk().over(bytes, payload + STRUCT_BYTES, end);
  while (walk.next()) {
    const isNested = walk.type === CTA_TUPLE_ORIG;
    if (!isNested && walk.type !== CTA_ID && walk.type !== CTA_ZONE) continue;
    request.attribute(walk.type | (isNested ? NLA_F_NESTED : 0), bytes.subarray(walk.value, walk.end));
  }
  return request.finish();
}

/** @returns undefined for a message that is no flow of UDP, TCP or the like */
export function readFlow({ bytes, type, payload, end }: MessageWalk): Flow | undefined {
  if (type !== ((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_NEW) || end - payload < STRUCT_BYTES) return undefined;
  const walk = new AttributeWalk().over(bytes, payload + STRUCT_BYTES, end);
  let asking: Tuple | undefined;
  let answer: Tuple | undefined;
  while (walk.next()) {
    if (walk.type === CTA_TUPLE_ORIG) asking = readTuple(bytes, walk.value, walk.end);
    else if (walk.type === CTA_TUPLE_REPLY) answer = readTuple(bytes, walk.value, walk.end);
  }
  if (asking === undefined || answer === undefined) return undefined;
  const { protocol, port, target } = asking;
  return { protocol, askedPort: port, asked: target, answering: answer.source, answered: answer.target };
}

/** Is it one that {@link flowsRequest} asks for, as far as protocol and port go? */
export function isUdpTo({ protocol, askedPort }: Flow, port: number): boolean {
  return protocol === IPPROTO_UDP && askedPort === port;
}

interface Tuple {
  readonly protocol: number;
  readonly port: number;
  readonly source: Uint8Array;
  readonly target: Uint8Array;
}

function readTuple(bytes: Uint8Array, from: number, end: number): Tuple | undefined {
  let [protocol, port] = [0, 0];
  let source: Uint8Array | undefined;
  let target: Uint8Array | undefined;
  const parts = new AttributeWalk().over(bytes, from, end);
  const walk = new AttributeWalk();
  while (parts.next()) {
    walk.over(bytes, parts.value, parts.end);
    while (walk.next()) {
      const value = bytes.subarray(walk.value, walk.end);
      if (parts.type === CTA_TUPLE_IP) {
        if (walk.type === CTA_IP_V4_SRC || walk.type === CTA_IP_V6_SRC) source = value;
        else if (walk.type === CTA_IP_V4_DST || walk.type === CTA_IP_V6_DST) target = value;
      } else if (parts.type === CTA_TUPLE_PROTO) {
        if (walk.type === CTA_PROTO_NUM) protocol = value[0] ?? 0;
        else if (walk.type === CTA_PROTO_DST_PORT && value.length === 2) port = (value[0] << 8) | value[1];
      }
    }
  }
  return source === undefined || target === undefined ? undefined : { protocol, port, source, target };
}
