#!/usr/bin/env node
// Asks for the version of Node before anything is loaded that an old one cannot even read: this file is plain for that.
const wanted = [22, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  console.error(
    `launchpad-provision needs Node ${wanted.join('.')} or later, and this is Node ${process.versions.node}.`,
  );
  process.exit(2);
}
import('../dist/cli/index.js').catch((error) => {
  console.error(`launchpad-provision could not be started: ${error.message}`);
  process.exitCode = 1;
});
