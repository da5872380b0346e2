/** Before any test: the bundle that end-to-end tests start is the code as it stands. */
const { execFileSync } = require('node:child_process');
const path = require('node:path');

module.exports = () => {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: path.join(__dirname, '../..'), stdio: 'inherit' });
};
