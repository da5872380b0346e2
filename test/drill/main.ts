/**
 * `npm run drill [-- FAULT…] [--all] [--program FILE]`
 *
 * Outages of a node's DNS, measured by its clients, as a table on standard output. Root only. Without a name all faults run
 * on the node that CI has; with --all on every kind of node and with either back-end. --program drills another program with
 * the flags of k8s-dns-node-cache, to compare with.
 */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ADDRESSES, type CacheOptions } from './cache';
import { FAULTS, type FaultName } from './faults';
import type { Flavour } from './kube-proxy';
import { OUTAGE_TITLES, type Outage, outageRow, tableText } from './outage';
import { drillOutage } from './outage-drill';
import { allStreams, Stage } from './stage';

/** A kind of node: how kube-proxy writes its rules, and how we write ours. */
interface NodeKind {
  readonly flavour: Flavour;
  readonly firewall: 'nft' | 'iptables';
}

const USUAL: NodeKind = { flavour: 'nft', firewall: 'nft' };
const KINDS: readonly NodeKind[] = [
  USUAL,
  { flavour: 'nft', firewall: 'iptables' },
  { flavour: 'legacy', firewall: 'nft' },
  { flavour: 'legacy', firewall: 'iptables' },
  { flavour: 'native', firewall: 'nft' },
];

/** Rows: UDP and TCP apart, since a client that keeps a connection has more to lose. */
function rows(fault: string, node: string, outages: readonly Outage[]): string[][] {
  return (['pod', 'node'] as const).flatMap((place) =>
    [false, true].map((overTcp) => {
      const some = outages.filter(({ stream }) => stream.place === place && stream.way.startsWith('tcp') === overTcp);
      return outageRow(fault, node, `${place === 'pod' ? 'pod' : 'host'}, ${overTcp ? 'TCP' : 'UDP'}`, some);
    }),
  );
}

/** Another program may need a dummy device, which not every kernel has, and know one family of addresses only. */
function other(stage: Stage, program: string): CacheOptions {
  const addresses = ADDRESSES.filter((address) => !address.includes(':'));
  const { node } = stage.network.places;
  node.sh('ip link add nodelocaldns type ifb && ip link set nodelocaldns up');
  for (const address of addresses) node.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'nodelocaldns');
  return { program, addresses, flags: ['-setupinterface=false'] };
}

async function drill(
  fault: FaultName,
  { flavour, firewall }: NodeKind,
  program: string | undefined,
): Promise<string[][]> {
  const name = FAULTS[fault].name;
  const node = program === undefined ? `${flavour}, ours ${firewall}` : flavour;
  process.stderr.write(`${name} on ${node}\n`);
  const stage = await Stage.open(flavour);
  try {
    const options: CacheOptions = program === undefined ? { firewall } : other(stage, program);
    const streams = allStreams(options.addresses);
    return rows(name, node, await drillOutage({ stage, fault, options, streams }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return [[name, node, 'failed', '', '', '', '']];
  } finally {
    await stage.close();
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false }, program: { type: 'string' } },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(FAULTS, name));
  if (unknown !== undefined) throw new Error(`no fault '${unknown}', want some of ${Object.keys(FAULTS).join(', ')}`);
  const faults = (Object.keys(FAULTS) as FaultName[]).filter(
    (name) => positionals.length === 0 || positionals.includes(name),
  );
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(__dirname, '../..'), stdio: ['ignore', 2, 2] });
  const table: string[][] = [];
  for (const kind of values.all ? KINDS : [USUAL])
    for (const fault of faults) table.push(...(await drill(fault, kind, values.program)));
  const [core] = os.cpus();
  process.stdout.write(
    `Linux ${os.release()}, ${os.cpus().length} × ${core.model.trim()}, Node ${process.versions.node}; `,
  );
  process.stdout.write(`a question every 5 ms from each client, 200 ms of patience; the worst client of each line\n\n`);
  process.stdout.write(tableText(OUTAGE_TITLES, table));
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
