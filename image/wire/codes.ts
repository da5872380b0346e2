/**
 * The numbers of the protocol and their text, as miekg/dns (and so CoreDNS's logs, metrics and Corefiles) spell them.
 * Source: the IANA "DNS Parameters" registry; only the spelling of unknown numbers is RFC 3597 §5 or CoreDNS's own.
 */

/** Record types we name in code. The full table of texts is {@link typeText}. */
export const Type = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  SIG: 24,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  SVCB: 64,
  HTTPS: 65,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
} as const;

/** Classes (RFC 1035 §3.2.4, RFC 2136 §1.3). */
export const Class = { IN: 1, CS: 2, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;

/** Opcodes (RFC 1035 §4.1.1, RFC 1996, RFC 2136). */
export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5 } as const;

/** Response codes (RFC 1035 §4.1.1, RFC 6895 §2.3). BADVERS needs an OPT record to be told (RFC 6891 §6.1.3). */
export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
} as const;

const TYPE_TEXTS: Readonly<Record<number, string>> = {
  0: 'None',
  1: 'A',
  2: 'NS',
  3: 'MD',
  4: 'MF',
  5: 'CNAME',
  6: 'SOA',
  7: 'MB',
  8: 'MG',
  9: 'MR',
  10: 'NULL',
  12: 'PTR',
  13: 'HINFO',
  14: 'MINFO',
  15: 'MX',
  16: 'TXT',
  17: 'RP',
  18: 'AFSDB',
  19: 'X25',
  20: 'ISDN',
  21: 'RT',
  23: 'NSAP-PTR',
  24: 'SIG',
  25: 'KEY',
  26: 'PX',
  27: 'GPOS',
  28: 'AAAA',
  29: 'LOC',
  30: 'NXT',
  31: 'EID',
  32: 'NIMLOC',
  33: 'SRV',
  34: 'ATMA',
  35: 'NAPTR',
  36: 'KX',
  37: 'CERT',
  39: 'DNAME',
  41: 'OPT',
  42: 'APL',
  43: 'DS',
  44: 'SSHFP',
  45: 'IPSECKEY',
  46: 'RRSIG',
  47: 'NSEC',
  48: 'DNSKEY',
  49: 'DHCID',
  50: 'NSEC3',
  51: 'NSEC3PARAM',
  52: 'TLSA',
  53: 'SMIMEA',
  55: 'HIP',
  56: 'NINFO',
  57: 'RKEY',
  58: 'TALINK',
  59: 'CDS',
  60: 'CDNSKEY',
  61: 'OPENPGPKEY',
  62: 'CSYNC',
  63: 'ZONEMD',
  64: 'SVCB',
  65: 'HTTPS',
  99: 'SPF',
  100: 'UINFO',
  101: 'UID',
  102: 'GID',
  103: 'UNSPEC',
  104: 'NID',
  105: 'L32',
  106: 'L64',
  107: 'LP',
  108: 'EUI48',
  109: 'EUI64',
  128: 'NXNAME',
  249: 'TKEY',
  250: 'TSIG',
  251: 'IXFR',
  252: 'AXFR',
  253: 'MAILB',
  254: 'MAILA',
  255: 'ANY',
  256: 'URI',
  257: 'CAA',
  258: 'AVC',
  260: 'AMTRELAY',
  261: 'RESINFO',
  32768: 'TA',
  32769: 'DLV',
  65535: 'Reserved',
};

const CLASS_TEXTS: Readonly<Record<number, string>> = { 1: 'IN', 2: 'CS', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

const OPCODE_TEXTS: Readonly<Record<number, string>> = {
  0: 'QUERY',
  1: 'IQUERY',
  2: 'STATUS',
  4: 'NOTIFY',
  5: 'UPDATE',
};

/** 16 is BADVERS for OPT and BADSIG for TSIG; miekg/dns prints the latter, so dashboards hold it. */
const RCODE_TEXTS: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  6: 'YXDOMAIN',
  7: 'YXRRSET',
  8: 'NXRRSET',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  11: 'DSOTYPENI',
  16: 'BADSIG',
  17: 'BADKEY',
  18: 'BADTIME',
  19: 'BADMODE',
  20: 'BADNAME',
  21: 'BADALG',
  22: 'BADTRUNC',
  23: 'BADCOOKIE',
};

/** The table read backwards: text to number. */
function backwards(texts: Readonly<Record<number, string>>): ReadonlyMap<string, number> {
  return new Map(Object.entries(texts).map(([number, text]) => [text, Number(number)]));
}

const TYPES_BY_TEXT = backwards(TYPE_TEXTS);
const CLASSES_BY_TEXT = backwards(CLASS_TEXTS);
/** miekg/dns keeps NOTIMPL, an old misspelling, and so old Corefiles may hold it. */
const RCODES_BY_TEXT = new Map([...backwards(RCODE_TEXTS), ['NOTIMPL', 4]]);

/** Text of a record type: `A`, `TYPE123` when it has none (RFC 3597 §5), `None` for 0. */
export function typeText(type: number): string {
  return TYPE_TEXTS[type] ?? `TYPE${type}`;
}

/** Text of a class: `IN`, `CLASS123` when it has none (RFC 3597 §5). */
export function classText(dnsClass: number): string {
  return CLASS_TEXTS[dnsClass] ?? `CLASS${dnsClass}`;
}

/** Text of a response code: `NXDOMAIN`, `RCODE12` when it has none (CoreDNS plugin/pkg/rcode). */
export function rcodeText(rcode: number): string {
  return RCODE_TEXTS[rcode] ?? `RCODE${rcode}`;
}

/** Text of an opcode: `QUERY`, or the number in decimal when it has none. */
export function opcodeText(opcode: number): string {
  return OPCODE_TEXTS[opcode] ?? String(opcode);
}

/** Number of a record type by its upper-case mnemonic; undefined when there is none. `TYPE123` is not a mnemonic. */
export function typeByName(name: string): number | undefined {
  return TYPES_BY_TEXT.get(name);
}

/** Number of a class by its upper-case mnemonic; undefined when there is none. */
export function classByName(name: string): number | undefined {
  return CLASSES_BY_TEXT.get(name);
}

/** Number of a response code by its upper-case mnemonic; undefined when there is none. */
export function rcodeByName(name: string): number | undefined {
  return RCODES_BY_TEXT.get(name);
}

/**
 * Values of the `type` label in CoreDNS's request metrics: the types worth a series each; the last one is all others.
 * Source: CoreDNS plugin/metrics/vars/monitor.go.
 */
export const TYPE_LABELS = [
  'A',
  'AAAA',
  'CNAME',
  'DNSKEY',
  'DS',
  'HTTPS',
  'MX',
  'NS',
  'NSEC',
  'NSEC3',
  'PTR',
  'RRSIG',
  'SOA',
  'SRV',
  'TXT',
  'IXFR',
  'AXFR',
  'ANY',
  'other',
] as const;

const LABEL_OTHER = TYPE_LABELS.length - 1;
/** All labelled types are below 256, so that one byte per type is the whole map. */
const LABEL_INDEXES = new Uint8Array(256).fill(LABEL_OTHER);
for (let index = 0; index < LABEL_OTHER; index++) LABEL_INDEXES[TYPES_BY_TEXT.get(TYPE_LABELS[index])!] = index;

/** Index of a record type's metric label in {@link TYPE_LABELS}: 0 … length-1. Allocates nothing. */
export function typeLabelIndex(type: number): number {
  return type < 256 ? LABEL_INDEXES[type] : LABEL_OTHER;
}

/** Metric label of a record type: its text when it is one of {@link TYPE_LABELS}, else `other`. */
export function typeLabel(type: number): string {
  return TYPE_LABELS[typeLabelIndex(type)];
}
