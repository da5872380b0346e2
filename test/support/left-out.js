/** Jest reporter: one line for each group of tests that this machine could not run, and how to enable it. */
const { NEEDS } = require('./needs.js');

module.exports = class LeftOut {
  onRunComplete() {
    for (const need of Object.values(NEEDS)) {
      if (!need.present()) process.stderr.write(`left out: ${need.what}; to enable: ${need.enable}\n`);
    }
  }
};
