/** Corefile in, plan out: the one way from text to what the workers run. */
import { readFileSync } from 'node:fs';
import { DIRECTIVES, type Directive } from '../chain/order';
import { CONFIG_FILE_BYTES_MAX } from '../limits';
import type { BindOptions } from '../plugin/bind/setup';
import { SETUPS } from '../plugin/setups';
import { parseKey, type ZoneAddress } from './address';
import { Controller } from './controller';
import type { Environment } from './environment';
import { CorefileError, text } from './errors';
import { readConfigFile } from './imports';
import type { Token } from './lexer';
import { listenersOf } from './listeners';
import { parseCorefile, type ServerBlock } from './parser';
import type { Plan, PluginPlan } from './plan';

/** Where a Corefile comes from. */
export interface CorefileSource {
  /** The file's name as the user gave it; part of every message. */
  readonly file: string;
  /** Port of zones that name none: the -dns.port flag. */
  readonly dnsPort: number;
  readonly environment: Environment;
}

/** A block on its way from tokens to options. */
interface BlockDraft {
  readonly source: ServerBlock;
  readonly addresses: readonly ZoneAddress[];
  readonly plugins: PluginPlan[];
  hosts: readonly string[];
}

const DIRECTIVE_NAMES: ReadonlySet<string> = new Set(DIRECTIVES.map(({ name }) => name));

function keysOf(source: ServerBlock, dnsPort: number): ZoneAddress[] {
  return source.keys.flatMap((key) => {
    let addresses: ZoneAddress[];
    try {
      addresses = parseKey(key.text, dnsPort);
    } catch (error) {
      throw error instanceof CorefileError ? new CorefileError(text.inKeys(error.message), key) : error;
    }
    const { transport } = addresses[0];
    if (transport === 'dns') return addresses;
    throw new CorefileError(text.during(key.file, key.line, text.transportPlain(key.text, transport)));
  });
}

function runSetup({ name }: Directive, tokens: readonly Token[], block: BlockDraft, source: CorefileSource): void {
  const context = {
    zones: block.addresses.map(({ zone }) => zone),
    port: Number(block.addresses[0].port),
    addresses: block.hosts,
  };
  const controller = new Controller(source.file, name, tokens, context, source.environment);
  try {
    const options = SETUPS[name as keyof typeof SETUPS](controller);
    block.plugins.push({ name, options });
    if (name === 'bind') block.hosts = (options as BindOptions).addresses;
  } catch (error) {
    throw error instanceof CorefileError ? new CorefileError(text.inPlugin(name, error.message), tokens[0]) : error;
  }
}

function setUp(directive: Directive, block: BlockDraft, source: CorefileSource): void {
  const tokens = block.source.directives.get(directive.name);
  if (tokens === undefined) return;
  if (directive.state === 'foreign') throw new CorefileError(text.noAction(directive.name), tokens[0]);
  runSetup(directive, tokens, block, source);
}

/** What a file without any server block means. @source coredns core/dnsserver/register.go DefaultInput */
function defaultCorefile(dnsPort: number): string {
  return `.:${dnsPort} {\n whoami\n log\n}\n`;
}

/**
 * Check a Corefile and turn it into plain data.
 * @param content the Corefile's text, placeholders already replaced
 * @returns the plan, safe for structured clone
 * @throws CorefileError, for positionedText to say; nothing else is thrown for anything in the text
 * @source coredns/caddy caddy.go ValidateAndExecuteDirectives: directives in their order, each through all blocks,
 *   which decides the message of a file with several mistakes
 */
export function loadPlan(content: string, source: CorefileSource): Plan {
  const { file, dnsPort, environment } = source;
  if (content.length > CONFIG_FILE_BYTES_MAX) {
    throw new CorefileError(text.fileTooLong(file, content.length, CONFIG_FILE_BYTES_MAX));
  }
  const parse = (words: string) => parseCorefile(words, file, environment, (name) => DIRECTIVE_NAMES.has(name));
  const written = parse(content);
  const parsed = written.length === 0 ? parse(defaultCorefile(dnsPort)) : written;
  const blocks = parsed.map((block): BlockDraft => {
    return { source: block, addresses: keysOf(block, dnsPort), plugins: [], hosts: [''] };
  });
  for (const directive of DIRECTIVES) for (const block of blocks) setUp(directive, block, source);
  return {
    listeners: listenersOf(
      blocks.map(({ source, addresses, hosts }) => ({ addresses, hosts, position: source.keys[0] })),
    ),
    blocks: blocks.map(({ source: { keys }, addresses, plugins }) => ({
      zones: addresses.map(({ zone }) => zone),
      file: keys[0].file,
      line: keys[0].line,
      plugins,
    })),
  };
}

/** The text of the Corefile at `path`; `stdin` is standard input. @throws CorefileError as CoreDNS's -conf flag */
export function readCorefile(path: string, environment: Environment): string {
  if (path === 'stdin') return readFileSync(0, 'utf8');
  try {
    return readConfigFile(path, environment);
  } catch (error) {
    throw error instanceof CorefileError ? new CorefileError(text.cannotOpen(error.message)) : error;
  }
}

/** {@link readCorefile} and {@link loadPlan} in one: `source.file` is the path. */
export function loadCorefile(source: CorefileSource): Plan {
  return loadPlan(readCorefile(source.file, source.environment), source);
}
