/**
 * Before any test: the bundle that end-to-end tests start is the code as it stands, and what tests write to the folder for
 * temporary files (cdk8s does for each app) goes to one of the run's own, which after-all.js removes.
 */
const { execFileSync } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = () => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(__dirname, '../..'), stdio: 'inherit' });
  process.env.TMPDIR = mkdtempSync(path.join(os.tmpdir(), 'nodelocaldns-tests-'));
};
