/**
 * Every size, count and time-out of the data path, with its unit and its reason. Relations are asserted at the end, so
 * that a changed number which breaks another one stops the process at load and not at 3 a.m.
 */
import { assert } from './assert';

// ── Messages ──
/** Largest DNS message: the length prefix of TCP is two octets (RFC 1035 §4.2.2). */
export const MESSAGE_BYTES_MAX = 65535;
/** Header (RFC 1035 §4.1.1). */
export const HEADER_BYTES = 12;
/** Longest name on the wire, root label included (RFC 1035 §3.1). */
export const NAME_BYTES_MAX = 255;
/** Longest label; a length octet above it is a pointer or reserved (RFC 1035 §3.1, §4.1.4). */
export const LABEL_BYTES_MAX = 63;
/** Most labels in a name: 127 one-octet labels and the root (RFC 1035 §3.1). */
export const LABELS_MAX = 128;
/** A client without EDNS takes this much over UDP (RFC 1035 §4.2.1). */
export const UDP_PLAIN_BYTES = 512;
/** Largest answer sent over UDP, whatever the client advertises: no fragmentation (DNS flag day 2020, CoreDNS bufsize). */
export const UDP_REPLY_BYTES_MAX = 1232;
/** Largest request kept whole. A question with its options is far smaller; the rest of a longer one counts as cut off. */
export const REQUEST_BYTES_MAX = 4096;
/** Records with a TTL in one cached answer. 64 KiB holds more, but an answer this long is not worth a table slot. */
export const RECORDS_CACHED_MAX = 1024;

// ── Cache ──
/** No TTL is longer (RFC 2181 §8), whatever a Corefile says. */
export const TTL_SECONDS_MAX = 0x7fffffff;
/** Entries of one kind in one cache: 2^20 take 336 MiB when full; a larger CAPACITY is lowered with a warning. */
export const CACHE_ENTRIES_MAX = 1 << 20;
/**
 * Bytes of one entry: 1,024 AAAA records with the places of their TTLs. One that is larger would put out 250 others: when one
 * answer of a hundred has 64 KiB, a full cache has 75 hits of 100 instead of 83; with 32 KiB it has 79.
 */
export const CACHE_ENTRY_BYTES_MAX = 32 << 10;
/** Entries of that size that a cache has room for beside its small ones. */
export const CACHE_LARGE_ENTRIES = 8;
/** Places of a table's index looked at for one question: half full, one in a million is further away, or chosen to be. */
export const CACHE_PROBES_MAX = 64;
/** Steps that SIEVE's hand takes for one victim: some 50 µs. The largest entry may need 256 victims. */
export const CACHE_HAND_STEPS_MAX = 1024;
/** Seconds that a failure of our own is remembered the first time; twice as long each time after (RFC 9520 §3.2). */
export const FAILURE_TTL_SECONDS = 1;
/** Seconds after which the next failure is a first one again. */
export const FAILURE_FORGOTTEN_SECONDS = 300;
/** Milliseconds that `serve_stale … verify` waits for upstreams when the Corefile does not say (RFC 8767 §5: 1.8 s). */
export const STALE_VERIFY_MS = 1_800;
/** Clients that wait for `verify` at a time; one more is given the stale answer at once. */
export const STALE_WAITING_MAX = 1024;

// ── UDP service ──
/** Datagrams per recvmmsg: beyond 64 the saving per system call is under 1 %. */
export const BATCH_SLOTS = 64;
/** Receive buffer asked of the kernel per UDP socket; bursts of a whole node wait here. */
export const UDP_RECEIVE_BUFFER_BYTES = 4 << 20;

// ── TCP service ──
/** Open client connections per worker; the one idle longest makes room for a new one. */
export const TCP_CLIENTS_MAX = 1024;
/** Questions of one connection in work at a time; further ones wait in its socket (RFC 7766 §6.2.1.1 wants pipelining). */
export const TCP_PIPELINE_MAX = 64;
/** Milliseconds to the first complete question (CoreDNS 1.13: 3 s). */
export const TCP_FIRST_QUERY_MS = 3_000;
/** Milliseconds between questions (CoreDNS 1.13: 10 s). */
export const TCP_IDLE_MS = 10_000;
/** Blocks that hold answers which a slow TCP reader has not taken; a connection that needs one when none is left is closed. */
export const TCP_BACKLOG_BLOCKS = 64;

/** Milliseconds without accepting when the process has no descriptors left; waiting connections stay in the kernel's queue. */
export const TCP_ACCEPT_PAUSE_MS = 100;

// ── Reload ──
/** Listeners that a worker has buffers for (0.5 MiB of address space each), closing ones included; twice those of its first plan if that is more. */
export const LISTENERS_MIN = 32;
/** Health probes that a worker has room for, of old and new plan together; four times those of its first plan if that is more. */
export const PROBES_MIN = 1024;
/** Old plans that still answer queries of theirs; the next reload waits for the end of one, at most twice STOP_GRACE_MS. */
export const RETIRING_MAX = 4;
/** Milliseconds that a stop waits for a reload under way; the workers then refuse what they have not taken. */
export const RELOAD_STOP_WAIT_MS = 6_000;

// ── Queries in flight ──
/** Questions waiting for an upstream per worker; one more is answered SERVFAIL at once. */
export const QUERIES_MAX = 4096;
/** Questions of our own asked for a question of our own asked for …: CNAME chains through rewrite and template end here. */
export const INTERNAL_DEPTH_MAX = 8;
/** Names that `rewrite cname` looks up for one answer: an upstream that fills one with aliases gets no more out of us. */
export const REWRITE_LOOKUPS_MAX = 16;
/** Milliseconds a question may take in all (CoreDNS forward: 5 s). */
export const QUERY_DEADLINE_MS = 5_000;
/** Milliseconds to wait for one upstream's answer (CoreDNS proxy: 2 s). */
export const EXCHANGE_TIMEOUT_MS = 2_000;
/** Milliseconds that pods are kept away at the start until connections to upstreams are open: one SYN may be lost (1 s). */
export const WARM_UP_MS = 2_000;

/** Throws of our own code per second that are survived: one odd packet is, a broken state is not. */
export const PANICS_PER_SECOND_MAX = 100;

/** Packets of upstreams per second that `debug` writes to the log. */
export const MISMATCHES_SHOWN_PER_SECOND = 10;

// ── Upstream ──
/** TCP connections to all upstreams together; each takes a block of 144 KiB of address space. */
export const UPSTREAM_CONNECTIONS_ALL_MAX = 256;
/** Milliseconds a health probe may take (CoreDNS proxy/health.go: 1 s). */
export const HEALTH_PROBE_TIMEOUT_MS = 1_000;
/** Upstreams of one forward (CoreDNS: 15). */
export const UPSTREAMS_MAX = 15;
/** Kept TCP connections to one upstream: enough that a slow name does not stand in front of others. */
export const UPSTREAM_TCP_CONNECTIONS_MAX = 8;
/** Questions that wait for a TCP connection to one upstream, when all are full or may carry no more. */
export const UPSTREAM_WAITING_MAX = 1024;
/** Milliseconds after which an upstream that closed connections early is trusted with twice as many questions on each. */
export const UPSTREAM_HOPE_MS = 5_000;
/** Times that a question is sent again because a connection closed under it; CoreDNS has no limit. */
export const UPSTREAM_RESENDS_MAX = 8;
/** Connections that main passes on through TLS. The worker has no more buffers than this; some are still being closed. */
export const TLS_RELAYS_MAX = 2 * UPSTREAM_CONNECTIONS_ALL_MAX;
/** Milliseconds that an upstream over TLS has to take our goodbye. */
export const TLS_CLOSE_MS = 1_000;
/** Sessions kept to make the next handshake with the same upstream shorter, and contexts made of certificates. */
export const TLS_SESSIONS_MAX = 64;
/** Connected UDP sockets to one upstream, each with a random port (RFC 5452 §9.2). */
export const UPSTREAM_UDP_SOCKETS_MAX = 64;
/** Questions sent through one UDP socket before it is replaced by one with a new port. */
export const UPSTREAM_UDP_USES_MAX = 256;
/** Milliseconds an unused upstream connection is kept (CoreDNS `expire`: 10 s). */
export const UPSTREAM_EXPIRE_MS = 10_000;
/** Milliseconds between two looks at kept connections and sockets: what is unused, too old or too many goes. */
export const UPSTREAM_SWEEP_MS = 1_000;

// ── Memory of the worker's JavaScript ──
/** MiB for objects of one query on the long way. V8's own choice, 48, costs 30 MiB of memory and saves no time (misses at 130 k/s). */
export const WORKER_YOUNG_MEMORY_MB = 4;
/** Bytes a thread's heap must have grown by since its last whole collection to be worth another one. */
export const SPARE_GARBAGE_BYTES_MIN = 1 << 20;
/** Share of one core under which the process counts as quiet: a tenth is some ten thousand hits a second. */
export const SPARE_QUIET_SHARE_MAX = 0.1;
/** How often main looks for memory that can be given back; a look costs 1 ms. */
export const SPARE_LOOK_MS = 5_000;

// ── Configuration ──
/** Milliseconds to wait for a server that is asked for an upstream's address while the Corefile is read (CoreDNS: 2 s). */
export const HOST_LOOKUP_TIMEOUT_MS = 2_000;
/** Milliseconds between two looks at upstreams that have names, and for which one that changed is left alone. */
export const UPSTREAM_NAMES_MS = 30_000;
export const UPSTREAM_NAMES_QUIET_MS = 300_000;
/** Imported snippets and files (caddyfile: 10 000 and 100 000). */
export const SNIPPET_IMPORTS_MAX = 10_000;
export const FILE_IMPORTS_MAX = 100_000;
/** Bytes of one configuration file: four times what a ConfigMap can hold. */
export const CONFIG_FILE_BYTES_MAX = 4 << 20;
/** Milliseconds between two looks at the mounted ConfigMaps (node-cache: 10 s). */
export const CONFIG_SYNC_MS = 10_000;
/** Looks between two tries of a Corefile that does not load: 10 s, 20 s, 40 s, …, about ten minutes at last. */
export const CONFIG_RETRY_LOOKS_MAX = 64;
/** Files of a watched directory. A ConfigMap has a few; one of 1 MiB cannot have many more. */
export const CONFIG_DIRECTORY_FILES_MAX = 1_000;
/** Entries of the kube-dns ConfigMap's upstreamNameservers (kube-dns: 3, as in resolv.conf). */
export const UPSTREAM_NAMESERVERS_MAX = 3;
/** Tokens of a Corefile with its imports: snippets that import snippets grow by powers. Kubespray's large one has 161. */
export const COREFILE_TOKENS_MAX = 200_000;
/** Replacements in one token, and its length after them: a variable may hold references, even to itself. */
export const ENVIRONMENT_STEPS_MAX = 1_000;
export const ENVIRONMENT_TEXT_MAX = 1 << 20;
/** Characters of a regular expression (CoreDNS 1.14: 10 000). */
export const REGEXP_CHARACTERS_MAX = 10_000;

// ── What operators see ──
/** Counter slots (8 bytes each) per worker: every series with its histogram buckets. Series beyond it are not made. */
export const COUNTER_SLOTS = 65_536;
/** Bytes of log text on their way to stdout; beyond it lines are dropped and counted. */
export const LOG_BACKLOG_BYTES_MAX = 1 << 20;
/** Milliseconds until a full log descriptor that does not block (EAGAIN) is tried again. */
export const LOG_RETRY_MS = 20;
/** Milliseconds that the end of the process waits for the last log lines. */
export const LOG_DRAIN_MS = 1_000;
/** Bytes of request line and headers that /metrics and /health read. A scraper sends under 1 KiB. */
export const HTTP_HEADER_BYTES_MAX = 8 << 10;
/** Open connections per HTTP address; two scrapers, a probe and ourselves need four. */
export const HTTP_CONNECTIONS_MAX = 64;
/** Milliseconds to send a request, to take an answer, and between requests (CoreDNS health: 5 s). */
export const HTTP_TIMEOUT_MS = 5_000;
/** Milliseconds between two looks for connections over their time. */
export const HTTP_CHECK_MS = 1_000;

/** Seconds of a profile: usual ones (Go's for the CPU) and most. */
export const PROFILE_CPU_SECONDS = 30;
export const PROFILE_HEAP_SECONDS = 10;
export const PROFILE_SECONDS_MAX = 60;
/** Milliseconds that a worker may take to hand its profile over when the time is up. */
export const PROFILE_LATE_MS = 10_000;

/** Spans of one traced query: a plugin each, and the attempts of forward. */
export const TRACE_SPANS_MAX = 64;
/** Traced queries and dnstap messages on their way to main, which may have something else to do for a while: under 10 MB. */
export const REPORTS_WAITING_MAX = 8192;
/** dnstap messages that wait for a collector whatever the Corefile says: under 100 MB. */
export const DNSTAP_QUEUE_MAX = 100_000;
/** Bytes on their way to it in the socket (CoreDNS: 1 MiB). */
export const DNSTAP_WRITE_BYTES_MAX = 1 << 20;
/** Milliseconds to reach it, and between two tries (CoreDNS: 4 s, 10 s). */
export const DNSTAP_CONNECT_MS = 4_000;
export const DNSTAP_RETRY_MS = 10_000;
/** Spans in a batch, and milliseconds until it is sent anyway (zipkin-go: 100 and 1 s). */
export const TRACE_BATCH_SPANS = 100;
export const TRACE_INTERVAL_MS = 1_000;
/** Spans that may wait for a collector whatever the Corefile says: 40 MB of JSON. */
export const TRACE_BACKLOG_MAX = 100_000;
/** Milliseconds that a collector may take (zipkin-go: 5 s). */
export const TRACE_POST_MS = 5_000;

/** Samples of queries between two looks of main at them: 1.6 MB, made only while somebody watches. */
export const SAMPLE_SLOTS = 4_096;
/** Samples per second that are aimed at: half of those are enough for a p99, and main needs 20 ms of each second for them. */
export const SAMPLES_PER_SECOND = 2_000;
/** Milliseconds between two looks of main at the samples: a burst of 40,000 queries a second goes into the slots meanwhile. */
export const SAMPLE_LOOK_MS = 100;
/** Names, types and clients that are counted at a time (Space-Saving): whoever has 1 in 256 of all queries is among them. */
export const TOP_ENTRIES_MAX = 256;
/** Rows of each list that `top` is sent. */
export const TOP_ROWS_MAX = 32;
/** Who may watch at a time, and `query` commands that may wait for each other. */
export const WATCHERS_MAX = 8;
/** Milliseconds that a worker may take to begin with samples, and that `query` waits for what became of its question. */
export const WATCH_BEGIN_MS = 1_000;
export const EXPLAIN_MS = 12_000;
/** Lines of warnings and errors that `status` shows. */
export const RECENT_LINES_MAX = 16;
/** Characters of one of them. */
export const RECENT_LINE_CHARACTERS_MAX = 400;
/** Numbered names that are tried for a control socket when other instances hold those before. */
export const CONTROL_NAMES_MAX = 8;

/** Counter slots of the main thread: itself, its checks, and plugin_enabled per listener, zone and plugin. */
export const MAIN_COUNTER_SLOTS = 8_192;

// ── The machine underneath ──
/** Largest netlink datagram: the kernel fills at most 32 KiB of a dump's buffer (net/netlink/af_netlink.c). */
export const NETLINK_DATAGRAM_BYTES_MAX = 32 << 10;
/** Datagrams of one answer, 16 MiB or some 200,000 addresses: a node of IPVS has one address per Service. */
export const NETLINK_DATAGRAMS_MAX = 512;
/** Readings of a list that changed while it was read; the last is taken as it is. */
export const NETLINK_DUMP_TRIES_MAX = 8;
/**
 * Receive buffer for events; the kernel takes memory for those that wait only, and twice this at most. 10,000 rules that
 * kube-proxy writes at once fit; beyond it events are lost, which is noticed, and everything is looked at again.
 */
export const NETLINK_EVENTS_BUFFER_BYTES = 4 << 20;
/** Event datagrams read in one look, 2 µs each: what else waits is read in the next. */
export const NETLINK_EVENTS_MAX = 4096;
/** Datagrams of flows that connection tracking tells of, 100 each: twice what its table holds by default (262,144). */
export const FLOW_DATAGRAMS_MAX = 4096;
/** Tries to make the link while somebody else makes or removes it. */
export const LINK_TRIES_MAX = 3;

// ── Life of the process ──
/** Worker threads. One answers more than a node's pods ask; a second one is a socket more, not a lock. */
export const WORKERS = 1;
/** Milliseconds that a stopping worker may take to finish queries in flight (CoreDNS server: 5 s grace). */
export const STOP_GRACE_MS = 5_000;
/** Milliseconds beyond the grace until a worker that does not say `stopped` is given up. */
export const STOP_OVERDUE_MS = 1_000;
/** Milliseconds a worker may take to its first wait; it maps its memory and compiles in under 300. */
export const WORKER_READY_MS = 20_000;
/** Milliseconds between two self-checks of /health, and until one counts as failed (CoreDNS health: 1 s, 3 s). */
export const HEALTH_CHECK_MS = 1_000;
export const HEALTH_CHECK_TIMEOUT_MS = 3_000;
/** Milliseconds after which a self-check is slow enough for a warning (CoreDNS health: 1 s). */
export const HEALTH_SLOW_MS = 1_000;
/** Milliseconds between loop probes, and until we stop asking (CoreDNS loop: 1 s, 30 s). */
export const LOOP_RETRY_MS = 1_000;
export const LOOP_GIVE_UP_MS = 30_000;
/**
 * Milliseconds until a loop probe's answer counts as missing. In a loop the probe is joined with itself (it is an equal
 * question in flight) and comes a third time only when forward repeats it: the probe must outlive the whole query.
 */
export const LOOP_ANSWER_MS = 5_500;
/** Bytes of a hosts file that are read. A file this large has half a million lines. */
export const HOSTS_FILE_BYTES_MAX = 16 << 20;
/** Lines of it that are read, in some 15 ms, until others on the main thread have a turn: the lease is kept there. */
export const HOSTS_LINES_PER_TURN = 4096;
/** Steps that working out one record's text may take: a record has a handful, a loop over groups some dozens. */
export const TEMPLATE_STEPS_MAX = 4096;
/** Characters of one record's text: no record's data is longer, written in the longest form. */
export const TEMPLATE_TEXT_MAX = 4 * MESSAGE_BYTES_MAX;
/** Characters of a file of weights: what a ConfigMap can hold, 50,000 lines. */
export const WEIGHTS_FILE_CHARACTERS_MAX = 1 << 20;
/** Addresses of one name and names of one address: more records of 16 octets, the smallest, fit in no message. */
export const HOSTS_RECORDS_MAX = Math.floor((MESSAGE_BYTES_MAX - HEADER_BYTES) / 16);

// The node: link, rules, lease.
/** Milliseconds between two questions to ourselves, at least: 20 a second prove no more than four do. */
export const LEASE_RENEW_MS_MIN = 50;
/** Questions that fit into a lease: one may be lost, and another late, without ending it. */
export const LEASE_QUESTIONS_MIN = 3;
/** Milliseconds a dead cache may keep its clients, at most: longer than resolvers try (5 s, twice, two servers). */
export const LEASE_EXPIRE_MS_MAX = 30_000;
/** Milliseconds between two looks at what others did to link and rules: repaired within a second (some 5 µs each). */
export const NODE_POLL_MS = 250;
/** Milliseconds from a new address until the kernel has its route for sure; before the lease, which takes longer, none is lost. */
export const NODE_ROUTES_MS = 500;
/** Milliseconds between two repairs of the rules: somebody who takes them away again and again costs us no CPU. */
export const NODE_REPAIR_PAUSE_MS = 200;
/** The same while another process keeps rules here, too: it may have been started with other flags. */
export const NODE_SHARED_PAUSE_MS = 5_000;
/** Milliseconds until a repair that failed is tried again: doubled each time, up to the maximum (a lock may be held long). */
export const NODE_RETRY_MS_MIN = 1_000;
export const NODE_RETRY_MS_MAX = 60_000;
/** Milliseconds between the end of the lease and closing: what is on its way here arrives meanwhile. */
export const NODE_SETTLE_MS = 100;
/** Milliseconds that nft or iptables may take: their own wait for the lock (5 s) and a large rule set. */
export const COMMAND_MS = 30_000;
/** Characters of a program's output that are kept: `iptables-save` of a node with 10,000 Services has some millions. */
export const COMMAND_OUTPUT_CHARACTERS_MAX = 32 << 20;
/** Addresses with a lease: -localip names two or four. */
export const LEASES_MAX = 64;
/**
 * Questions noted at once by nft's rules. One whose time is over takes room until the kernel collects it, once a second: so two
 * seconds' questions about every address, of two instances. Memory is taken for those that are there.
 */
export const ASKED_MAX = 2 * LEASES_MAX * ((2 * 1000) / LEASE_RENEW_MS_MIN);
/** Seconds from the decision to end until the kernel ends the process: longer than the log takes (LOG_DRAIN_MS). */
export const EXIT_SECONDS_MAX = 5;
/**
 * Ports from which the cache asks itself. Below 1024, because no range of ephemeral ports reaches down there (the kernel refuses
 * one that does): clients on the host have the same source address, and never these ports. IANA has given 896–1023 to TCP for
 * the most part; a port in use is passed over.
 */
export const KEEPER_PORT_FIRST = 896;
export const KEEPER_PORT_LAST = 1_023;
/** Those of them whose questions renew the lease when they are answered. */
export const RENEWAL_PORT_FIRST = 896;
export const RENEWAL_PORT_LAST = 959;
/** Milliseconds in which an answer of our own must be there to count: a client that waits longer is not served. */
export const LEASE_ANSWER_MS = 150;
/** Milliseconds by which a question of ours may be late while the lease is held; later, the cache proves itself first, at once. */
export const LEASE_STARVED_MS = 25;
/** Milliseconds between two questions while pods are answered by kube-dns, at most; a longer -leaserenew has no say in it. */
export const PROVING_INTERVAL_MS = 250;
/** Answers in a row until pods come back: a second. Each loss soon after the last doubles them, up to half a minute. */
export const PROVING_ANSWERS = 4;
export const PROVING_ANSWERS_MAX = 120;
/** Milliseconds a lease is held until its losses are forgotten. */
export const LEASE_QUIET_MS = 60_000;
/** Lines about one lease in the log per minute; the rest is counted. A lease that comes and goes has 4 changes in one. */
export const LEASE_LOG_LINES_MAX = 6;
/** Milliseconds after which it is said why a lease could not be taken yet. */
export const LEASE_LATE_MS = 5_000;
/** Milliseconds between two looks whether the workers still turn, and until one that does not ends the process. */
export const HEARTBEAT_MS = 2_000;
export const WORKER_SILENCE_MS = 10_000;
/** Milliseconds between two questions for kube-dns's endpoints: the TTL of their records between these (CoreDNS: 5 s). */
export const FALLBACK_AGAIN_MS_MIN = 5_000;
export const FALLBACK_AGAIN_MS_MAX = 60_000;
/** Pods of kube-dns of each family that rules are written for: queries are spread over them by chance. */
export const FALLBACK_ENDPOINTS_MAX = 32;
/** Milliseconds that a server has to name them. */
export const FALLBACK_ANSWER_MS = 2_000;

assert(UDP_PLAIN_BYTES <= UDP_REPLY_BYTES_MAX && UDP_REPLY_BYTES_MAX <= REQUEST_BYTES_MAX);
assert(HEADER_BYTES + NAME_BYTES_MAX + 4 <= UDP_PLAIN_BYTES); // Any question can be echoed to any client.
assert(EXCHANGE_TIMEOUT_MS < QUERY_DEADLINE_MS);
assert(QUERY_DEADLINE_MS < LOOP_ANSWER_MS);
assert(RECORDS_CACHED_MAX * 30 + NAME_BYTES_MAX <= CACHE_ENTRY_BYTES_MAX); // An AAAA record takes 28 octets, its TTL's place 2.
assert(STALE_WAITING_MAX * 2 <= QUERIES_MAX / 2); // They wait in two places each, and leave half to others.
assert(STALE_VERIFY_MS < EXCHANGE_TIMEOUT_MS); // Else the client would hear of a failure first.
assert(QUERY_DEADLINE_MS <= STOP_GRACE_MS); // A question taken before the stop is answered before it.
assert(QUERIES_MAX * 8 <= 65536); // Message ids stay hard to guess: at most one in eight is in use (RFC 5452 §9).
