/** After all tests: nothing of theirs is left in the folder for temporary files. */
const { rmSync } = require('node:fs');

module.exports = () => {
  rmSync(process.env.TMPDIR, { recursive: true, force: true, maxRetries: 3 });
};
