/** Who we are; plugins say it, too. */
export { AGENT_NAME, AGENT_VERSION } from '../observe/version';
