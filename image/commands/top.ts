/** `top`: who asks what, and how it is answered, while it happens. Samples are taken only while somebody looks. */
import type { TopFrame } from '../agent/top-report';
import { type ControlClient, findControl, UnreachableError } from './client';
import { CONTROL_FLAGS, type Command, type CommandLine, type CommandWorld, EXIT_OK, UsageError } from './command';
import { compact, duration, percent } from './numbers';
import { colorDepth, Paint } from './paint';
import { topScreen } from './top-view';

const EXIT_UNREACHABLE = 1;
/** Seconds that graphs go back: as many as the widest terminal has columns. */
const FRAMES_MAX = 500;
/** Seconds that --once looks, so that rare things are seen, too. */
const ONCE_SECONDS = '2';
const PLAIN_COLUMNS = 100;
const PLAIN_ROWS = 40;

/** Control sequences: another screen without cursor, and back; home; to the end of line and screen. */
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Keys that end it: q, escape, Ctrl-C, Ctrl-D. */
const QUIT = new Set(['q', 'Q', '\x1b', '\x03', '\x04']);

/** The command. */
export const TOP: Command = {
  name: 'top',
  synopsis: '',
  summary: 'Shows queries per second, hits, times, upstreams, and the busiest names, types and clients, live.',
  flags: {
    once: { kind: 'bool', default: 'false', usage: 'Look for -seconds, print one screen and end.' },
    plain: { kind: 'bool', default: 'false', usage: 'Print a line per second instead of a screen.' },
    json: { kind: 'bool', default: 'false', usage: 'Print a JSON document per second, with stable names.' },
    seconds: {
      kind: 'string',
      default: '',
      usage: `End after so many; with -once ${ONCE_SECONDS} when nothing is said.`,
    },
    ...CONTROL_FLAGS,
  },
  notes: ['Without a terminal it prints lines, as with -plain. Exit codes: 0, 1 no cache can be reached, 2 usage.'],
  run,
};

async function run(line: CommandLine, world: CommandWorld): Promise<number> {
  if (line.words.length > 0) throw new UsageError(`top takes no word: ${line.words.join(' ')}`);
  const isOn = (name: string): boolean => line.values.get(name) === 'true';
  const seconds = line.values.get('seconds') || (isOn('once') ? ONCE_SECONDS : '0');
  if (!/^\d{1,6}$/.test(seconds)) throw new UsageError('-seconds wants a whole number');
  try {
    const control = await findControl(line);
    const target = `/top?seconds=${seconds}`;
    if (isOn('json')) await control.lines<TopFrame>(target, (frame) => written(world, `${JSON.stringify(frame)}\n`));
    else if (isOn('once')) await once(control, target, world);
    else if (isOn('plain') || !world.isTerminal)
      await control.lines<TopFrame>(target, (frame) => written(world, plainLine(frame)));
    else await live(control, target, world);
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    world.complain(`${error.message}\n`);
    return EXIT_UNREACHABLE;
  }
}

function written(world: CommandWorld, text: string): boolean {
  world.write(text);
  return true;
}

function plainLine({ at, queriesPerSecond, hitRatio, paths, names }: TopFrame): string {
  const times = paths.map(({ path, p50Us, p99Us }) => `${path} ${duration(p50Us)} to ${duration(p99Us)}`);
  const busiest = names.slice(0, 3).map(({ key, perSecond }) => `${key} ${compact(perSecond)}`);
  const parts = [`${compact(queriesPerSecond)} q/s`, `${percent(hitRatio)} hits`, ...times, ...busiest];
  return `${at.slice(11, 19)}  ${parts.join(', ')}\n`;
}

async function once(control: ControlClient, target: string, world: CommandWorld): Promise<void> {
  const frames: TopFrame[] = [];
  await control.lines<TopFrame>(target, (frame) => frames.push(frame) > 0);
  if (frames.length === 0)
    throw new UnreachableError('the cache ended the connection before the first second was over');
  const size = world.isTerminal ? world.size() : { columns: PLAIN_COLUMNS, rows: PLAIN_ROWS };
  const screen = topScreen(frames, size, new Paint(colorDepth(world.isTerminal, world.environment)));
  world.write(`${screen.join('\n')}\n`);
}

/** On a screen of its own, until a key ends it, the time is over, or the cache is. */
async function live(control: ControlClient, target: string, world: CommandWorld): Promise<void> {
  const paint = new Paint(colorDepth(true, world.environment));
  const frames: TopFrame[] = [];
  const draw = (): void => {
    const lines =
      frames.length === 0 ? ['the first second is being looked at …'] : topScreen(frames, world.size(), paint);
    world.write(HOME + lines.map((text) => text + CLEAR_LINE).join('\r\n') + CLEAR_BELOW);
  };
  let end = (): void => {};
  let isOver = false;
  const endKeys = world.keys((key) => {
    isOver ||= QUIT.has(key);
    if (isOver) end();
    else draw();
  });
  world.write(ENTER);
  draw();
  try {
    const take = (frame: TopFrame): boolean => {
      frames.push(frame);
      if (frames.length > FRAMES_MAX) frames.shift();
      draw();
      return !isOver;
    };
    await control.lines<TopFrame>(target, take, (close) => {
      end = close;
      if (isOver) close();
    });
  } finally {
    world.write(LEAVE);
    endKeys();
  }
}
