/** Values that do not fit their schema, refused before anything is made of them. */
import { misfits } from './helm/check';
import { isExpression } from './helm/token';
import * as patterns from './patterns';
import { DECLARATION, type Values } from './values';

/** What the patterns want, in words. */
const WORDS: Readonly<Record<string, string>> = {
  [patterns.IP]: 'an IPv4 or IPv6 address',
  [patterns.UPSTREAM]: 'address, address:port, [IPv6]:port, tls://address, or the path of a resolv.conf file',
  [patterns.DOMAIN]: 'a DNS name in lower case without a final dot',
  [patterns.DOMAIN_OR_EMPTY]: 'a DNS name in lower case without a final dot, or nothing',
  [patterns.DOMAIN_OR_ROOT]: 'a DNS name in lower case without a final dot, or a dot for all names',
  [patterns.OBJECT_NAME]: 'a name of Kubernetes: letters a-z, digits and dashes, at most 63, a letter first',
  [patterns.OWN_NAME]: 'a name of Kubernetes: letters a-z, digits and dashes, at most 50, a letter first',
  [patterns.OBJECT_NAME_OR_EMPTY]: 'a name of Kubernetes (letters a-z, digits and dashes), or nothing',
  [patterns.NAMESPACE_OR_EMPTY]: 'a namespace (letters a-z, digits and dashes), or nothing',
  [patterns.SUBDOMAIN]: 'a name of Kubernetes: letters a-z, digits, dashes and dots',
  [patterns.SUBDOMAIN_OR_EMPTY]: 'a name of Kubernetes (letters a-z, digits, dashes and dots), or nothing',
  [patterns.LABEL_NAME]: 'a namespace: letters a-z, digits and dashes, at most 63',
  [patterns.PORT_NAME]:
    'a name of a port: letters a-z, digits and single dashes between them, at most 15, one letter or more',
  [patterns.POOL_NAME]: 'letters a-z, digits and dashes, at most 31, no dash first or last',
  [patterns.LABEL_KEY]:
    'a key as labels have: name or domain/name, at most 63 letters, digits, dots, dashes and underscores',
  [patterns.ANNOTATION_KEY]:
    'a key as annotations have: name or domain/name, at most 63 letters, digits, dots, dashes and underscores',
  [patterns.LABEL_VALUE]: 'a value of a label: at most 63 letters, digits, dots, dashes and underscores, or nothing',
  [patterns.SAMPLE_LABEL]: 'a label of Prometheus: letters, digits and underscores, no digit first',
  [patterns.QUANTITY]: 'an amount of Kubernetes, such as 100m or 64Mi',
  [patterns.INTERFACE]: 'a name of a link: at most 15 letters, digits, dots, dashes or underscores',
  [patterns.DURATION_OR_EMPTY]: 'a duration with its unit, such as 30s, 5m or 1m30s, or nothing',
  [patterns.GO_DURATION_OR_EMPTY]: 'a duration with its unit, such as 30s or 5m, or nothing',
  [patterns.IMAGE_REGISTRY]: 'host or host:port of a registry, or nothing',
  [patterns.IMAGE_REPOSITORY]: 'a repository in lower case, without registry and tag',
  [patterns.IMAGE_TAG]: 'a tag, or nothing',
  [patterns.IMAGE_DIGEST]: 'sha256: and 64 hexadecimal digits, or nothing',
  [patterns.JOB_OR_EMPTY]: 'a job label without quotes and blanks, or nothing',
  [patterns.SEVERITY]: 'a severity: letters, digits, dots, dashes and underscores, a letter first',
  [patterns.NODE_PREFIX]: 'how names of nodes begin: letters a-z, digits, dots and dashes',
  [patterns.URL_OR_EMPTY]: 'https://… or http://…, without the final slash, or nothing',
  [patterns.HTTP_PATH]: 'a path, from its first slash on',
  [patterns.COREFILE]: 'text of a Corefile: tabs and line feeds, but no carriage returns and other control characters',
  [patterns.QUOTED]: 'a regular expression on one line without double quotes',
  [patterns.LOG_FORMAT]: 'one line without double quotes, with a word in braces such as {name}, or nothing',
};

/**
 * Refuse them, all at once.
 * @param values after defaults; expressions are not looked at, because Helm checks its values itself
 * @throws RangeError with a line for each
 */
export function refuseMisfits(values: Values): void {
  if (isExpression(values.clusterDomain)) return;
  const lines = misfits(DECLARATION.schema, values, WORDS);
  if (lines.length > 0)
    throw new RangeError(`These values do not fit:\n${lines.map((line) => `- ${line}`).join('\n')}`);
}
