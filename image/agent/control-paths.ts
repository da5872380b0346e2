/** Where the control socket is: the process tries these places in order, and the commands look there in the same order. */
import { dirname, join } from 'node:path';
import { CONTROL_NAMES_MAX } from '../limits';

const NAME = 'nodelocaldns';

/** Directory of -conf when nobody says otherwise. @source kubernetes addons: `-conf /etc/Corefile` */
const CONF_DIRECTORY = '/etc';

/**
 * Directories in order, each with its names in order: the second and later ones are for instances that overlap.
 * @param chosen the flag -control; then it is the only one
 * @param conf the flag -conf, '' when it was not given
 */
export function controlPaths(chosen: string, conf: string): string[][] {
  if (chosen !== '') return [[chosen]];
  const directories = ['/run', '/tmp', conf === '' || conf === 'stdin' ? CONF_DIRECTORY : dirname(conf)];
  return [...new Set(directories)].map((directory) =>
    Array.from({ length: CONTROL_NAMES_MAX }, (_, index) =>
      join(directory, index === 0 ? `${NAME}.sock` : `${NAME}-${index + 1}.sock`),
    ),
  );
}
