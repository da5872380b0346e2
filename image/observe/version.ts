/** Who we are, from the package that is built. */
import { version } from '../package.json';

/** Name in banner and -version. */
export const AGENT_NAME = 'nodelocaldns';

/** Version of image/package.json; the bundle carries it. */
export const AGENT_VERSION: string = version;
