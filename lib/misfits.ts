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
  [patterns.PORT_NAME]: 'a name of a port: letters a-z, digits and dashes, at most 15, a letter first',
  [patterns.INTERFACE]: 'a name of a link: at most 15 letters, digits, dots, dashes or underscores',
  [patterns.DURATION_OR_EMPTY]: 'a duration with its unit, such as 30s or 5m, or nothing',
  [patterns.IMAGE_REGISTRY]: 'host or host:port of a registry, or nothing',
  [patterns.IMAGE_REPOSITORY]: 'a repository in lower case, without registry and tag',
  [patterns.IMAGE_TAG]: 'a tag, or nothing',
  [patterns.IMAGE_DIGEST]: 'sha256: and 64 hexadecimal digits, or nothing',
  [patterns.JOB_OR_EMPTY]: 'a job label without quotes and blanks, or nothing',
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
