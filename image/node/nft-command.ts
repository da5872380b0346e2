/** One transaction by `nft`. */
import type { RunCommand } from './command';
import { commandError } from './command-error';
import type { FirewallError } from './firewall';

/** What nft says of a table or chain that is not there. */
export const IS_GONE = /No such file or directory/;

/**
 * The text is an argument: `nft -f -` of 0.9.8 (Debian 11) opens /dev/stdin, and what Node gives a child to read from is a
 * socket, which cannot be opened. Linux takes 128 KiB in one argument; ours stay below half of it.
 * @param text commands, a line each
 * @returns null when all of them were carried out; else none was
 */
export async function runNft(run: RunCommand, text: string): Promise<FirewallError | null> {
  const result = await run('nft', [text]);
  return result.code === 0 ? null : commandError(`nft '${text.split('\n', 1)[0]} …'`, result);
}
