/** Regular expressions for values, in the common subset of ECMAScript (ajv) and Go's RE2 (Helm). */

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `${OCTET}(\\.${OCTET}){3}`;

/** Every place where `::` can stand among groups. No embedded IPv4 and no zone. @source RFC 4291 §2.2 */
const GROUP = '[0-9a-fA-F]{1,4}';
const IPV6 = [
  `(${GROUP}:){7}${GROUP}`,
  `(${GROUP}:){1,7}:`,
  ...[1, 2, 3, 4, 5, 6].map((after) => `(${GROUP}:){1,${7 - after}}(:${GROUP}){1,${after}}`),
  `:((:${GROUP}){1,7}|:)`,
].join('|');

const PORT = '(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[1-9][0-9]{0,3})';
const LABEL = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?';

/** An IPv4 or IPv6 address. */
export const IP = `^(${IPV4}|${IPV6})$`;

/** Servers whose addresses only the node knows: the cluster DNS pods; upstreamNameservers or the node's resolvers. */
const PILLAR = '__PILLAR__(CLUSTER__DNS|UPSTREAM__SERVERS)__';

/** What `forward` sends to: an address, perhaps with a port, `dns://` or `tls://`; a resolv.conf file; or a pillar. */
export const UPSTREAM =
  `^(((dns|tls)://)?(${IPV4}|${IPV6}|(${IPV4}|\\[(${IPV6})\\]):${PORT})` + `|/[A-Za-z0-9._/-]+|${PILLAR})$`;

/** Of a DNS name, which is no host's alone: `_msdcs.example.org`. @source RFC 2181 §11, RFC 8552 */
const DNS_LABEL = '[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?';
const NAME = `${DNS_LABEL}(\\.${DNS_LABEL})*`;

/** Longest DNS name as text, and longest name of an object. @source RFC 1035 §2.3.4; Kubernetes, DNS1123SubdomainMaxLength */
export const NAME_MAX = 253;

/** A DNS name in lower case without the final dot; at most NAME_MAX. */
export const DOMAIN = `^${NAME}$`;

/** A DNS name or nothing. */
export const DOMAIN_OR_EMPTY = `^(${NAME})?$`;

/** A DNS name, or a dot for all names. */
export const DOMAIN_OR_ROOT = `^(${NAME}|\\.)$`;

const PART = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
/** A name of a ConfigMap, Secret or account, whose parts may be as long as the whole. @source Kubernetes, IsDNS1123Subdomain */
export const SUBDOMAIN = `^${PART}(\\.${PART})*$`;
/** Likewise, or nothing. */
export const SUBDOMAIN_OR_EMPTY = `^(${PART}(\\.${PART})*)?$`;

/** A name of a Service or DaemonSet. @source RFC 1035 §2.3.1 */
export const OBJECT_NAME = '^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$';

/** A name to which the chart adds as much as `-cleanup-wait`: at most 50, so that 63 hold it. */
export const OWN_NAME = '^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$';

/** A name of a Service, or nothing. */
export const OBJECT_NAME_OR_EMPTY = '^([a-z]([-a-z0-9]{0,61}[a-z0-9])?)?$';

/** A name of a namespace. @source RFC 1123 §2.1 */
export const LABEL_NAME = `^${LABEL}$`;

/**
 * A name of a port of a container: a letter somewhere, no two dashes side by side, at most PORT_NAME_MAX.
 * @source RFC 6335 §5.1; Kubernetes, IsValidPortName
 */
export const PORT_NAME = '^([a-z0-9]-?)*[a-z](-?[a-z0-9])*$';
/** Letters, digits and dashes of the longest one. */
export const PORT_NAME_MAX = 15;

/** What stands behind a name: short, or the name of a pod gets too long. */
export const POOL_NAME = '^[a-z0-9]([-a-z0-9]{0,29}[a-z0-9])?$';

const HOST = '[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?';
const LABEL_TEXT = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
/** Key of a label of an object; at most LABEL_KEY_MAX. @source Kubernetes, IsQualifiedName */
export const LABEL_KEY = `^(${PART}(\\.${PART})*/)?${LABEL_TEXT}$`;
/** A prefix, a slash and a name. */
export const LABEL_KEY_MAX = NAME_MAX + 1 + 63;
/** Its value; may be empty. @source Kubernetes, IsValidLabelValue */
export const LABEL_VALUE = `^(${LABEL_TEXT})?$`;

/** Key of an annotation: as that of a label, in either case. @source Kubernetes, ValidateAnnotations */
export const ANNOTATION_KEY = `^(${HOST}(\\.${HOST})*/)?${LABEL_TEXT}$`;
/** Name of a label of a sample or an alert. @source Prometheus data model */
export const SAMPLE_LABEL = '^[a-zA-Z_][a-zA-Z0-9_]*$';

const NUMBER = '([0-9]{1,18}(\\.[0-9]{0,9})?|\\.[0-9]{1,9})';
/** An amount of a resource, not below 0. @source Kubernetes, resource.Quantity */
export const QUANTITY = `^${NUMBER}([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$`;

/** A namespace or nothing. */
export const NAMESPACE_OR_EMPTY = `^(${LABEL})?$`;

/** A link's name: at most 15 octets. @source Linux IFNAMSIZ */
export const INTERFACE = '^[A-Za-z0-9][A-Za-z0-9._-]{0,14}$';

/** A Prometheus duration or nothing: each unit once, the longest first. @source Prometheus model.ParseDuration */
export const DURATION_OR_EMPTY = `^(${['y', 'w', 'd', 'h', 'm', 's', 'ms'].map((unit) => `([0-9]+${unit})?`).join('')})$`;
/** A duration of Go in whole units, or nothing. @source Go time.ParseDuration */
export const GO_DURATION_OR_EMPTY = '^([0-9]+(ms|s|m|h))*$';

const PATH = '[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*';
/** Host of an image registry, perhaps with a port; or nothing. @source distribution, reference grammar */
export const IMAGE_REGISTRY = `^((${HOST}(\\.${HOST})*|\\[[0-9a-fA-F:]+\\])(:[0-9]+)?)?$`;
/** Path of an image in its registry, in lower case. @source distribution, reference grammar */
export const IMAGE_REPOSITORY = `^${PATH}(/${PATH})*$`;
/** An image's tag or nothing. */
export const IMAGE_TAG = '^([A-Za-z0-9_][A-Za-z0-9._-]{0,127})?$';
/** An image's digest or nothing. */
export const IMAGE_DIGEST = '^(sha256:[0-9a-f]{64})?$';

/** A Prometheus job label or nothing: no character that would end the quotes around it. */
export const JOB_OR_EMPTY = '^[A-Za-z0-9_./-]*$';

/** Text of a Corefile: no control characters but tab and newline, so that what is written is what is read. */
export const COREFILE = '^[^\\x00-\\x08\\x0b-\\x1f\\x7f]*$';

const QUOTABLE = '[^"\\\\\\x00-\\x1f\\x7f]';

/** What may stand between quotes in a Corefile: there a backslash before the last quote would take it away. */
export const QUOTED = `^([^"\\x00-\\x1f\\x7f]{0,999}${QUOTABLE})$`;

/** A line of the query log, or nothing. CoreDNS knows a format by its braces. @source coredns plugin/log/setup.go */
export const LOG_FORMAT = `^(${QUOTABLE}*\\{${QUOTABLE}*)?$`;

/** Labels that every object has anyway; `false` refuses the key, with its path in the message. */
const TAKEN = [
  'k8s-app',
  'helm.sh/chart',
  ...['name', 'instance', 'version', 'managed-by'].map((key) => `app.kubernetes.io/${key}`),
];

/** Labels, of an object or to look for. A schema fragment, as those below. */
export const LABELS = {
  propertyNames: { type: 'string', pattern: LABEL_KEY, maxLength: LABEL_KEY_MAX },
  additionalProperties: { type: 'string', pattern: LABEL_VALUE },
};

/** Labels a user may choose. */
export const OWN_LABELS = { properties: Object.fromEntries(TAKEN.map((label) => [label, false])), ...LABELS };

/** Annotations of an object. */
export const ANNOTATIONS = {
  propertyNames: { type: 'string', pattern: ANNOTATION_KEY, maxLength: LABEL_KEY_MAX },
  additionalProperties: { type: 'string' },
};

/** Amounts by resource: cpu, memory. */
export const QUANTITIES = {
  propertyNames: { type: 'string', pattern: LABEL_KEY, maxLength: LABEL_KEY_MAX },
  additionalProperties: { type: 'string', pattern: QUANTITY },
};

/** A label `severity` of an alert. */
export const SEVERITY = '^[A-Za-z][A-Za-z0-9_.-]{0,62}$';

/** How names of nodes begin. */
export const NODE_PREFIX = '^[a-z0-9][a-z0-9.-]{0,62}$';

/** An address of pages, without the final slash; or nothing. */
export const URL_OR_EMPTY = '^(https?://[A-Za-z0-9._~:/?#@&=%+-]*[A-Za-z0-9._~?#@&=%+-])?$';

/** Path of an HTTP target: no character that would end the quotes around it. */
export const HTTP_PATH = '^/[A-Za-z0-9._~/-]*$';
